/** StartInstances: only what is stopped. */
import type { StartInstancesCommandInput, StartInstancesCommandOutput } from '@aws-sdk/client-ec2';
import { AwsError } from '../../wire/handler.ts';
import type { Handler } from '../../wire/handler.ts';
import { startAgain } from '../../world/instances.ts';
import type { World } from '../../world.ts';
import { requireInstances, refuseDryRun } from './find.ts';
import { stateChange } from './shapes.ts';

export const startInstances =
  (world: World): Handler<StartInstancesCommandInput, StartInstancesCommandOutput> =>
  ({ InstanceIds, DryRun }, call) => {
    const instances = requireInstances(world, call, InstanceIds);
    const wrong = instances.find(({ state }) => !['running', 'pending', 'stopped'].includes(state));
    if (wrong !== undefined)
      throw new AwsError(
        'IncorrectInstanceState',
        `The instance '${wrong.id}' is not in a state from which it can be started.`,
      );
    refuseDryRun(DryRun);
    return {
      StartingInstances: instances.map((instance) =>
        stateChange(instance, () => {
          if (instance.state === 'stopped') startAgain(world, call, instance);
        }),
      ),
    };
  };
