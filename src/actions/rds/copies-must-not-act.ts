/**
 * A restored copy holds everything that the original acts with: scheduled jobs, subscriptions, addresses of customers. What
 * keeps it from acting is checked while the drill is planned: a security group without egress, and schedulers that are off.
 */
import type { Json } from '../../domain/json.ts';
import type { Finding, ResolvedItem, ResolvedTarget } from '../../domain/plan.ts';
import type { ActionInput } from '../action.ts';
import { onlyItem, placeOf, textOf } from '../places.ts';

/** One egress rule, as the target type `ec2/security-group` tells it. */
interface EgressRule {
  cidr?: string;
  [key: string]: Json | undefined;
}

/** Largest network that can be somebody's own: 10.0.0.0/8. What is larger, also in halves, is the internet. */
const ownPrefixBits = 8;
const isEverywhere = (cidr: string): boolean => Number(cidr.split('/')[1]) < ownPrefixBits;

/**
 * Of one group or several.
 * @param allowed why egress to everywhere is wanted all the same; absent: it is refused
 */
export const egressFindings = ({ items }: ResolvedTarget, allowed: string | undefined): Finding[] =>
  items.flatMap((group) => egressFindingsOf(group, allowed));

function egressFindingsOf({ id, facts }: ResolvedItem, allowed: string | undefined): Finding[] {
  const rules = (facts['egress'] ?? []) as unknown as readonly EgressRule[];
  const open = rules.some(({ cidr }) => cidr !== undefined && isEverywhere(cidr));
  if (!open) return [];
  const message = `Security group ${id} lets the copy reach everything: restored schedulers and applications could act on customers`;
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

interface Quiet {
  name: string;
  values: readonly string[];
  what: string;
}
const events: readonly Quiet[] = [
  { name: 'event_scheduler', values: ['OFF', '0', 'DISABLED'], what: 'scheduled events would run' },
];

/** What a parameter group must say for the copy not to act by itself, by engine. */
const mustBe: Readonly<Record<string, readonly Quiet[]>> = {
  postgres: [{ name: 'max_logical_replication_workers', values: ['0'], what: 'subscriptions would run' }],
  mysql: events,
  mariadb: events,
};

const cron = 'pg_cron';

/**
 * @param engine of the copy
 * @param place a target in the region of the copy
 */
export async function schedulerFindings(
  input: Pick<ActionInput, 'aws'>,
  place: ResolvedTarget,
  parameterGroup: string,
  engine: string,
): Promise<Finding[]> {
  const warn = (what: string, remedy: string): Finding => ({
    severity: 'warn',
    code: 'copy-may-act',
    message: `Parameter group ${parameterGroup}: ${what}`,
    remedy,
  });
  const quiet = mustBe[engine];
  if (!quiet) {
    const what = `what a copy of engine ${engine || 'unknown'} does by itself (jobs, agents, links) is not judged.`;
    return [warn(what, 'See to it that its schedulers are off, and that its security group lets nothing out.')];
  }
  const parameters = await parametersOf(input, place, parameterGroup);
  const acts = (why: string): Finding =>
    warn(
      `${why} in the copy, and could change what is being verified.`,
      'Make a parameter group for restores in which it is off.',
    );
  const wrong = quiet.filter(({ name, values }) => !values.includes(parameters.get(name)?.toUpperCase() ?? ''));
  const scheduled = (parameters.get('shared_preload_libraries') ?? '').includes(cron);
  return [
    ...wrong.map(({ name, values, what }) => acts(`${name} is not ${values[0]}, so ${what}`)),
    ...(scheduled ? [acts(`${cron} is loaded, so its jobs would run`)] : []),
  ];
}

async function parametersOf(
  { aws }: Pick<ActionInput, 'aws'>,
  place: ResolvedTarget,
  DBParameterGroupName: string,
): Promise<Map<string, string>> {
  const parameters = new Map<string, string>();
  let Marker: string | undefined;
  do {
    const page = await aws.in(placeOf(place)).rds.describeDBParameters({ DBParameterGroupName, Marker });
    for (const { ParameterName: name, ParameterValue: value } of page.Parameters ?? []) {
      if (name !== undefined && value !== undefined) parameters.set(name, value);
    }
    Marker = page.Marker;
  } while (Marker);
  return parameters;
}

/** The groups' own ids, whatever they were selected by. */
export const groupIdsOf = (groups: ResolvedTarget): string[] =>
  (groups.items.length > 0 ? groups.items : [onlyItem(groups)]).map(({ id, facts }) => textOf(facts['groupId']) || id);
