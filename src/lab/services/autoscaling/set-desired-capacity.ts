/** SetDesiredCapacity within the group's bounds. */
import type { SetDesiredCapacityCommandInput, SetDesiredCapacityCommandOutput } from '@aws-sdk/client-auto-scaling';
import type { Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import { requireScalingGroup, validation } from './find.ts';

export const setDesiredCapacity =
  (world: World): Handler<SetDesiredCapacityCommandInput, SetDesiredCapacityCommandOutput> =>
  ({ AutoScalingGroupName, DesiredCapacity = 0 }, call) => {
    const group = requireScalingGroup(world, call, AutoScalingGroupName);
    if (DesiredCapacity > group.max)
      throw validation(
        `New SetDesiredCapacity value ${DesiredCapacity} is above max value ${group.max} for the AutoScalingGroup.`,
      );
    if (DesiredCapacity < group.min)
      throw validation(
        `New SetDesiredCapacity value ${DesiredCapacity} is below min value ${group.min} for the AutoScalingGroup.`,
      );
    group.desired = DesiredCapacity;
    return {};
  };
