/** Consumes the queue of step events: receives, hands each event on once, deletes. */
import { setTimeout as delay } from 'node:timers/promises';
import { eventIn } from './message.ts';
import type { EventQueue } from './queue.ts';
import type { CloudEvent } from './story.ts';

const WAIT_SECONDS = 20;
const BATCH = 10;
const RETRY_MS = [200, 500, 1_000, 2_000, 5_000] as const;
/** Runs whose newest event is remembered, to tell what came before. */
const REMEMBERED_RUNS = 10_000;

export interface TailOptions {
  queue: EventQueue;
  /** Told of each event once, in order per run. It is deleted afterwards; if this throws, it stays and `tail` rejects. */
  onEvent: (event: CloudEvent) => Promise<void> | void;
  /** A message that is no step event. It is left in the queue. */
  onForeign?: (body: string) => void;
  /** The queue could not be reached; it is tried again. */
  onTrouble?: (error: unknown) => void;
  /** Ends the consuming. */
  signal: AbortSignal;
  /** Return when a poll finds nothing, instead of waiting for more. @default false */
  untilEmpty?: boolean;
}

/**
 * Consumes until `signal` aborts. Events that were sent or delivered twice are recognised by run and number.
 * @throws what the first receive threw: a wrong queue or missing permission doesn't get better by waiting
 */
export async function tail({ queue, onEvent, onForeign, onTrouble, signal, untilEmpty }: TailOptions): Promise<void> {
  const seen = new Map<string, number>();
  let reached = false;
  let failures = 0;
  while (!signal.aborted) {
    try {
      const waitSeconds = untilEmpty ? 1 : WAIT_SECONDS;
      const messages = await queue.receive({ waitSeconds, max: BATCH, signal });
      reached = true;
      failures = 0;
      if (messages.length === 0 && untilEmpty) return;
      for (const { body, receipt } of messages) {
        const event = eventIn(body);
        if (!event) {
          onForeign?.(body);
          continue;
        }
        if (isNew(seen, event)) await handOn(onEvent, event);
        await queue.delete(receipt);
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof NotHandled) throw error.cause;
      if (!reached) throw error;
      onTrouble?.(error);
      const waitMs = RETRY_MS[Math.min(failures++, RETRY_MS.length - 1)];
      await delay(waitMs, undefined, { signal }).catch(() => undefined);
    }
  }
}

class NotHandled extends Error {}

async function handOn(onEvent: TailOptions['onEvent'], event: CloudEvent): Promise<void> {
  try {
    await onEvent(event);
  } catch (cause) {
    throw new NotHandled('an event was not handled', { cause });
  }
}

/** Within a run each event is first sent after the one before it, so anything not above the newest is a repetition. */
function isNew(seen: Map<string, number>, { data: { runId, seq } }: CloudEvent): boolean {
  const newest = seen.get(runId) ?? 0;
  if (seq <= newest) return false;
  seen.delete(runId);
  seen.set(runId, seq);
  const [oldest] = seen.keys();
  if (seen.size > REMEMBERED_RUNS && oldest !== undefined) seen.delete(oldest);
  return true;
}
