/** ResumeProcesses: those that are named, or all. */
import type { ResumeProcessesCommandInput, ResumeProcessesCommandOutput } from '@aws-sdk/client-auto-scaling';
import type { Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import { processesIn, requireScalingGroup } from './find.ts';

export const resumeProcesses =
  (world: World): Handler<ResumeProcessesCommandInput, ResumeProcessesCommandOutput> =>
  ({ AutoScalingGroupName, ScalingProcesses }, call) => {
    const group = requireScalingGroup(world, call, AutoScalingGroupName);
    const resumed = processesIn(ScalingProcesses);
    group.suspended = group.suspended.filter((process) => !resumed.includes(process));
    return {};
  };
