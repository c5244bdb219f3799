import type { UntagQueueCommandInput, UntagQueueCommandOutput } from '@aws-sdk/client-sqs';
import type { Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import { queueAt } from './state.ts';

/** UntagQueue */
export const untagQueue =
  (world: World): Handler<UntagQueueCommandInput, UntagQueueCommandOutput> =>
  ({ QueueUrl, TagKeys = [] }, call) => {
    const { tags } = queueAt(world, call, QueueUrl);
    for (const key of TagKeys) delete tags[key];
    return {};
  };
