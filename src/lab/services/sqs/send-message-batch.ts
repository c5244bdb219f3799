import type { SendMessageBatchCommandInput, SendMessageBatchCommandOutput } from '@aws-sdk/client-sqs';
import { AwsError, type Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import type { Arrivals } from './arrivals.ts';
import { checkEntries, runEntries } from './batch.ts';
import { sizeOf } from './digests.ts';
import { attributesOf, send } from './send.ts';
import { queueArn, queueAt } from './state.ts';

/** All messages of a batch together, bytes. */
const mostBytes = 1_048_576;

/** SendMessageBatch */
export const sendMessageBatch =
  (world: World, arrivals: Arrivals): Handler<SendMessageBatchCommandInput, SendMessageBatchCommandOutput> =>
  ({ QueueUrl, Entries = [] }, call) => {
    const queue = queueAt(world, call, QueueUrl);
    checkEntries(Entries);
    const bytes = Entries.reduce(
      (sum, { MessageBody = '', MessageAttributes }) => sum + sizeOf(MessageBody, attributesOf(MessageAttributes)),
      0,
    );
    if (bytes > mostBytes) {
      const message = `Batch requests cannot be longer than ${mostBytes} bytes. You have sent ${bytes} bytes.`;
      throw new AwsError('BatchRequestTooLong', message);
    }
    const results = runEntries(Entries, (entry) => send(world, call, queue, entry));
    arrivals.announce(queueArn(call, queue.name));
    return results as SendMessageBatchCommandOutput;
  };
