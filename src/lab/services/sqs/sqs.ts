/** Amazon SQS in the lab: standard and FIFO queues, long polling, dead letters. Source: SQS developer guide and API reference. */
import type { ServiceEmulation } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import { Arrivals } from './arrivals.ts';
import { changeMessageVisibility } from './change-message-visibility.ts';
import { createQueue } from './create-queue.ts';
import { deleteMessageBatch } from './delete-message-batch.ts';
import { deleteMessage } from './delete-message.ts';
import { deleteQueue } from './delete-queue.ts';
import { getQueueAttributes } from './get-queue-attributes.ts';
import { getQueueUrl } from './get-queue-url.ts';
import { listQueueTags } from './list-queue-tags.ts';
import { listQueues } from './list-queues.ts';
import { purgeQueue } from './purge-queue.ts';
import { receiveMessage } from './receive-message.ts';
import { sendMessageBatch } from './send-message-batch.ts';
import { sendMessage } from './send-message.ts';
import { setQueueAttributes } from './set-queue-attributes.ts';
import { tagQueue } from './tag-queue.ts';
import { untagQueue } from './untag-queue.ts';

export function sqs(world: World): ServiceEmulation {
  const arrivals = new Arrivals();
  return {
    client: 'sqs',
    operations: {
      ChangeMessageVisibility: changeMessageVisibility(world, arrivals),
      CreateQueue: createQueue(world),
      DeleteMessage: deleteMessage(world, arrivals),
      DeleteMessageBatch: deleteMessageBatch(world, arrivals),
      DeleteQueue: deleteQueue(world, arrivals),
      GetQueueAttributes: getQueueAttributes(world),
      GetQueueUrl: getQueueUrl(world),
      ListQueueTags: listQueueTags(world),
      ListQueues: listQueues(world),
      PurgeQueue: purgeQueue(world),
      ReceiveMessage: receiveMessage(world, arrivals),
      SendMessage: sendMessage(world, arrivals),
      SendMessageBatch: sendMessageBatch(world, arrivals),
      SetQueueAttributes: setQueueAttributes(world),
      TagQueue: tagQueue(world),
      UntagQueue: untagQueue(world),
    },
  };
}
