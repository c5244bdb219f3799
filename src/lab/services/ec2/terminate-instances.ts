/** TerminateInstances: twice is once. */
import type { TerminateInstancesCommandInput, TerminateInstancesCommandOutput } from '@aws-sdk/client-ec2';
import type { Handler } from '../../wire/handler.ts';
import { terminate } from '../../world/instances.ts';
import type { World } from '../../world.ts';
import { requireInstances, refuseDryRun } from './find.ts';
import { stateChange } from './shapes.ts';

export const terminateInstances =
  (world: World): Handler<TerminateInstancesCommandInput, TerminateInstancesCommandOutput> =>
  ({ InstanceIds, DryRun }, call) => {
    const instances = requireInstances(world, call, InstanceIds);
    refuseDryRun(DryRun);
    return {
      TerminatingInstances: instances.map((instance) => stateChange(instance, () => terminate(world, call, instance))),
    };
  };
