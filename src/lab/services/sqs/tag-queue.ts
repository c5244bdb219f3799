import type { TagQueueCommandInput, TagQueueCommandOutput } from '@aws-sdk/client-sqs';
import type { Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import { missingParameter, queueAt } from './state.ts';

/** TagQueue */
export const tagQueue =
  (world: World): Handler<TagQueueCommandInput, TagQueueCommandOutput> =>
  ({ QueueUrl, Tags }, call) => {
    const queue = queueAt(world, call, QueueUrl);
    if (!Tags || Object.keys(Tags).length === 0) throw missingParameter('Tags');
    Object.assign(queue.tags, Tags);
    return {};
  };
