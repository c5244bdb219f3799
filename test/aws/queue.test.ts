import { afterEach, beforeEach, expect, test } from 'vitest';
import { sqsQueue } from '../../src/aws/queue.ts';
import type { TestLab } from '../actions/support/lab.ts';
import { account, openTestLab } from '../actions/support/lab.ts';

let lab: TestLab;
beforeEach(async () => {
  lab = await openTestLab(async () => {});
});
afterEach(() => lab.close());

const never = new AbortController().signal;

test('an event that is sent is received and is gone once it is deleted', async () => {
  const { aws } = lab;
  const { QueueUrl } = await aws
    .in({ account, region: 'eu-west-1' })
    .sqs.createQueue({ QueueName: 'events.fifo', Attributes: { FifoQueue: 'true' } });
  const queue = sqsQueue(aws, QueueUrl!, 'eu-west-1');
  await queue.send({ body: 'one', groupId: 'r', deduplicationId: 'r:1' }, never);
  await queue.send({ body: 'one', groupId: 'r', deduplicationId: 'r:1' }, never);
  await queue.send({ body: 'two', groupId: 'r', deduplicationId: 'r:2' }, never);

  const received = await queue.receive({ waitSeconds: 0, max: 10, signal: never });
  expect(received.map(({ body }) => body)).toEqual(['one', 'two']);
  for (const { receipt } of received) await queue.delete(receipt);
  expect(await queue.receive({ waitSeconds: 0, max: 10, signal: never })).toEqual([]);
});

test("the region is the queue's own, as its URL says, and else must be given", () => {
  const { aws } = lab;
  expect(() => sqsQueue(aws, 'https://sqs.eu-central-1.amazonaws.com/1/q', undefined)).not.toThrow();
  expect(() => sqsQueue(aws, 'http://127.0.0.1:1/1/q', undefined)).toThrow(
    expect.objectContaining({ code: 'queue-region' }),
  );
});
