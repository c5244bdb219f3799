/** Target `ec2/instances`: running instances, and whether Auto Scaling owns them. */
import { z } from 'zod';
import { defineTarget } from '../target.ts';
import { bySeveral, filtersOf, idsOf, patternByTags } from '../select.ts';
import { allPages } from '../pages.ts';
import { instanceId } from '../written.ts';

export const instances = defineTarget({
  spec: {
    type: 'ec2/instances',
    describes: 'Running EC2 instances',
    params: z.strictObject(bySeveral('instance', instanceId)),
    many: true,
    facts: {
      az: 'Availability Zone',
      vpcId: 'VPC',
      subnetId: 'subnet',
      privateIp: 'private address',
      group: 'its Auto Scaling group, if any',
    },
  },
  reads: ['ec2:DescribeInstances'],
  patternOf: (target) => patternByTags('instance', target),
  async find(aws, select, place) {
    const { ec2 } = aws.in(place);
    const filters = filtersOf(select, { vpc: 'vpc-id', az: 'availability-zone' });
    const reservations = await allPages(async (token) => {
      const page = await ec2.describeInstances({
        InstanceIds: idsOf(select),
        Filters: [...filters, { Name: 'instance-state-name', Values: ['pending', 'running'] }],
        NextToken: token,
      });
      return { items: page.Reservations ?? [], next: page.NextToken };
    });
    return reservations
      .flatMap((reservation) => reservation.Instances ?? [])
      .map((instance) => ({
        id: instance.InstanceId!,
        arn: `arn:aws:ec2:${place.region}:${place.account}:instance/${instance.InstanceId}`,
        facts: {
          az: instance.Placement?.AvailabilityZone,
          vpcId: instance.VpcId,
          subnetId: instance.SubnetId,
          privateIp: instance.PrivateIpAddress,
          group: instance.Tags?.find((tag) => tag.Key === 'aws:autoscaling:groupName')?.Value,
        },
      }));
  },
});
