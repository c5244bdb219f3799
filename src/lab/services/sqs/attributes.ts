/** Queue attributes: which there are, their bounds and defaults. Source: SQS API reference, CreateQueue and SetQueueAttributes. */
import { AwsError } from '../../wire/handler.ts';
import type { Scope, World } from '../../world.ts';
import { isFifo, queueArn, sqsState, type Queue } from './state.ts';

const whole = (least: number, most: number) => (value: string) =>
  /^\d+$/.test(value) && Number(value) >= least && Number(value) <= most;
const oneOf =
  (...values: string[]) =>
  (value: string) =>
    values.includes(value);
const anyText = () => true;
const boolean = oneOf('true', 'false');

interface AttributeSpec {
  valid: (value: string) => boolean;
  fallback?: string;
  fifoOnly?: true;
}

const settable: Readonly<Record<string, AttributeSpec>> = {
  ContentBasedDeduplication: { valid: boolean, fifoOnly: true },
  DeduplicationScope: { valid: oneOf('queue', 'messageGroup'), fifoOnly: true },
  DelaySeconds: { valid: whole(0, 900), fallback: '0' },
  FifoQueue: { valid: boolean },
  FifoThroughputLimit: { valid: oneOf('perQueue', 'perMessageGroupId'), fifoOnly: true },
  KmsDataKeyReusePeriodSeconds: { valid: whole(60, 86_400) },
  KmsMasterKeyId: { valid: anyText },
  MaximumMessageSize: { valid: whole(1_024, 1_048_576), fallback: '1048576' },
  MessageRetentionPeriod: { valid: whole(60, 1_209_600), fallback: '345600' },
  Policy: { valid: anyText },
  ReceiveMessageWaitTimeSeconds: { valid: whole(0, 20), fallback: '0' },
  RedriveAllowPolicy: { valid: anyText },
  RedrivePolicy: { valid: (value) => value === '' || parseRedrive(value) !== undefined },
  SqsManagedSseEnabled: { valid: boolean, fallback: 'true' },
  VisibilityTimeout: { valid: whole(0, 43_200), fallback: '30' },
};

const fifoFallbacks = {
  ContentBasedDeduplication: 'false',
  DeduplicationScope: 'queue',
  FifoThroughputLimit: 'perQueue',
};

const fallbacks = Object.fromEntries(
  Object.entries(settable).flatMap(([name, { fallback }]) => (fallback === undefined ? [] : [[name, fallback]])),
);

export interface Redrive {
  deadLetterTargetArn: string;
  maxReceiveCount: number;
}

function parseRedrive(text: string): Redrive | undefined {
  try {
    const { deadLetterTargetArn, maxReceiveCount } = JSON.parse(text) as Record<string, unknown>;
    const count = Number(maxReceiveCount);
    const valid = typeof deadLetterTargetArn === 'string' && whole(1, 1_000)(String(count));
    return valid ? { deadLetterTargetArn, maxReceiveCount: count } : undefined;
  } catch {
    return undefined;
  }
}

export const redriveOf = (queue: Queue): Redrive | undefined =>
  queue.attributes.RedrivePolicy ? parseRedrive(queue.attributes.RedrivePolicy) : undefined;

/** What callers set, over the defaults. */
export const effective = (queue: Queue): Record<string, string> => ({
  ...fallbacks,
  ...(isFifo(queue) ? fifoFallbacks : {}),
  ...queue.attributes,
});

/** An attribute in seconds, as milliseconds. */
export const secondsOf = (queue: Queue, name: string): number => Number(effective(queue)[name] ?? 0) * 1000;

/**
 * @throws AwsError InvalidAttributeName, InvalidAttributeValue, InvalidParameterValue for a dead-letter queue that can't be one
 */
export function checkAttributes(
  world: World,
  scope: Scope,
  name: string,
  attributes: Readonly<Record<string, string>>,
  fifo: boolean,
): void {
  for (const [key, value] of Object.entries(attributes)) {
    const spec = settable[key];
    if (!spec || (spec.fifoOnly && !fifo)) throw new AwsError('InvalidAttributeName', `Unknown Attribute ${key}.`);
    if (!spec.valid(value)) throw new AwsError('InvalidAttributeValue', `Invalid value for the parameter ${key}.`);
  }
  const redrive = attributes.RedrivePolicy ? parseRedrive(attributes.RedrivePolicy) : undefined;
  if (redrive) checkDeadLetterQueue(world, scope, name, redrive, fifo);
}

function checkDeadLetterQueue(world: World, scope: Scope, name: string, redrive: Redrive, fifo: boolean): void {
  const arn = redrive.deadLetterTargetArn;
  const refuse = (reason: string) =>
    new AwsError(
      'InvalidParameterValue',
      `Value ${JSON.stringify(redrive)} for parameter RedrivePolicy is invalid. Reason: ${reason}`,
    );
  const target = sqsState(world, scope).queues[arn.split(':').at(-1) ?? ''];
  if (!target || arn !== queueArn(scope, target.name)) throw refuse('Dead letter target does not exist.');
  if (target.name === name) throw refuse('Dead letter target cannot be the queue itself.');
  if (isFifo(target) !== fifo) throw refuse('Dead-letter queue must be same type of queue as the source.');
}
