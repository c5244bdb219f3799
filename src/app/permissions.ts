/**
 * Everything that a planned drill must be allowed, as whom: what its steps call, what resolving its targets reads, and what
 * the funnel asks STS. Tests hold it against the calls that are really made. Policies are made of it in policy.ts. Pure.
 */
import { roleArn } from '../aws/sessions.ts';
import type { Condition, Permission, Plan } from '../domain/plan.ts';
import { targetTypes } from '../plan/targets/index.ts';
import type { Pattern, TargetType } from '../plan/targets/target.ts';

const types: ReadonlyMap<string, TargetType> = new Map(targetTypes.map((type) => [type.spec.type, type]));

/**
 * What must be allowed in the locations of a plan, each action possibly several times. Of what every run finds anew it is not
 * what this plan has found, but whatever the next one may.
 */
export function permissionsOf(plan: Plan): Permission[] {
  const foundAnew = foundAnewIn(plan);
  const needed = [
    ...Object.values(plan.targets).flatMap((target): Permission[] => {
      const type = types.get(target.type);
      const arns = type?.readsItself ? target.items.flatMap(({ arn }) => arn ?? []) : [];
      const resources = arns.length > 0 ? arns : ['*'];
      return (type?.reads ?? []).map((action) => ({ action, resources, location: target.location }));
    }),
    ...pivotsOf(plan).map((location) => ({ action: 'cloudwatch:GetMetricStatistics', resources: ['*'], location })),
    ...plan.previews.flatMap(({ permissions }) => permissions).flatMap((each) => lasting(each, foundAnew)),
  ];
  const locations = [...new Set(needed.map(({ location }) => location))];
  // AWS lets everybody ask this, but a policy that is held against CloudTrail should have it.
  const asks = locations.map((location) => ({ action: 'sts:GetCallerIdentity', resources: ['*'], location }));
  return [...asks, ...needed];
}

/** What a plan's policy allows beyond what its targets are, one sentence each. */
export const widerThanPlanned = (plan: Plan): string[] =>
  Object.values(plan.targets).flatMap((target) => types.get(target.type)?.patternOf?.(target)?.wider ?? []);

/** By the ARNs of what this plan has found: what IAM can say of what the next one may find. */
function foundAnewIn({ targets }: Plan): ReadonlyMap<string, Pattern> {
  const patterns = Object.values(targets).flatMap((target) => {
    const pattern = types.get(target.type)?.patternOf?.(target);
    return pattern ? target.items.flatMap(({ arn }) => (arn === undefined ? [] : [[arn, pattern] as const])) : [];
  });
  return new Map(patterns);
}

function lasting(permission: Permission, foundAnew: ReadonlyMap<string, Pattern>): Permission[] {
  const patterns = new Set(permission.resources.flatMap((resource) => foundAnew.get(resource) ?? []));
  if (patterns.size === 0) return [permission];
  const resources = permission.resources.filter((resource) => !foundAnew.has(resource));
  const others = [...patterns].map((pattern) => ({
    ...permission,
    resources: pattern.resources,
    when: both(permission.when, pattern.when),
  }));
  return resources.length > 0 ? [{ ...permission, resources }, ...others] : others;
}

/** Where both conditions hold. They never say different things of one key. */
function both(one: Condition | undefined, other: Condition | undefined): Condition | undefined {
  if (!one || !other) return one ?? other;
  const operators = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  return Object.fromEntries(operators.map((operator) => [operator, { ...one[operator], ...other[operator] }]));
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
