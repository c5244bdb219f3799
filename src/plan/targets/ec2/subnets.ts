/** Target `ec2/subnets`: subnets, with the network ACL that each is associated with now. */
import type { Subnet } from '@aws-sdk/client-ec2';
import { z } from 'zod';
import type { Place } from '../../../aws/aws.ts';
import { defineTarget } from '../target.ts';
import { bySeveral, filtersOf, idsOf, patternByTags } from '../select.ts';
import { subnetId } from '../written.ts';

export const subnets = defineTarget({
  spec: {
    type: 'ec2/subnets',
    describes: 'Subnets. Select application, balancer and database subnets apart: isolating one hits everything in it',
    params: z.strictObject(bySeveral('subnet', subnetId)),
    many: true,
    facts: { az: 'Availability Zone', vpcId: 'VPC', cidr: 'address range', aclId: 'its network ACL' },
  },
  reads: ['ec2:DescribeSubnets', 'ec2:DescribeNetworkAcls'],
  patternOf: (target) => patternByTags('subnet', target),
  async find(aws, select, place) {
    const { ec2 } = aws.in(place);
    const { Subnets = [] } = await ec2.describeSubnets({
      SubnetIds: idsOf(select),
      Filters: filtersOf(select, { vpc: 'vpc-id', az: 'availability-zone' }),
    });
    if (Subnets.length === 0) return [];
    const ids = Subnets.map((subnet) => subnet.SubnetId!);
    const { NetworkAcls = [] } = await ec2.describeNetworkAcls({
      Filters: [{ Name: 'association.subnet-id', Values: ids }],
    });
    const associations = new Map(
      NetworkAcls.flatMap((acl) => acl.Associations ?? []).map((association) => [association.SubnetId, association]),
    );
    return Subnets.map((subnet) => {
      const { facts, ...named } = subnetItem(subnet, place);
      const { NetworkAclId: aclId, NetworkAclAssociationId: aclAssociationId } =
        associations.get(subnet.SubnetId) ?? {};
      return { ...named, facts: { ...facts, aclId, aclAssociationId } };
    });
  },
});

/** A subnet with the facts that it says of itself. */
export const subnetItem = (
  { SubnetId: id, SubnetArn: arn, AvailabilityZone: az, VpcId: vpcId, CidrBlock: cidr }: Subnet,
  { region, account }: Pick<Place, 'region' | 'account'>,
) => ({ id: id!, arn: arn ?? `arn:aws:ec2:${region}:${account}:subnet/${id}`, facts: { az, vpcId, cidr } });
