/** Target `ec2/security-group`: one security group, with where it lets its members connect to. */
import type { IpPermission, SecurityGroup } from '@aws-sdk/client-ec2';
import { z } from 'zod';
import type { Place } from '../../../aws/aws.ts';
import { FiredrillError } from '../../../domain/errors.ts';
import { noneIfNotFound } from '../absent.ts';
import { defineTarget } from '../target.ts';
import { securityGroupName, vpcId } from '../written.ts';

export const securityGroup = defineTarget({
  spec: {
    type: 'ec2/security-group',
    describes: 'A security group',
    params: z.strictObject({
      id: securityGroupName('name or id (sg-...) of the security group'),
      vpc: vpcId('the VPC it is in, where several have one of that name').optional(),
    }),
    facts: { groupId: 'id', vpcId: 'VPC' },
  },
  reads: ['ec2:DescribeSecurityGroups'],
  async find(aws, { id, vpc }, place) {
    const named = id.startsWith('sg-') ? { name: 'group-id', value: id } : { name: 'group-name', value: id };
    const found = await noneIfNotFound(async () => {
      const { SecurityGroups = [] } = await aws.in(place).ec2.describeSecurityGroups({
        Filters: [
          { Name: named.name, Values: [named.value] },
          ...(vpc === undefined ? [] : [{ Name: 'vpc-id', Values: [vpc] }]),
        ],
      });
      return SecurityGroups;
    });
    if (found.length > 1) throw ambiguous(id, found);
    return found.map((group) => groupItem(group, place));
  },
});

/** A group with its facts. */
export const groupItem = (group: SecurityGroup, { region, account }: Pick<Place, 'region' | 'account'>) => ({
  id: group.GroupId!,
  arn: `arn:aws:ec2:${region}:${account}:security-group/${group.GroupId}`,
  facts: {
    groupId: group.GroupId,
    name: group.GroupName,
    vpcId: group.VpcId,
    egress: (group.IpPermissionsEgress ?? []).flatMap(rulesOf),
  },
});

/** One rule for every peer of a permission. */
function rulesOf({
  IpProtocol: protocol,
  FromPort: fromPort,
  ToPort: toPort,
  IpRanges = [],
  Ipv6Ranges = [],
  PrefixListIds = [],
  UserIdGroupPairs = [],
}: IpPermission) {
  const peers = [
    ...IpRanges.map(({ CidrIp }) => ({ cidr: CidrIp })),
    ...Ipv6Ranges.map(({ CidrIpv6 }) => ({ cidr: CidrIpv6 })),
    ...PrefixListIds.map(({ PrefixListId }) => ({ prefixList: PrefixListId })),
    ...UserIdGroupPairs.map(({ GroupId }) => ({ group: GroupId })),
  ];
  return peers.map((peer) => ({ protocol, fromPort, toPort, ...peer }));
}

const ambiguous = (name: string, found: readonly { GroupId?: string; VpcId?: string }[]): FiredrillError =>
  new FiredrillError('security-group-ambiguous', `there are ${found.length} security groups ${name}`, {
    expected: 'one',
    found: found.map(({ GroupId, VpcId }) => `${GroupId} in ${VpcId}`).join(', '),
    remedy: 'Say in which vpc, or name the group by its id.',
  });
