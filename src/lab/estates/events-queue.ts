/** The queue on which firedrill publishes what happens in drills: FIFO, with a dead-letter queue that keeps longer. */
import { createQueue } from '../services/sqs/create-queue.ts';
import { queueArn } from '../services/sqs/state.ts';
import type { Call } from '../wire/handler.ts';
import type { Scope, World } from '../world.ts';

const name = 'firedrill-events';
const day = 86_400;

/** @returns the queue's URL */
export async function createEventsQueue(world: World, scope: Scope, origin: string): Promise<string> {
  const call: Call = {
    ...scope,
    origin,
    service: 'sqs',
    operation: 'CreateQueue',
    accessKeyId: scope.account,
    requestId: 'estate',
  };
  const create = createQueue(world);
  const fifo = { FifoQueue: 'true' };
  const deadLetters = `${name}-dlq.fifo`;
  await create({ QueueName: deadLetters, Attributes: { ...fifo, MessageRetentionPeriod: String(14 * day) } }, call);
  const redrive = { deadLetterTargetArn: queueArn(scope, deadLetters), maxReceiveCount: 5 };
  const attributes = { ...fifo, MessageRetentionPeriod: String(4 * day), RedrivePolicy: JSON.stringify(redrive) };
  const { QueueUrl } = await create({ QueueName: `${name}.fifo`, Attributes: attributes }, call);
  return QueueUrl ?? '';
}
