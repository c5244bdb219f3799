/** StopInstances: power off; the state follows. */
import type { StopInstancesCommandInput, StopInstancesCommandOutput } from '@aws-sdk/client-ec2';
import { AwsError } from '../../wire/handler.ts';
import type { Handler } from '../../wire/handler.ts';
import { stop } from '../../world/instances.ts';
import type { World } from '../../world.ts';
import { requireInstances, refuseDryRun } from './find.ts';
import { stateChange } from './shapes.ts';

export const stopInstances =
  (world: World): Handler<StopInstancesCommandInput, StopInstancesCommandOutput> =>
  ({ InstanceIds, DryRun }, call) => {
    const instances = requireInstances(world, call, InstanceIds);
    const wrong = instances.find(({ state }) => !['running', 'pending', 'stopping', 'stopped'].includes(state));
    if (wrong !== undefined)
      throw new AwsError(
        'IncorrectInstanceState',
        `This instance '${wrong.id}' is not in a state from which it can be stopped.`,
      );
    refuseDryRun(DryRun);
    return {
      StoppingInstances: instances.map((instance) =>
        stateChange(instance, () => {
          if (instance.state === 'running' || instance.state === 'pending') stop(world, call, instance);
        }),
      ),
    };
  };
