/** TerminateInstanceInAutoScalingGroup: with or without a replacement. */
import type {
  TerminateInstanceInAutoScalingGroupCommandInput,
  TerminateInstanceInAutoScalingGroupCommandOutput,
} from '@aws-sdk/client-auto-scaling';
import type { Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import { requireMember, validation } from './find.ts';
import { end } from './members.ts';
import { activityShape } from './shapes.ts';

export const terminateInstanceInAutoScalingGroup =
  (
    world: World,
  ): Handler<TerminateInstanceInAutoScalingGroupCommandInput, TerminateInstanceInAutoScalingGroupCommandOutput> =>
  ({ InstanceId = '', ShouldDecrementDesiredCapacity = false }, call) => {
    const { group, member } = requireMember(world, call, InstanceId);
    if (ShouldDecrementDesiredCapacity && group.desired === group.min)
      throw validation(
        `Currently, desiredSize equals minSize (${group.min}). Terminating instance without replacement will violate group's min size constraint. Either set shouldDecrementDesiredCapacity flag to false or lower group's min size.`,
      );
    if (ShouldDecrementDesiredCapacity) group.desired -= 1;
    if (member.lifecycle !== 'Terminating')
      end(
        world,
        call,
        group,
        member,
        `At ${world.nowIso()} instance ${InstanceId} was taken out of service in response to a user request.`,
      );
    const activity = group.activities.find((each) => each.instanceId === InstanceId);
    return { Activity: activity && activityShape(group, activity) };
  };
