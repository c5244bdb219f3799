import type { ListQueueTagsCommandInput, ListQueueTagsCommandOutput } from '@aws-sdk/client-sqs';
import type { Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import { queueAt } from './state.ts';

/** ListQueueTags */
export const listQueueTags =
  (world: World): Handler<ListQueueTagsCommandInput, ListQueueTagsCommandOutput> =>
  ({ QueueUrl }, call) => {
    const { tags } = queueAt(world, call, QueueUrl);
    return Object.keys(tags).length === 0 ? {} : { Tags: { ...tags } };
  };
