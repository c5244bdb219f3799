/** What SQS keeps: queues by name, with their messages in the order in which they came. */
import { AwsError, type Call } from '../../wire/handler.ts';
import { defineSlice, type Scope, type World } from '../../world.ts';
import { arn } from '../../world/ids.ts';

export interface MessageAttribute {
  dataType: string;
  /** The value; base64 for binary types. */
  value: string;
}

export interface Message {
  id: string;
  body: string;
  attributes: Record<string, MessageAttribute>;
  /** `AWSTraceHeader`. */
  traceHeader?: string;
  sender: string;
  /** Epoch milliseconds, for people. */
  sentAt: number;
  firstReceivedAt?: number;
  /** Milliseconds of `world.nowMs()` from which retention counts. */
  enqueuedMs: number;
  /** Milliseconds of `world.nowMs()` from which it can be received: after a delay or a visibility timeout. */
  visibleMs: number;
  receives: number;
  /** FIFO: messages of a group are received in order. */
  group?: string;
  deduplicationId?: string;
  sequenceNumber?: string;
  /** Queue from which it was moved here as a dead letter. */
  deadLetterSource?: string;
}

export interface Queue {
  name: string;
  /** Epoch seconds. */
  createdAt: number;
  modifiedAt: number;
  /** As set by callers; defaults aren't stored. */
  attributes: Record<string, string>;
  tags: Record<string, string>;
  /** By message id, oldest first. */
  messages: Record<string, Message>;
  /** What was sent within the deduplication interval, by deduplication id; oldest first. */
  sent: Record<string, { messageId: string; sequenceNumber: string; untilMs: number }>;
  purgedMs?: number;
}

interface SqsState {
  queues: Record<string, Queue>;
  /** Milliseconds of `world.nowMs()` until which a deleted queue's name can't be used. */
  deletedUntilMs: Record<string, number>;
}

export const sqsState = defineSlice<SqsState>('sqs', () => ({ queues: {}, deletedUntilMs: {} }));

/** Puts an empty queue into the world. Attributes are taken as they are. */
export function addQueue(
  world: World,
  scope: Scope,
  name: string,
  attributes: Readonly<Record<string, string>> = {},
  tags: Readonly<Record<string, string>> = {},
): Queue {
  const createdAt = Math.floor(world.clock.wall().getTime() / 1000);
  const shared = { createdAt, modifiedAt: createdAt, messages: {}, sent: {} };
  const queue: Queue = { ...shared, name, attributes: { ...attributes }, tags: { ...tags } };
  sqsState(world, scope).queues[name] = queue;
  return queue;
}

export const isFifo = (queue: Queue): boolean => queue.attributes.FifoQueue === 'true';

export const queueArn = (scope: Scope, name: string): string => arn('sqs', scope, name);

export const queueUrl = ({ origin, account }: { origin: string; account: string }, name: string): string =>
  `${origin}/${account}/${name}`;

/**
 * The queue that a URL means; its last two segments count, so that URLs stay good when the endpoint moves.
 * @throws AwsError QueueDoesNotExist, AccessDenied for another account's queue
 */
export function queueAt(world: World, call: Call, url: string | undefined): Queue {
  if (url === undefined || url === '') throw missingParameter('QueueUrl');
  const [account, name = ''] = url.split('/').slice(-2);
  if (account !== undefined && /^\d{12}$/.test(account) && account !== call.account) {
    throw new AwsError('AccessDenied', `Access to the resource ${url} is denied.`, 403);
  }
  const queue = sqsState(world, call).queues[name];
  if (!queue) throw new AwsError('QueueDoesNotExist', 'The specified queue does not exist.');
  return queue;
}

export const missingParameter = (name: string): AwsError =>
  new AwsError('MissingParameter', `The request must contain the parameter ${name}.`);

export const invalidParameter = (value: unknown, name: string, reason: string): AwsError =>
  new AwsError('InvalidParameterValue', `Value ${String(value)} for parameter ${name} is invalid. Reason: ${reason}.`);

/** @throws AwsError InvalidParameterValue unless the number is whole and within the bounds */
export function checkRange(name: string, value: number | undefined, least: number, most: number): void {
  if (value !== undefined && !(Number.isInteger(value) && value >= least && value <= most)) {
    throw invalidParameter(value, name, `Must be >= ${least} and <= ${most}, if provided`);
  }
}
