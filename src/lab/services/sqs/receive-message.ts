/** ReceiveMessage. Short polls see all messages: the lab has no subset of servers to ask. */
import type {
  Message as SentMessage,
  ReceiveMessageCommandInput,
  ReceiveMessageCommandOutput,
} from '@aws-sdk/client-sqs';
import type { Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import type { Arrivals } from './arrivals.ts';
import { secondsOf } from './attributes.ts';
import { nextVisibleMs, receiptOf, take } from './delivery.ts';
import { md5OfAttributes, md5OfBody } from './digests.ts';
import { checkRange, queueArn, queueAt, sqsState, type Message } from './state.ts';

export const receiveMessage =
  (world: World, arrivals: Arrivals): Handler<ReceiveMessageCommandInput, ReceiveMessageCommandOutput> =>
  async (input, call) => {
    const queue = queueAt(world, call, input.QueueUrl);
    const { MaxNumberOfMessages: most = 1, VisibilityTimeout, WaitTimeSeconds } = input;
    checkRange('MaxNumberOfMessages', most, 1, 10);
    checkRange('VisibilityTimeout', VisibilityTimeout, 0, 43_200);
    checkRange('WaitTimeSeconds', WaitTimeSeconds, 0, 20);
    const visibilityMs =
      VisibilityTimeout === undefined ? secondsOf(queue, 'VisibilityTimeout') : VisibilityTimeout * 1000;
    const waitMs =
      WaitTimeSeconds === undefined ? secondsOf(queue, 'ReceiveMessageWaitTimeSeconds') : WaitTimeSeconds * 1000;

    const deadlineMs = world.nowMs() + waitMs;
    while (!call.signal?.aborted) {
      const taken = take(world, call, queue, { most, visibilityMs }, arrivals);
      const nowMs = world.nowMs();
      if (taken.length > 0) return { Messages: taken.map((message) => messageFor(message, input)) };
      if (nowMs >= deadlineMs || sqsState(world, call).queues[queue.name] !== queue) return {};
      const untilMs = Math.min(deadlineMs, nextVisibleMs(queue, nowMs));
      await arrivals.wait(queueArn(call, queue.name), world.clock, untilMs - nowMs, call.signal);
    }
    return {};
  };

function messageFor(message: Message, input: ReceiveMessageCommandInput): SentMessage {
  const names = input.MessageAttributeNames ?? [];
  const wanted = Object.entries(message.attributes).filter(([name]) => names.some((pattern) => matches(pattern, name)));
  const attributes = Object.fromEntries(wanted);
  const values = wanted.map(([name, { dataType: DataType, value }]) => [
    name,
    DataType.startsWith('Binary')
      ? { DataType, BinaryValue: Buffer.from(value, 'base64') }
      : { DataType, StringValue: value },
  ]);
  return {
    MessageId: message.id,
    ReceiptHandle: receiptOf(message),
    MD5OfBody: md5OfBody(message.body),
    Body: message.body,
    Attributes: systemAttributes(message, [
      ...(input.MessageSystemAttributeNames ?? []),
      ...(input.AttributeNames ?? []),
    ]),
    MD5OfMessageAttributes: md5OfAttributes(attributes),
    MessageAttributes: values.length === 0 ? undefined : Object.fromEntries(values),
  };
}

/** A name, `All`, or a prefix that ends in `.*`. */
const matches = (pattern: string, name: string): boolean =>
  pattern === 'All' || pattern === name || (pattern.endsWith('.*') && name.startsWith(pattern.slice(0, -2)));

function systemAttributes(message: Message, names: readonly string[]): Record<string, string> | undefined {
  const all = {
    SenderId: message.sender,
    SentTimestamp: String(message.sentAt),
    ApproximateReceiveCount: String(message.receives),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
    MessageGroupId: message.group,
    MessageDeduplicationId: message.deduplicationId,
    SequenceNumber: message.sequenceNumber,
    AWSTraceHeader: message.traceHeader,
    DeadLetterQueueSourceArn: message.deadLetterSource,
  };
  const wanted = Object.entries(all).flatMap(([name, value]) =>
    value !== undefined && (names.includes('All') || names.includes(name)) ? [[name, value] as const] : [],
  );
  return wanted.length === 0 ? undefined : Object.fromEntries(wanted);
}
