import type { SetQueueAttributesCommandInput, SetQueueAttributesCommandOutput } from '@aws-sdk/client-sqs';
import { AwsError, type Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import { checkAttributes } from './attributes.ts';
import { isFifo, queueAt } from './state.ts';

/** SetQueueAttributes. An empty policy takes a policy away. */
export const setQueueAttributes =
  (world: World): Handler<SetQueueAttributesCommandInput, SetQueueAttributesCommandOutput> =>
  ({ QueueUrl, Attributes = {} }, call) => {
    const queue = queueAt(world, call, QueueUrl);
    const given = Attributes as Record<string, string>;
    if ('FifoQueue' in given) throw new AwsError('InvalidAttributeName', 'Unknown Attribute FifoQueue.');
    checkAttributes(world, call, queue.name, given, isFifo(queue));
    const merged = Object.entries({ ...queue.attributes, ...given });
    queue.attributes = Object.fromEntries(merged.filter(([, value]) => value !== ''));
    queue.modifiedAt = Math.floor(world.clock.wall().getTime() / 1000);
    return {};
  };
