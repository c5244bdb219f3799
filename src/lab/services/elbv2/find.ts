/** Looks load balancers, target groups and listeners up, with AWS's own errors for what isn't there. */
import { AwsError } from '../../wire/handler.ts';
import { elbv2State } from '../../world/elbv2.ts';
import type { Listener, LoadBalancer, TargetGroup } from '../../world/elbv2.ts';
import type { Scope, World } from '../../world.ts';

export function requireTargetGroup(world: World, scope: Scope, arn: string | undefined): TargetGroup {
  const group = elbv2State(world, scope).targetGroups[arn ?? ''];
  if (group) return group;
  throw new AwsError('TargetGroupNotFound', 'One or more target groups not found');
}

export function requireLoadBalancer(world: World, scope: Scope, arn: string | undefined): LoadBalancer {
  const balancer = elbv2State(world, scope).loadBalancers[arn ?? ''];
  if (balancer) return balancer;
  throw new AwsError('LoadBalancerNotFound', 'One or more load balancers not found');
}

export function requireListener(world: World, scope: Scope, arn: string): Listener {
  const listener = elbv2State(world, scope).listeners[arn];
  if (listener) return listener;
  throw new AwsError('ListenerNotFound', 'One or more listeners not found');
}

/**
 * Those that were asked for by ARN or by name, or all.
 * @throws AwsError `code` when one of them isn't there
 */
export function chosen<T extends { arn: string; name: string }>(
  all: Readonly<Record<string, T>>,
  { arns, names }: { arns?: readonly string[]; names?: readonly string[] },
  missing: { code: string; message: string },
): T[] {
  const list = Object.values(all);
  if (!arns?.length && !names?.length) return list.sort((a, b) => a.name.localeCompare(b.name));
  const wanted = [
    ...(arns ?? []).map((arn) => all[arn]),
    ...(names ?? []).map((name) => list.find((one) => one.name === name)),
  ];
  return wanted.map((one) => {
    if (one) return one;
    throw new AwsError(missing.code, missing.message);
  });
}
