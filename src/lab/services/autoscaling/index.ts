/** EC2 Auto Scaling groups. */
import type { ServiceEmulation } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import { registerKeeping } from './keeping.ts';
import { createOrUpdateTags } from './create-or-update-tags.ts';
import { deleteTags } from './delete-tags.ts';
import { describeAutoScalingGroups } from './describe-auto-scaling-groups.ts';
import { describeAutoScalingInstances } from './describe-auto-scaling-instances.ts';
import { describeScalingActivities } from './describe-scaling-activities.ts';
import { describeTags } from './describe-tags.ts';
import { resumeProcesses } from './resume-processes.ts';
import { setDesiredCapacity } from './set-desired-capacity.ts';
import { suspendProcesses } from './suspend-processes.ts';
import { terminateInstanceInAutoScalingGroup } from './terminate-instance-in-auto-scaling-group.ts';
import { updateAutoScalingGroup } from './update-auto-scaling-group.ts';

export function autoscaling(world: World): ServiceEmulation {
  registerKeeping(world);
  return {
    client: 'auto-scaling',
    operations: {
      CreateOrUpdateTags: createOrUpdateTags(world),
      DeleteTags: deleteTags(world),
      DescribeAutoScalingGroups: describeAutoScalingGroups(world),
      DescribeAutoScalingInstances: describeAutoScalingInstances(world),
      DescribeScalingActivities: describeScalingActivities(world),
      DescribeTags: describeTags(world),
      ResumeProcesses: resumeProcesses(world),
      SetDesiredCapacity: setDesiredCapacity(world),
      SuspendProcesses: suspendProcesses(world),
      TerminateInstanceInAutoScalingGroup: terminateInstanceInAutoScalingGroup(world),
      UpdateAutoScalingGroup: updateAutoScalingGroup(world),
    },
  };
}
