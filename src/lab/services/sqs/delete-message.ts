import type { DeleteMessageCommandInput, DeleteMessageCommandOutput } from '@aws-sdk/client-sqs';
import type { Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import type { Arrivals } from './arrivals.ts';
import { remove } from './remove.ts';
import { queueArn, queueAt } from './state.ts';

/** DeleteMessage. Of a FIFO queue, it lets the next message of the group through. */
export const deleteMessage =
  (world: World, arrivals: Arrivals): Handler<DeleteMessageCommandInput, DeleteMessageCommandOutput> =>
  ({ QueueUrl, ReceiptHandle }, call) => {
    const queue = queueAt(world, call, QueueUrl);
    remove(world, queue, ReceiptHandle);
    arrivals.announce(queueArn(call, queue.name));
    return {};
  };
