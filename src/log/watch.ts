/** Follows a run's log as it grows, for live views. Told by the database; asks by itself now and then, should a word get lost. */
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import type { LogEntry } from '../domain/event.ts';
import type { Log } from '../domain/ports.ts';
import { LOG_CHANNEL } from '../postgres/channels.ts';
import type { Connect } from '../postgres/locks.ts';
import { isConnectionLoss } from '../postgres/outage.ts';

const ASK_AGAIN_MS = 1_000;

/**
 * All entries with `seq > after`, then each new one as soon as it is there. Ends when `signal` aborts or the consumer stops;
 * a finished run may still get addenda, so that alone is no end.
 */
export async function* watch(
  { log, connect }: { log: Log; connect: Connect },
  runId: string,
  { after = 0, signal }: { after?: number; signal: AbortSignal },
): AsyncGenerator<LogEntry, void, undefined> {
  let seen = after;
  let ear: Ear | undefined;
  try {
    while (!signal.aborted) {
      ear = ear?.alive ? ear : await listen(connect, runId);
      const heard = ear?.next(signal);
      for (const entry of await log.read(runId, seen)) {
        yield entry;
        seen = entry.seq;
      }
      await (heard ?? pause(signal));
    }
  } finally {
    await ear?.close();
  }
}

interface Ear {
  readonly alive: boolean;
  /** Resolves at the next word about the run, at the latest after a second or when the signal aborts. */
  next(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** Undefined while the database can't be reached. */
async function listen(connect: Connect, runId: string): Promise<Ear | undefined> {
  let session: pg.Client | undefined;
  try {
    session = await connect();
    await session.query(`LISTEN ${LOG_CHANNEL}`);
  } catch (error) {
    await session?.end();
    if (!isConnectionLoss(error)) throw error;
    return undefined;
  }
  return earOf(session, runId);
}

function earOf(session: pg.Client, runId: string): Ear {
  const words = new EventTarget();
  let alive = true;
  session.on('notification', ({ payload }) => {
    if (payload === runId) words.dispatchEvent(new Event('word'));
  });
  session.once('end', () => {
    alive = false;
    words.dispatchEvent(new Event('word'));
  });
  return {
    get alive() {
      return alive;
    },
    next: (signal) => pause(signal, words),
    close: () => session.end(),
  };
}

async function pause(signal: AbortSignal, words: EventTarget = new EventTarget()): Promise<void> {
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  try {
    await Promise.race([delay(ASK_AGAIN_MS, undefined, { signal: either }), once(words, 'word', { signal: either })]);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    over.abort();
  }
}
