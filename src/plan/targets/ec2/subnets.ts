/** Target `ec2/subnets`: subnets, with the network ACL that each is associated with now. */
import { z } from 'zod';
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
    return Subnets.map((subnet) => ({
      id: subnet.SubnetId!,
      arn: subnet.SubnetArn ?? `arn:aws:ec2:${place.region}:${place.account}:subnet/${subnet.SubnetId}`,
      facts: {
        az: subnet.AvailabilityZone,
        vpcId: subnet.VpcId,
        cidr: subnet.CidrBlock,
        aclId: associations.get(subnet.SubnetId)?.NetworkAclId,
        aclAssociationId: associations.get(subnet.SubnetId)?.NetworkAclAssociationId,
      },
    }));
  },
});
