/** How a message comes into a queue: validation, deduplication, digests. Shared by SendMessage and SendMessageBatch. */
import { createHash } from 'node:crypto';
import type { MessageAttributeValue, SendMessageCommandInput, SendMessageCommandOutput } from '@aws-sdk/client-sqs';
import { AwsError, type Call, type HandlerOutput } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import { uuid } from '../../world/ids.ts';
import { effective, secondsOf } from './attributes.ts';
import { md5OfAttributes, md5OfBody, sizeOf } from './digests.ts';
import {
  checkRange,
  invalidParameter,
  isFifo,
  missingParameter,
  type Message,
  type MessageAttribute,
  type Queue,
} from './state.ts';

/** FIFO queues drop what was sent twice within it, even after the first was deleted. */
const deduplicationMs = 5 * 60_000;

/** XML 1.0's characters, which SQS keeps to. */
// eslint-disable-next-line no-control-regex -- exactly the control characters that SQS refuses
const refusedCharacters = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/;
const groupOrDeduplicationId = /^[\w!"#$%&'()*+,./:;<=>?@[\\\]^`{|}~-]{1,128}$/;

type Sent = HandlerOutput<SendMessageCommandOutput>;

/** @throws AwsError InvalidParameterValue, MissingParameter, InvalidMessageContents */
export function send(world: World, call: Call, queue: Queue, input: Omit<SendMessageCommandInput, 'QueueUrl'>): Sent {
  const body = input.MessageBody ?? '';
  const attributes = attributesOf(input.MessageAttributes);
  check(queue, input, body, attributes);
  const fifo = isFifo(queue);
  const deduplicationId = fifo ? deduplicationIdOf(queue, input, body) : undefined;
  const digests = { MD5OfMessageBody: md5OfBody(body), MD5OfMessageAttributes: md5OfAttributes(attributes) };

  const nowMs = world.nowMs();
  const key = `${effective(queue).DeduplicationScope === 'messageGroup' ? `${input.MessageGroupId}/` : ''}${deduplicationId}`;
  forget(queue, nowMs);
  const before = fifo ? queue.sent[key] : undefined;
  if (before) return { ...digests, MessageId: before.messageId, SequenceNumber: before.sequenceNumber };

  const delayMs = input.DelaySeconds === undefined ? secondsOf(queue, 'DelaySeconds') : input.DelaySeconds * 1000;
  const message: Message = {
    id: uuid(world),
    body,
    attributes,
    traceHeader: input.MessageSystemAttributes?.AWSTraceHeader?.StringValue,
    sender: call.accessKeyId,
    sentAt: world.clock.wall().getTime(),
    enqueuedMs: nowMs,
    visibleMs: nowMs + delayMs,
    receives: 0,
    group: input.MessageGroupId,
    deduplicationId,
    sequenceNumber: fifo ? String(18_850_000_000_000_000_000n + BigInt(world.next())) : undefined,
  };
  queue.messages[message.id] = message;
  if (message.sequenceNumber !== undefined) {
    const { id: messageId, sequenceNumber } = message;
    queue.sent[key] = { messageId, sequenceNumber, untilMs: nowMs + deduplicationMs };
  }
  return { ...digests, MessageId: message.id, SequenceNumber: message.sequenceNumber };
}

export const attributesOf = (given: Readonly<Record<string, MessageAttributeValue>> = {}) =>
  Object.fromEntries(
    Object.entries(given).map(([name, { DataType = '', StringValue, BinaryValue }]): [string, MessageAttribute] => [
      name,
      { dataType: DataType, value: StringValue ?? Buffer.from(BinaryValue ?? []).toString('base64') },
    ]),
  );

function check(
  queue: Queue,
  input: Omit<SendMessageCommandInput, 'QueueUrl'>,
  body: string,
  attributes: Readonly<Record<string, MessageAttribute>>,
): void {
  if (body === '') throw missingParameter('MessageBody');
  if (refusedCharacters.test(body)) {
    throw new AwsError(
      'InvalidMessageContents',
      'Invalid characters found. Valid unicode characters are XML 1.0 characters.',
    );
  }
  const most = Number(effective(queue).MaximumMessageSize);
  if (sizeOf(body, attributes) > most) {
    const reason = `Message must be shorter than ${most} bytes.`;
    throw new AwsError('InvalidParameterValue', `One or more parameters are invalid. Reason: ${reason}`);
  }
  checkRange('DelaySeconds', input.DelaySeconds, 0, 900);
  if (Object.keys(attributes).length > 10) {
    throw new AwsError(
      'InvalidParameterValue',
      'Number of message attributes [more than 10] exceeds the allowed maximum [10].',
    );
  }
  for (const [name, { dataType, value }] of Object.entries(attributes)) {
    if (!/^(String|Number|Binary)(\..+)?$/.test(dataType)) {
      const reason = `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`;
      throw new AwsError('InvalidParameterValue', reason);
    }
    if (value === '') {
      throw new AwsError('InvalidParameterValue', `Message attribute '${name}' must contain a non-empty value.`);
    }
  }
  const notForThisType = 'The request include parameter that is not valid for this queue type';
  if (isFifo(queue)) {
    if (input.MessageGroupId === undefined) throw missingParameter('MessageGroupId');
    if (input.DelaySeconds) throw invalidParameter(input.DelaySeconds, 'DelaySeconds', notForThisType);
  } else if (input.MessageDeduplicationId !== undefined) {
    throw invalidParameter(input.MessageDeduplicationId, 'MessageDeduplicationId', notForThisType);
  }
  for (const name of ['MessageGroupId', 'MessageDeduplicationId'] as const) {
    const value = input[name];
    if (value !== undefined && !groupOrDeduplicationId.test(value)) {
      const reason = `${name} can only include alphanumeric and punctuation characters. 1 to 128 in length`;
      throw invalidParameter(value, name, reason);
    }
  }
}

function deduplicationIdOf(queue: Queue, input: Omit<SendMessageCommandInput, 'QueueUrl'>, body: string): string {
  if (input.MessageDeduplicationId !== undefined) return input.MessageDeduplicationId;
  if (effective(queue).ContentBasedDeduplication === 'true') return createHash('sha256').update(body).digest('hex');
  throw new AwsError(
    'InvalidParameterValue',
    'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
  );
}

/** The oldest stand first, and all live equally long. */
function forget(queue: Queue, nowMs: number): void {
  for (const key in queue.sent) {
    if ((queue.sent[key]?.untilMs ?? 0) > nowMs) return;
    delete queue.sent[key];
  }
}
