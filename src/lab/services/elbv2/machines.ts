/** What load balancers' timers do: hand the newest list of targets to the balancer's machine, and forget what has drained. */
import { ec2State } from '../../world/ec2.ts';
import { applyBalancer, elbv2State, listenersOf } from '../../world/elbv2.ts';
import type { LoadBalancer, TargetGroup } from '../../world/elbv2.ts';
import { textArg } from '../../world.ts';
import type { Scope, World } from '../../world.ts';

export function registerBalancerTimers(world: World): void {
  world.onTimer('elbv2.apply', async (w, scope, args) => {
    const balancer = elbv2State(w, scope).loadBalancers[textArg(args, 'loadBalancer')];
    if (balancer) await apply(w, scope, balancer);
  });
  world.onTimer('elbv2.drained', (w, scope, args) => {
    const group = elbv2State(w, scope).targetGroups[textArg(args, 'targetGroup')];
    const instanceId = textArg(args, 'instanceId');
    if (!group) return;
    const since = Number(args['registeredAtMs']);
    group.targets = group.targets.filter(
      (target) => target.instanceId !== instanceId || target.state !== 'draining' || target.registeredAtMs !== since,
    );
    applyBalancer(w, scope, group.arn);
  });
}

async function apply(world: World, scope: Scope, balancer: LoadBalancer): Promise<void> {
  const state = elbv2State(world, scope);
  const [listener] = listenersOf(state, balancer.arn);
  const group = listener && state.targetGroups[listener.targetGroupArn];
  if (!listener || !group) return;
  const { health } = group;
  await world.machines.setBalancer({
    id: balancer.machine,
    nodes: balancer.nodes.map(({ zone, address }) => ({ zone, address })),
    port: listener.port,
    targets: targetsOf(world, scope, group),
    health: {
      path: health.path,
      intervalMs: world.duration(health.intervalSeconds * 1_000),
      timeoutMs: world.duration(health.timeoutSeconds * 1_000),
      healthyCount: health.healthyCount,
      unhealthyCount: health.unhealthyCount,
    },
  });
}

/** Draining targets get no new requests. */
function targetsOf(world: World, scope: Scope, group: TargetGroup): { id: string; address: string; port: number }[] {
  const { instances } = ec2State(world, scope);
  return group.targets.flatMap(({ instanceId, port, state }) => {
    const instance = instances[instanceId];
    return instance && state === 'registered' ? [{ id: instanceId, address: instance.address, port }] : [];
  });
}
