/** Health of load balancers' targets, as balancers, metrics, Auto Scaling and alias records see it. */
import { cutSubnetsOf } from './network.ts';
import { ec2State } from './ec2.ts';
import { balancerOf, elbv2State, listenersOf } from './elbv2.ts';
import type { LoadBalancer, Target, TargetGroup } from './elbv2.ts';
import { sameBalancer } from './provider-names.ts';
import type { Scope, World } from '../world.ts';

export interface TargetView {
  target: Target;
  zone: string;
  state: 'initial' | 'healthy' | 'unhealthy' | 'draining' | 'unused';
  /** Why the balancer's machine says so: `timeout`, `refused`, `status 503`. */
  why?: string;
}

export function targetViews(world: World, scope: Scope, group: TargetGroup): TargetView[] {
  const balancer = balancerOf(elbv2State(world, scope), group.arn);
  const seen = new Map(
    (balancer === undefined ? [] : world.machines.targetHealth(balancer.machine)).map((health) => [health.id, health]),
  );
  const { instances, subnets } = ec2State(world, scope);
  return group.targets.map((target): TargetView => {
    const instance = instances[target.instanceId];
    const zone = subnets[instance?.subnetId ?? '']?.zone ?? '';
    if (target.state === 'draining') return { target, zone, state: 'draining' };
    // A stopped or ended instance isn't checked any more.
    if (balancer === undefined || instance === undefined || !['running', 'pending'].includes(instance.state))
      return { target, zone, state: 'unused' };
    const health = seen.get(target.instanceId);
    if (health === undefined || health.state === 'unknown') return { target, zone, state: 'initial' };
    return { target, zone, state: health.state, ...(health.why === undefined ? {} : { why: health.why }) };
  });
}

/** Target groups that a balancer sends to. */
export const groupsOf = (world: World, scope: Scope, balancer: LoadBalancer): TargetGroup[] => {
  const state = elbv2State(world, scope);
  const arns = new Set(listenersOf(state, balancer.arn).map(({ targetGroupArn }) => targetGroupArn));
  return [...arns].flatMap((arn) => state.targetGroups[arn] ?? []);
};

/** Whether a balancer's name leads to a healthy target; undefined when the name is no balancer's. */
export function targetIsHealthy(world: World, name: string): boolean | undefined {
  for (const scope of elbv2State.scopes(world)) {
    const balancer = Object.values(elbv2State(world, scope).loadBalancers).find(({ dnsName }) =>
      sameBalancer(dnsName, name),
    );
    if (balancer === undefined) continue;
    const reachable = balancer.nodes.some((node) => node.answers);
    const healthy = groupsOf(world, scope, balancer).some((group) =>
      targetViews(world, scope, group).some(({ state }) => state === 'healthy'),
    );
    return reachable && healthy;
  }
  return undefined;
}

/** Takes nodes in cut subnets out of the balancer's name, and back in. */
export function updateNodes(world: World, scope: Scope): void {
  const cut = new Set(cutSubnetsOf(ec2State(world, scope)));
  for (const balancer of Object.values(elbv2State(world, scope).loadBalancers))
    for (const node of balancer.nodes) node.answers = !cut.has(node.subnetId);
}
