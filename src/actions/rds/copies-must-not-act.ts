/**
 * A restored copy holds everything that the original acts with: scheduled jobs, subscriptions, addresses of customers. What
 * keeps it from acting is checked while the drill is planned: a security group without egress, and schedulers that are off.
 */
import type { Parameter } from '@aws-sdk/client-rds';
import type { Json } from '../../domain/json.ts';
import type { Finding, ResolvedTarget } from '../../domain/plan.ts';
import type { ActionInput } from '../action.ts';
import { onlyItem, placeOf, textOf } from '../places.ts';

/** One egress rule, as the target type `ec2/security-group` tells it. */
interface EgressRule {
  cidr?: string;
  [key: string]: Json | undefined;
}

const everywhere: ReadonlySet<string> = new Set(['0.0.0.0/0', '::/0']);

/** @param allowed why egress to everywhere is wanted all the same; absent: it is refused */
export function egressFindings(group: ResolvedTarget, allowed: string | undefined): Finding[] {
  const [item] = group.items;
  const rules = (item?.facts['egress'] ?? []) as unknown as readonly EgressRule[];
  const open = rules.some(({ cidr }) => cidr !== undefined && everywhere.has(cidr));
  if (!open) return [];
  const message = `Security group ${item!.id} lets the copy reach everything: restored schedulers and applications could act on customers`;
  if (allowed !== undefined) {
    return [{ severity: 'note', code: 'copy-may-act', message: `${message}. Wanted: ${allowed}` }];
  }
  return [
    {
      severity: 'refuse',
      code: 'copy-may-act',
      message: `${message}.`,
      remedy: 'Give the copy a security group without egress, or say with allowEgress why it needs it.',
    },
  ];
}

/** What a parameter group must say for the copy not to act by itself, by engine. */
const mustBe: Readonly<Record<string, readonly { name: string; values: readonly string[]; what: string }[]>> = {
  postgres: [{ name: 'max_logical_replication_workers', values: ['0'], what: 'subscriptions would run' }],
  mysql: [{ name: 'event_scheduler', values: ['OFF', '0', 'DISABLED'], what: 'scheduled events would run' }],
  mariadb: [{ name: 'event_scheduler', values: ['OFF', '0', 'DISABLED'], what: 'scheduled events would run' }],
};

const cron = 'pg_cron';

/**
 * @param engine of the copy, as far as it is known
 * @param place a target in the region of the copy
 */
export async function schedulerFindings(
  { aws }: Pick<ActionInput, 'aws'>,
  place: ResolvedTarget,
  parameterGroup: string,
  engine: string,
): Promise<Finding[]> {
  const parameters = new Map<string, string | undefined>();
  let marker: string | undefined;
  do {
    const page = await aws.in(placeOf(place)).rds.describeDBParameters({
      DBParameterGroupName: parameterGroup,
      Marker: marker,
    });
    for (const { ParameterName: name, ParameterValue: value } of page.Parameters ?? ([] as Parameter[])) {
      if (name !== undefined) parameters.set(name, value);
    }
    marker = page.Marker;
  } while (marker);
  const warn = (what: string): Finding => ({
    severity: 'warn',
    code: 'copy-may-act',
    message: `Parameter group ${parameterGroup}: ${what} in the copy, and could change what is being verified.`,
    remedy: 'Make a parameter group for restores in which it is off.',
  });
  const wrong = (mustBe[engine] ?? []).filter(({ name, values }) => !values.includes(parameters.get(name) ?? ''));
  const scheduled = (parameters.get('shared_preload_libraries') ?? '').includes(cron);
  return [
    ...wrong.map(({ name, values, what }) => warn(`${name} is not ${values[0]}, so ${what}`)),
    ...(scheduled ? [warn(`${cron} is loaded, so its jobs would run`)] : []),
  ];
}

/** The group's own id, whatever it was selected by. */
export const groupIdOf = (group: ResolvedTarget): string =>
  textOf(onlyItem(group).facts['groupId']) || onlyItem(group).id;
