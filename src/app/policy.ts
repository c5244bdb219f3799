/**
 * IAM policies for exactly the drills that were planned: what their steps say they need, and what planning itself was seen to
 * read. One policy for each principal: the role of a location, or an account's credentials as they are. Pure.
 */
import type { AwsCall } from '../aws/aws.ts';
import { iamActionOf } from '../aws/errors.ts';
import type { Location } from '../domain/drill.ts';
import type { Plan } from '../domain/plan.ts';

export interface Policy {
  Version: '2012-10-17';
  Statement: { Effect: 'Allow'; Action: string[]; Resource: '*' | string[] }[];
}

export interface Planned {
  plan: Plan;
  /** The calls that planning made. */
  calls: readonly AwsCall[];
}

export interface Policies {
  /** By the principal that needs it: ARN of a role, or an account. */
  byPrincipal: ReadonlyMap<string, Policy>;
  /** Roles that the credentials which start firedrill must be allowed to assume. */
  assumes: readonly string[];
}

export function policiesOf(planned: readonly Planned[]): Policies {
  const grants = new Map<string, Grants>();
  const assumes = new Set<string>();
  const grantsOf = (location: Location): Grants => {
    const principal = principalOf(location);
    if (location.role !== undefined) assumes.add(principal);
    const known = grants.get(principal) ?? new Grants();
    grants.set(principal, known);
    return known;
  };
  for (const { plan, calls } of planned) {
    const locations = Object.values(plan.drill.locations);
    for (const { permissions } of plan.previews) {
      for (const { action, resources, location } of permissions) {
        grantsOf(plan.drill.locations[location]!).add(
          action,
          resources.map((resource) => stableOf(resource, plan)),
        );
      }
    }
    for (const call of calls) {
      if (call.service === 'sts') continue; // Who one is may be asked by anybody, and roles are assumed by others.
      for (const location of locations) if (isMadeIn(call, location)) grantsOf(location).add(iamActionOf(call), ['*']);
    }
  }
  const policies = [...grants]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, each]) => [name, each.policy()] as const);
  return { byPrincipal: new Map(policies), assumes: [...assumes].sort() };
}

/** Route 53 answers from one region, whatever the location. */
const isMadeIn = (call: AwsCall, { account, region }: Location): boolean =>
  call.account === account && (call.region === region || call.service === 'route53');

function principalOf({ account, region, role }: Location): string {
  if (role === undefined) return account;
  if (role.startsWith('arn:')) return role;
  const partition = region.startsWith('cn-') ? 'aws-cn' : region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
  return `arn:${partition}:iam::${account}:role/${role}`;
}

/** Names that hold the id of a run hold another one in every run. What has no ARN can only be allowed everywhere. */
const stableOf = (resource: string, { runId }: Plan): string =>
  resource.startsWith('arn:') ? resource.replaceAll(runId, '*') : '*';

/** What one principal is allowed: actions and on what. */
class Grants {
  readonly #resources = new Map<string, Set<string>>();

  add(action: string, resources: readonly string[]): void {
    const known = this.#resources.get(action) ?? new Set();
    for (const resource of resources) known.add(resource);
    this.#resources.set(action, known);
  }

  /** Actions with the same resources share a statement; what is allowed everywhere isn't listed again. */
  policy(): Policy {
    const statements = new Map<string, string[]>();
    for (const [action, resources] of [...this.#resources].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const where = resources.has('*') ? '*' : [...resources].sort().join('\n');
      statements.set(where, [...(statements.get(where) ?? []), action]);
    }
    const sorted = [...statements].sort(([a], [b]) => (a < b ? -1 : 1));
    return {
      Version: '2012-10-17',
      Statement: sorted.map(([where, Action]) => ({
        Effect: 'Allow',
        Action,
        Resource: where === '*' ? '*' : where.split('\n'),
      })),
    };
  }
}
