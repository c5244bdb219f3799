/** DescribeAutoScalingInstances of all groups of the region. */
import type {
  DescribeAutoScalingInstancesCommandInput,
  DescribeAutoScalingInstancesCommandOutput,
} from '@aws-sdk/client-auto-scaling';
import type { Handler } from '../../wire/handler.ts';
import { autoScalingState } from '../../world/autoscaling.ts';
import { ec2State } from '../../world/ec2.ts';
import type { World } from '../../world.ts';
import { pageOf } from './find.ts';
import { templateShape } from './shapes.ts';

export const describeAutoScalingInstances =
  (world: World): Handler<DescribeAutoScalingInstancesCommandInput, DescribeAutoScalingInstancesCommandOutput> =>
  (input, call) => {
    const ids = input.InstanceIds ?? [];
    const { instances } = ec2State(world, call);
    const found = Object.values(autoScalingState(world, call).groups)
      .flatMap((group) => group.members.map((member) => ({ group, member })))
      .filter(({ member }) => ids.length === 0 || ids.includes(member.instanceId));
    const { items, next } = pageOf(found, ({ member }) => member.instanceId, input);
    return {
      NextToken: next,
      AutoScalingInstances: items.map(({ group, member }) => ({
        InstanceId: member.instanceId,
        InstanceType: instances[member.instanceId]?.type,
        AutoScalingGroupName: group.name,
        AvailabilityZone: member.zone,
        LifecycleState: member.lifecycle,
        HealthStatus: member.health.toUpperCase(),
        LaunchTemplate: templateShape(group),
        ProtectedFromScaleIn: false,
      })),
    };
  };
