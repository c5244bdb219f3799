/** SuspendProcesses: those that are named, or all. */
import type { SuspendProcessesCommandInput, SuspendProcessesCommandOutput } from '@aws-sdk/client-auto-scaling';
import type { Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import { processesIn, requireScalingGroup } from './find.ts';

export const suspendProcesses =
  (world: World): Handler<SuspendProcessesCommandInput, SuspendProcessesCommandOutput> =>
  ({ AutoScalingGroupName, ScalingProcesses }, call) => {
    const group = requireScalingGroup(world, call, AutoScalingGroupName);
    group.suspended = [...new Set([...group.suspended, ...processesIn(ScalingProcesses)])];
    return {};
  };
