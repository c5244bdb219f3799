/** Which messages of a queue can be received now, and what becomes of those that were received too often or are too old. */
import type { Scope, World } from '../../world.ts';
import type { Arrivals } from './arrivals.ts';
import { redriveOf, secondsOf } from './attributes.ts';
import { isFifo, queueArn, sqsState, type Message, type Queue } from './state.ts';

/** Of a FIFO queue, only its oldest messages are looked at. Source: SQS developer guide, FIFO message backlog. */
const fifoHorizon = 120_000;

/** A receipt handle names the message and which of its receptions it was. */
export const receiptOf = ({ id, receives }: Message): string => Buffer.from(`${id}/${receives}`).toString('base64url');

/** @returns undefined for what never was a receipt of this form */
export function readReceipt(receipt: string): { id: string; receives: number } | undefined {
  const [, id, receives] = /^([\w-]+)\/(\d+)$/.exec(Buffer.from(receipt, 'base64url').toString()) ?? [];
  return id === undefined ? undefined : { id, receives: Number(receives) };
}

/** Messages that can be received now, at most `most`; hidden from others for `visibilityMs`. */
export function take(
  world: World,
  scope: Scope,
  queue: Queue,
  { most, visibilityMs }: { most: number; visibilityMs: number },
  arrivals: Arrivals,
): Message[] {
  const nowMs = world.nowMs();
  const fifo = isFifo(queue);
  const redrive = redriveOf(queue);
  const blocked = new Set<string | undefined>();
  const taken: Message[] = [];
  let seen = 0;
  expire(queue, nowMs);
  for (const id in queue.messages) {
    const message = queue.messages[id] as Message;
    seen += 1;
    if (taken.length === most || (fifo && seen > fifoHorizon)) break;
    if (fifo && blocked.has(message.group)) continue;
    if (message.visibleMs > nowMs) blocked.add(message.group);
    else if (redrive && message.receives >= redrive.maxReceiveCount) {
      moveToDeadLetters(world, scope, queue, message, redrive.deadLetterTargetArn, arrivals);
    } else {
      message.receives += 1;
      message.visibleMs = nowMs + visibilityMs;
      message.firstReceivedAt ??= world.clock.wall().getTime();
      taken.push(message);
    }
  }
  return taken;
}

/** A standard queue keeps the date of the original, a FIFO queue starts anew. Source: SQS developer guide, dead-letter queues. */
function moveToDeadLetters(
  world: World,
  scope: Scope,
  queue: Queue,
  message: Message,
  targetArn: string,
  arrivals: Arrivals,
): void {
  const target = sqsState(world, scope).queues[targetArn.split(':').at(-1) ?? ''];
  // Without its dead-letter queue a message stays where it is.
  if (!target) return;
  delete queue.messages[message.id];
  const nowMs = world.nowMs();
  const enqueuedMs = isFifo(target) ? nowMs : message.enqueuedMs;
  const deadLetterSource = queueArn(scope, queue.name);
  target.messages[message.id] = { ...message, enqueuedMs, visibleMs: nowMs, deadLetterSource };
  arrivals.announce(targetArn);
}

/** Drops what is older than the queue's retention. */
export function expire(queue: Queue, nowMs: number): void {
  const oldest = nowMs - secondsOf(queue, 'MessageRetentionPeriod');
  for (const id in queue.messages) {
    if ((queue.messages[id]?.enqueuedMs ?? 0) <= oldest) delete queue.messages[id];
  }
}

/** When a hidden message can be received next, in milliseconds of `world.nowMs()`; Infinity when none is hidden. */
export const nextVisibleMs = (queue: Queue, nowMs: number): number =>
  Object.values(queue.messages).reduce(
    (next, { visibleMs }) => (visibleMs > nowMs ? Math.min(next, visibleMs) : next),
    Infinity,
  );
