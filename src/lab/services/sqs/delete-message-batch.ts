import type { DeleteMessageBatchCommandInput, DeleteMessageBatchCommandOutput } from '@aws-sdk/client-sqs';
import type { Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import type { Arrivals } from './arrivals.ts';
import { checkEntries, runEntries } from './batch.ts';
import { remove } from './remove.ts';
import { queueArn, queueAt } from './state.ts';

/** DeleteMessageBatch */
export const deleteMessageBatch =
  (world: World, arrivals: Arrivals): Handler<DeleteMessageBatchCommandInput, DeleteMessageBatchCommandOutput> =>
  ({ QueueUrl, Entries = [] }, call) => {
    const queue = queueAt(world, call, QueueUrl);
    checkEntries(Entries);
    const results = runEntries(Entries, ({ ReceiptHandle }) => {
      remove(world, queue, ReceiptHandle);
      return {};
    });
    arrivals.announce(queueArn(call, queue.name));
    return results;
  };
