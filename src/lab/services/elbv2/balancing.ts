/** What load balancers do in time: take over targets, forget drained ones, leave and re-enter their own name. */
import { ec2State } from '../../world/ec2.ts';
import { elbv2State, listenersOf } from '../../world/elbv2.ts';
import { updateNodes } from '../../world/target-health.ts';
import { textArg } from '../../world.ts';
import type { Scope, World } from '../../world.ts';

/** How often a balancer's name is brought up to date with its nodes, on AWS, milliseconds. */
const nodesMs = 10_000;
/** On few cores a health check may take long without anything being wrong. */
const shortestIntervalMs = 250;
const shortestTimeoutMs = 500;

export function registerBalancing(world: World): void {
  world.onTimer('elbv2.apply', (w, scope, args) => applyTargets(w, scope, textArg(args, 'loadBalancer')));

  world.onTimer('elbv2.drained', (w, scope, { instanceId, port, registeredAtMs, ...args }) => {
    const group = elbv2State(w, scope).targetGroups[textArg(args, 'targetGroup')];
    if (group === undefined) return;
    // The same instance may have been registered anew meanwhile.
    group.targets = group.targets.filter(
      (target) =>
        target.state !== 'draining' ||
        target.instanceId !== instanceId ||
        target.port !== port ||
        target.registeredAtMs !== registeredAtMs,
    );
  });

  world.onTimer('elbv2.nodes', (w, scope) => {
    for (const each of elbv2State.scopes(w)) updateNodes(w, each);
    w.after(w.duration(nodesMs), 'elbv2.nodes', scope);
  });
  world.ensureTimer('elbv2.nodes');
}

async function applyTargets(world: World, scope: Scope, loadBalancer: string): Promise<void> {
  const state = elbv2State(world, scope);
  const balancer = state.loadBalancers[loadBalancer];
  const listener = listenersOf(state, loadBalancer)[0];
  const group = state.targetGroups[listener?.targetGroupArn ?? ''];
  if (balancer === undefined || listener === undefined || group === undefined) return;
  const { instances } = ec2State(world, scope);
  const { path, intervalSeconds, timeoutSeconds, healthyCount, unhealthyCount } = group.health;
  await world.machines.setBalancer({
    id: balancer.machine,
    nodes: balancer.nodes.map(({ zone, address }) => ({ zone, address })),
    port: listener.port,
    targets: group.targets
      .filter(({ state }) => state === 'registered')
      .flatMap(({ instanceId, port }) => {
        const instance = instances[instanceId];
        return instance === undefined ? [] : [{ id: instanceId, address: instance.address, port }];
      }),
    health: {
      path,
      intervalMs: Math.max(shortestIntervalMs, world.duration(intervalSeconds * 1_000)),
      timeoutMs: Math.max(shortestTimeoutMs, world.duration(timeoutSeconds * 1_000)),
      healthyCount,
      unhealthyCount,
    },
  });
}
