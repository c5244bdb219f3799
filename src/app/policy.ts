/**
 * IAM policies for exactly the drills that were planned. One policy for each principal: the role of a location, an account's
 * credentials as they are, and whoever starts firedrill and assumes the roles. Pure.
 */
import type { Location } from '../domain/drill.ts';
import type { Plan } from '../domain/plan.ts';
import { roleArn } from '../aws/sessions.ts';
import { permissionsOf, rolesOf } from './permissions.ts';

export interface Policy {
  Version: '2012-10-17';
  Statement: { Effect: 'Allow'; Action: string[]; Resource: '*' | string[] }[];
}

/** The principal that starts firedrill, where no location uses its credentials as they are. */
export const caller = 'caller';

/** @returns by the principal that needs it: ARN of a role, an account, or {@link caller} */
export function policiesOf(plans: readonly Plan[]): ReadonlyMap<string, Policy> {
  const grants = new Map<string, Grants>();
  const grantsOf = (principal: string): Grants => {
    const known = grants.get(principal) ?? new Grants();
    grants.set(principal, known);
    return known;
  };
  for (const plan of plans) {
    const { locations } = plan.drill;
    for (const { action, resources, location } of permissionsOf(plan)) {
      const stable = resources.map((resource) => stableOf(resource, plan));
      grantsOf(principalOf(locations[location]!)).add(action, stable);
    }
  }
  const roles = [...new Set(plans.flatMap(rolesOf))];
  const callers = [...grants.keys()].filter((principal) => !principal.startsWith('arn:'));
  if (roles.length > 0) {
    for (const principal of callers.length > 0 ? callers : [caller]) grantsOf(principal).add('sts:AssumeRole', roles);
  }
  const policies = [...grants]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, each]) => [name, each.policy()] as const);
  return new Map(policies);
}

const principalOf = (location: Location): string =>
  location.role === undefined ? location.account : roleArn(location);

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
