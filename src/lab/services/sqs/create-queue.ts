/** CreateQueue: idempotent for equal attributes. */
import type { CreateQueueCommandInput, CreateQueueCommandOutput } from '@aws-sdk/client-sqs';
import { AwsError, type Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import { checkAttributes } from './attributes.ts';
import { addQueue, invalidParameter, missingParameter, queueUrl, sqsState } from './state.ts';

export const createQueue =
  (world: World): Handler<CreateQueueCommandInput, CreateQueueCommandOutput> =>
  ({ QueueName: name, Attributes = {}, tags = {} }, call) => {
    if (!name) throw missingParameter('QueueName');
    const { FifoQueue, ...rest } = Attributes as Record<string, string>;
    const fifo = FifoQueue === 'true';
    const characters = 'Can only include alphanumeric characters, hyphens, or underscores';
    if (!/^[\w-]{1,80}$/.test(fifo ? name.replace(/\.fifo$/, '-fifo') : name)) {
      throw invalidParameter(name, 'QueueName', `${characters}. 1 to 80 in length`);
    }
    if (fifo && !name.endsWith('.fifo')) {
      const reason = `${characters}, must end with .fifo suffix and be 1 to 80 in length`;
      throw invalidParameter(name, 'QueueName', reason);
    }
    // FIFO or not can't be changed, and "false" may not be said at all.
    if (FifoQueue === 'false') throw new AwsError('InvalidAttributeName', 'Unknown Attribute FifoQueue.');
    const attributes = fifo ? { ...rest, FifoQueue } : rest;
    checkAttributes(world, call, name, attributes, fifo);

    const { queues, deletedUntilMs } = sqsState(world, call);
    const existing = queues[name];
    if (existing) {
      const different = Object.keys(attributes).find((key) => existing.attributes[key] !== attributes[key]);
      if (different === undefined) return { QueueUrl: queueUrl(call, name) };
      const message = `A queue already exists with the same name and a different value for attribute ${different}`;
      throw new AwsError('QueueNameExists', message);
    }
    if ((deletedUntilMs[name] ?? 0) > world.nowMs()) {
      const message =
        'You must wait 60 seconds after deleting a queue before you can create another with the same name.';
      throw new AwsError('QueueDeletedRecently', message);
    }
    addQueue(world, call, name, attributes, tags);
    return { QueueUrl: queueUrl(call, name) };
  };
