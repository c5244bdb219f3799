/** Rules of security groups: from the API's nested permissions to single rules and back. */
import type { IpPermission, SecurityGroupRule } from '@aws-sdk/client-ec2';
import { AwsError } from '../../wire/handler.ts';
import type { SecurityRule } from '../../world/ec2.ts';
import { prefixListsOf } from '../../world/prefix-lists.ts';
import type { Scope, World } from '../../world.ts';
import { requireGroup, required } from './find.ts';

type NewRule = Omit<SecurityRule, 'id'>;

/** Which of a group's rules: those for what comes in, or for what goes out. */
export type Direction = 'ingress' | 'egress';

interface RuleRequest {
  IpPermissions?: readonly IpPermission[] | undefined;
  /** The short form: one rule in the call's own members. */
  IpProtocol?: string | undefined;
  FromPort?: number | undefined;
  ToPort?: number | undefined;
  CidrIp?: string | undefined;
}

/** Every single rule that a call names. */
export function requestedRules(world: World, scope: Scope, request: RuleRequest): NewRule[] {
  const { IpProtocol, FromPort, ToPort, CidrIp } = request;
  const short = IpProtocol === undefined ? [] : [{ IpProtocol, FromPort, ToPort, IpRanges: [{ CidrIp }] }];
  const permissions: readonly IpPermission[] = [...short, ...(request.IpPermissions ?? [])];
  if (permissions.length === 0)
    throw new AwsError('MissingParameter', 'The request must contain the parameter ipPermissions');
  return permissions.flatMap((permission) => rulesIn(world, scope, permission));
}

function rulesIn(world: World, scope: Scope, permission: IpPermission): NewRule[] {
  const protocol = required('ipProtocol', permission.IpProtocol);
  const { FromPort, ToPort, IpRanges = [], UserIdGroupPairs = [], PrefixListIds = [] } = permission;
  const ports = protocol === '-1' || FromPort === undefined ? {} : { fromPort: FromPort, toPort: ToPort ?? FromPort };
  const described = (description: string | undefined) => (description === undefined ? {} : { description });
  const ranges = IpRanges.map(({ CidrIp, Description }): NewRule => {
    const cidr = required('cidrIp', CidrIp);
    if (!/^\d{1,3}(\.\d{1,3}){3}\/\d{1,2}$/.test(cidr))
      throw new AwsError('InvalidParameterValue', `CIDR block ${cidr} is malformed`);
    return { protocol, ...ports, cidr, ...described(Description) };
  });
  const pairs = UserIdGroupPairs.map(({ GroupId, Description }): NewRule => {
    const { id } = requireGroup(world, scope, GroupId);
    return { protocol, ...ports, groupId: id, ...described(Description) };
  });
  const lists = PrefixListIds.map(({ PrefixListId, Description }): NewRule => {
    const wanted = required('prefixListId', PrefixListId);
    if (!prefixListsOf(scope).some(({ id }) => id === wanted))
      throw new AwsError('InvalidPrefixListID.NotFound', `The prefix list ID '${wanted}' does not exist`);
    return { protocol, ...ports, prefixListId: wanted, ...described(Description) };
  });
  return [...ranges, ...pairs, ...lists];
}

export const sameRule = (a: NewRule, b: NewRule): boolean =>
  a.protocol === b.protocol &&
  a.fromPort === b.fromPort &&
  a.toPort === b.toPort &&
  a.cidr === b.cidr &&
  a.groupId === b.groupId &&
  a.prefixListId === b.prefixListId;

/** In the words of AWS's messages: `peer: 10.0.0.0/8, TCP, from port: 5432, to port: 5432`. */
export function describeRule(rule: NewRule): string {
  const peer = `peer: ${rule.cidr ?? rule.groupId ?? rule.prefixListId}`;
  if (rule.protocol === '-1') return `${peer}, ALL`;
  return `${peer}, ${rule.protocol.toUpperCase()}, from port: ${rule.fromPort}, to port: ${rule.toPort}`;
}

/** @throws AwsError where one of the rules isn't there */
export function rulesToRevoke(
  world: World,
  scope: Scope,
  rules: readonly SecurityRule[],
  request: RuleRequest & { SecurityGroupRuleIds?: readonly string[] | undefined },
): SecurityRule[] {
  const { SecurityGroupRuleIds = [] } = request;
  const byId = SecurityGroupRuleIds.map((id) => {
    const rule = rules.find((each) => each.id === id);
    if (rule === undefined)
      throw new AwsError('InvalidSecurityGroupRuleId.NotFound', `The security group rule ID '${id}' does not exist`);
    return rule;
  });
  if (byId.length > 0) return byId;
  return requestedRules(world, scope, request).map((wanted) => {
    const rule = rules.find((each) => sameRule(each, wanted));
    if (rule === undefined)
      throw new AwsError('InvalidPermission.NotFound', 'The specified rule does not exist in this security group.');
    return rule;
  });
}

type Permission = IpPermission & Required<Pick<IpPermission, 'IpRanges' | 'UserIdGroupPairs' | 'PrefixListIds'>>;

/** Rules that share protocol and ports stand in one permission, as AWS shows them. */
export function permissionsOf({ account }: Scope, rules: readonly SecurityRule[]): IpPermission[] {
  const permissions = new Map<string, Permission>();
  for (const { protocol, fromPort, toPort, cidr, groupId, prefixListId, description } of rules) {
    const key = `${protocol} ${fromPort} ${toPort}`;
    const permission = permissions.get(key) ?? {
      IpProtocol: protocol,
      FromPort: fromPort,
      ToPort: toPort,
      IpRanges: [],
      Ipv6Ranges: [],
      PrefixListIds: [],
      UserIdGroupPairs: [],
    };
    permissions.set(key, permission);
    if (cidr !== undefined) permission.IpRanges.push({ CidrIp: cidr, Description: description });
    if (groupId !== undefined)
      permission.UserIdGroupPairs.push({ GroupId: groupId, UserId: account, Description: description });
    if (prefixListId !== undefined)
      permission.PrefixListIds.push({ PrefixListId: prefixListId, Description: description });
  }
  return [...permissions.values()];
}

export const ruleShape = (
  scope: Scope,
  groupId: string,
  rule: SecurityRule,
  direction: Direction,
): SecurityGroupRule => ({
  SecurityGroupRuleId: rule.id,
  GroupId: groupId,
  GroupOwnerId: scope.account,
  IsEgress: direction === 'egress',
  IpProtocol: rule.protocol,
  FromPort: rule.fromPort ?? -1,
  ToPort: rule.toPort ?? -1,
  CidrIpv4: rule.cidr,
  PrefixListId: rule.prefixListId,
  ReferencedGroupInfo: rule.groupId === undefined ? undefined : { GroupId: rule.groupId, UserId: scope.account },
  Description: rule.description,
});
