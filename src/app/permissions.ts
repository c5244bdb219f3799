/**
 * Everything that a planned drill must be allowed, as whom: what its steps call, what resolving its targets reads, and what
 * the funnel asks STS. Tests hold it against the calls that are really made. Policies are made of it in policy.ts. Pure.
 */
import { roleArn } from '../aws/sessions.ts';
import type { Permission, Plan } from '../domain/plan.ts';
import { targetTypes } from '../plan/targets/index.ts';
import type { TargetType } from '../plan/targets/target.ts';

const types: ReadonlyMap<string, TargetType> = new Map(targetTypes.map((type) => [type.spec.type, type]));

/** What must be allowed in the locations of a plan, each action possibly several times. */
export function permissionsOf(plan: Plan): Permission[] {
  const needed = [
    ...Object.values(plan.targets).flatMap((target): Permission[] => {
      const type = types.get(target.type);
      const arns = type?.readsItself ? target.items.flatMap(({ arn }) => arn ?? []) : [];
      const resources = arns.length > 0 ? arns : ['*'];
      return (type?.reads ?? []).map((action) => ({ action, resources, location: target.location }));
    }),
    ...pivotsOf(plan).map((location) => ({ action: 'cloudwatch:GetMetricStatistics', resources: ['*'], location })),
    ...plan.previews.flatMap(({ permissions }) => permissions),
  ];
  const locations = [...new Set(needed.map(({ location }) => location))];
  // AWS lets everybody ask this, but a policy that is held against CloudTrail should have it.
  const asks = locations.map((location) => ({ action: 'sts:GetCallerIdentity', resources: ['*'], location }));
  return [...asks, ...needed];
}

/** Locations of the replicas that are promoted: their lag over the last weeks is looked up. */
const pivotsOf = ({ steps, targets }: Plan): string[] =>
  steps.flatMap(({ pivot }) => (pivot === undefined ? [] : [targets[pivot]!.location]));

/** ARNs of the roles that the credentials which start firedrill must be allowed to assume. */
export const rolesOf = (plan: Plan): string[] => [
  ...new Set(
    permissionsOf(plan).flatMap(({ location }) => {
      const place = plan.drill.locations[location]!;
      return place.role === undefined ? [] : [roleArn(place)];
    }),
  ),
];
