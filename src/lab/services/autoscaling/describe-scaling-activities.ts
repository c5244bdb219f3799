/** DescribeScalingActivities, newest first. */
import type {
  DescribeScalingActivitiesCommandInput,
  DescribeScalingActivitiesCommandOutput,
} from '@aws-sdk/client-auto-scaling';
import type { Handler } from '../../wire/handler.ts';
import { autoScalingState } from '../../world/autoscaling.ts';
import type { World } from '../../world.ts';
import { pageOf } from './find.ts';
import { activityShape } from './shapes.ts';

export const describeScalingActivities =
  (world: World): Handler<DescribeScalingActivitiesCommandInput, DescribeScalingActivitiesCommandOutput> =>
  (input, call) => {
    const { ActivityIds = [], AutoScalingGroupName } = input;
    const found = Object.values(autoScalingState(world, call).groups)
      .filter(({ name }) => AutoScalingGroupName === undefined || name === AutoScalingGroupName)
      .flatMap((group) => group.activities.map((activity) => ({ group, activity })))
      .filter(({ activity }) => ActivityIds.length === 0 || ActivityIds.includes(activity.id));
    const { items, next } = pageOf(found, ({ activity }) => activity.id, input);
    return { Activities: items.map(({ group, activity }) => activityShape(group, activity)), NextToken: next };
  };
