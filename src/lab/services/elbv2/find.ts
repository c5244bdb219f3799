/** Finding what a call names, with Elastic Load Balancing's errors where it isn't there. */
import { AwsError } from '../../wire/handler.ts';
import { elbv2State } from '../../world/elbv2.ts';
import type { LoadBalancer, TargetGroup } from '../../world/elbv2.ts';
import type { Scope, World } from '../../world.ts';

export const balancerNotFound = (name: string): AwsError =>
  new AwsError('LoadBalancerNotFound', `Load balancer '${name}' not found`);

export const validation = (message: string): AwsError => new AwsError('ValidationError', message);

export function requireBalancer(world: World, scope: Scope, arn: string | undefined): LoadBalancer {
  const balancer = elbv2State(world, scope).loadBalancers[arn ?? ''];
  if (balancer === undefined) throw balancerNotFound(arn ?? '');
  return balancer;
}

export function requireTargetGroup(world: World, scope: Scope, arn: string | undefined): TargetGroup {
  const group = elbv2State(world, scope).targetGroups[arn ?? ''];
  if (group === undefined) throw new AwsError('TargetGroupNotFound', `Target group '${arn}' not found`);
  return group;
}

/** By ARN or by name, not both; all must exist. Without either, all of the region. */
export function choose<T extends { arn: string; name: string }>(
  all: readonly T[],
  arns: readonly string[] | undefined,
  names: readonly string[] | undefined,
  notFound: (name: string) => AwsError,
): T[] {
  if (arns !== undefined && names !== undefined)
    throw validation('ARNs and names cannot be specified at the same time');
  const wanted = arns ?? names;
  if (wanted === undefined) return [...all];
  return wanted.map((key) => {
    const found = all.find(({ arn, name }) => (arns === undefined ? name : arn) === key);
    if (found === undefined) throw notFound(key);
    return found;
  });
}
