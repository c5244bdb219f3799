/**
 * Where a fresh instance stands: subnet and security groups, as the drill says, else as its launch template does. What EC2 takes
 * where neither says any, the default subnet and a group that reaches everything, is refused.
 */
import type { Finding, ResolvedItem, ResolvedTarget } from '../../domain/plan.ts';
import type { ActionInput } from '../action.ts';
import { onlyItem, textOf } from '../places.ts';
import { sourceOf } from './launch-instance-source.ts';
import type { LaunchedFrom } from './launch-instance-source.ts';
import { refusedWith } from './launch-refused.ts';

export interface Placed extends LaunchedFrom {
  subnet?: string;
  securityGroup?: string;
}

interface Room {
  /** Several may have been found: the first is taken. */
  subnet: ResolvedTarget;
  groups: ResolvedTarget;
}

/** What is known of the room, before all of it must be. */
function roomOf(input: ActionInput<Placed>): Partial<Room> {
  const { subnet, securityGroup } = input.params;
  const { named } = sourceOf(input);
  const ofTemplate = (type: string, fact: string): ResolvedTarget | undefined => {
    const items = (onlyItem(named).facts[fact] ?? []) as unknown as readonly ResolvedItem[];
    return items.length === 0 ? undefined : { ...named, type, items };
  };
  return {
    subnet: subnet === undefined ? ofTemplate('ec2/subnets', 'subnets') : input.target(subnet),
    groups: securityGroup === undefined ? ofTemplate('ec2/security-group', 'groups') : input.target(securityGroup),
  };
}

/** @throws FiredrillError `launch-unplaced`, which the plan refuses before */
export function wholeRoomOf(input: ActionInput<Placed>): Room {
  const { subnet, groups } = roomOf(input);
  if (subnet && groups) return { subnet, groups };
  const [unsaid] = unplaced(input) as [Finding];
  throw refusedWith(unsaid, { expected: 'a subnet and a security group', found: 'not both' });
}

/** What neither the drill nor the template says. */
function unplaced(input: ActionInput<Placed>): Finding[] {
  const { subnet, groups } = roomOf(input);
  const { named } = sourceOf(input);
  const refuse = (what: string, key: string, otherwise: string): Finding => ({
    severity: 'refuse',
    code: 'launch-unplaced',
    message: `Neither the step nor ${named.name} says a ${what}: EC2 would take ${otherwise}`,
    remedy: `Say ${key} in the step, or a ${what} in the launch template.`,
  });
  return [
    ...(subnet ? [] : [refuse('subnet', 'subnet', 'one of the default VPC')]),
    ...(groups ? [] : [refuse('security group', 'securityGroup', 'the default one, which may reach everything')]),
  ];
}

const vpcsOf = ({ items }: ResolvedTarget): string[] => [
  ...new Set(items.map(({ facts }) => textOf(facts['vpcId'])).filter(Boolean)),
];

/** What is launched, subnet and groups must be of one place: EC2 would say so only when the drill runs. */
export function roomFindings(input: ActionInput<Placed>): Finding[] {
  const { subnet, groups } = roomOf(input);
  if (!subnet || !groups) return unplaced(input);
  const { named } = sourceOf(input);
  const refuse = (message: string): Finding => ({
    severity: 'refuse',
    code: 'launch-places-differ',
    message,
    remedy: 'Name a template or image, a subnet and a security group that belong together.',
  });
  const elsewhere = [subnet, groups].filter(
    ({ account, region }) => account !== named.account || region !== named.region,
  );
  if (elsewhere.length > 0) {
    const names = elsewhere.map(({ name }) => name).join(', ');
    return [refuse(`${names}: not in the account and region of ${named.name}`)];
  }
  const [vpc = ''] = vpcsOf(subnet);
  const others = vpcsOf(groups).filter((each) => each !== vpc);
  if (vpc !== '' && others.length > 0) {
    return [refuse(`${subnet.name} is in ${vpc}, and ${groups.name} in ${others.join(', ')}`)];
  }
  if (subnet.items.length < 2) return [];
  const message = `${subnet.name} has ${subnet.items.length} subnets: ${onlyItem(subnet).id} is taken`;
  return [{ severity: 'note', code: 'launch-subnet', message }];
}
