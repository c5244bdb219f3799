/** Target `autoscaling/group`: one Auto Scaling group with its configured capacity. */
import { z } from 'zod';
import { defineTarget } from '../target.ts';
import { groupName } from '../written.ts';

export const group = defineTarget({
  spec: {
    type: 'autoscaling/group',
    describes: 'An Auto Scaling group',
    params: z.strictObject({ id: groupName('name of the group') }),
    facts: { min: 'minimum size', desired: 'desired capacity', max: 'maximum size', azs: 'its Availability Zones' },
  },
  reads: ['autoscaling:DescribeAutoScalingGroups'],
  async find(aws, { id }, place) {
    const { AutoScalingGroups = [] } = await aws
      .in(place)
      .autoscaling.describeAutoScalingGroups({ AutoScalingGroupNames: [id] });
    return AutoScalingGroups.filter((found) => found.AutoScalingGroupName === id).map((found) => ({
      id,
      arn: found.AutoScalingGroupARN,
      facts: {
        min: found.MinSize,
        desired: found.DesiredCapacity,
        max: found.MaxSize,
        azs: found.AvailabilityZones,
        targetGroupArns: found.TargetGroupARNs ?? [],
      },
    }));
  },
});
