/**
 * IAM policies for exactly the drills that were planned. One policy for each principal: the role of a location, an account's
 * credentials as they are, and whoever starts firedrill and assumes the roles. Pure.
 */
import { partitionOf, roleArn } from '../aws/sessions.ts';
import type { Location } from '../domain/drill.ts';
import { canonical } from '../domain/json.ts';
import type { Condition, Plan } from '../domain/plan.ts';
import { permissionsOf, rolesOf } from './permissions.ts';

export interface Statement {
  Effect: 'Allow';
  Action: string[];
  Resource: '*' | string[];
  Condition?: Condition;
}

export interface Policy {
  Version: '2012-10-17';
  Statement: Statement[];
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
    for (const { action, resources, location, when } of permissionsOf(plan)) {
      const place = locations[location]!;
      const stable = resources.map((resource) => stableOf(resource, plan, place));
      grantsOf(principalOf(place)).add(action, stable, when && stableCondition(when, plan, place));
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
const stableOf = (resource: string, { runId }: Plan, { region }: Location): string =>
  resource.startsWith('arn:') ? inPartition(resource.replaceAll(runId, '*'), region) : '*';

const inPartition = (arn: string, region: string): string => arn.replace(/^arn:aws:/, `arn:${partitionOf(region)}:`);

const stableCondition = (when: Condition, { runId }: Plan, { region }: Location): Condition =>
  mapValues(when, (keys, operator) =>
    mapValues(keys, (values, key) => {
      const stable = [values]
        .flat()
        .map((value) => value.replaceAll(runId, '*'))
        .flatMap((value) => {
          if (operator.startsWith('Arn')) return inPartition(value, region);
          return namesService.has(key) ? serviceNames(value, region) : value;
        });
      return stable.length === 1 ? stable[0]! : stable;
    }),
  );

/** Condition keys whose values are services, by their domain names. */
const namesService: ReadonlySet<string> = new Set(['iam:PassedToService', 'kms:ViaService']);

/** In China some services go by the domain of there, some by that of everywhere else; either is the same service. */
const serviceNames = (name: string, region: string): string[] =>
  partitionOf(region) === 'aws-cn' ? [name, `${name}.cn`] : [name];

const mapValues = <T, U>(of: Readonly<Record<string, T>>, map: (value: T, key: string) => U): Record<string, U> =>
  Object.fromEntries(Object.entries(of).map(([key, value]) => [key, map(value, key)]));

/** What one principal is allowed: actions, on what, and when. */
class Grants {
  /** By condition (canonical; empty for none) and action. */
  readonly #resources = new Map<string, Map<string, Set<string>>>();

  add(action: string, resources: readonly string[], when?: Condition): void {
    const condition = when === undefined ? '' : canonical(when);
    const actions = this.#resources.get(condition) ?? new Map<string, Set<string>>();
    this.#resources.set(condition, actions);
    const known = actions.get(action) ?? new Set();
    actions.set(action, known);
    for (const resource of resources) known.add(resource);
  }

  /** Actions with the same resources share a statement; what another statement or wildcard allows isn't listed again. */
  policy(): Policy {
    const statements = [...this.#resources].sort(byName).flatMap(([condition, actions]) => {
      const sharing = new Map<string, string[]>();
      for (const [action, resources] of [...actions].sort(byName)) {
        const always = condition === '' ? [] : [...(this.#resources.get('')?.get(action) ?? [])];
        const listed = withoutCovered([...resources], always).join('\n');
        if (listed !== '') sharing.set(listed, [...(sharing.get(listed) ?? []), action]);
      }
      return [...sharing].sort(byName).map(([listed, Action]): Statement => ({
        Effect: 'Allow',
        Action,
        Resource: listed === '*' ? '*' : listed.split('\n'),
        ...(condition !== '' && { Condition: JSON.parse(condition) as Condition }),
      }));
    });
    return { Version: '2012-10-17', Statement: statements };
  }
}

const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1);

/** Those of `resources` that neither another one of them nor one of `always` stands for. */
const withoutCovered = (resources: readonly string[], always: readonly string[]): string[] =>
  resources
    .filter((one) => !always.some((other) => covers(other, one)))
    .filter((one) => !resources.some((other) => other !== one && covers(other, one)))
    .sort();

/** Whether a pattern with wildcards stands for everything that another one does. */
const covers = (pattern: string, other: string): boolean =>
  pattern === other || new RegExp(`^${pattern.split('*').map(literally).join('.*')}$`).test(other);

const literally = (text: string): string => text.replaceAll(/[.?+^$()[\]{}|\\/]/g, '\\$&');
