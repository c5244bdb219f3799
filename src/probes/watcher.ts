/**
 * One probe under observation: asks in an open loop, bounds what is open, tells its own stalls from the service's failures,
 * writes every answer down and keeps the streak.
 */
import type { Clock } from '../domain/clock.ts';
import type { Probe } from '../domain/drill.ts';
import type { Sample } from '../domain/sample.ts';
import { whyOf } from './failure.ts';
import type { Answer, LiveProbe } from './probe.ts';
import { bad } from './probe.ts';
import type { Slot } from './schedule.ts';
import { openLoop } from './schedule.ts';
import type { Stalls } from './stalls.ts';
import { lateLimitMs } from './stalls.ts';
import type { Streak } from './streak.ts';

export interface Watched {
  probe: Pick<Probe, 'name' | 'everyMs' | 'timeoutMs'>;
  live: LiveProbe;
  /** Absent for what is sampled but no probe of the drill. */
  streak?: Streak;
}

export interface WatchContext {
  clock: Clock;
  stalls: Stalls;
  /** Number of the first question: above all that earlier probers of the run have used. */
  firstN: number;
  write: (sample: Sample) => void;
}

/**
 * Asks until `signal` aborts. @returns when the last answer is in
 * @throws what writing a sample down threw: a prober that can't keep what it sees is of no use
 */
export async function watch(
  { probe, live, streak }: Watched,
  context: WatchContext,
  signal: AbortSignal,
): Promise<void> {
  const { clock, stalls, firstN, write } = context;
  const open = new Set<Promise<void>>();
  const broken = new AbortController();
  const maxOpen = Math.ceil(probe.timeoutMs / probe.everyMs) + 2;

  const record = (n: number, sent: Sent, answer: Answer | Unknown): void => {
    const { outcome, why } = answer;
    const doneNs = clock.monoNs().toString();
    const { at, sentNs } = sent;
    const { clockId } = clock;
    write({ probe: probe.name, seq: n, clockId, sentNs: sentNs.toString(), doneNs, at, ...answer });
    streak?.answered(n, outcome, why);
  };

  const answerTo = async (n: number, sent: Sent): Promise<void> => {
    const { answer, timedOut } = await askOnce(live, n, probe.timeoutMs, clock);
    const stalled = timedOut && stalls.since(sent.sentNs);
    record(n, sent, stalled ? { outcome: 'unknown', why: 'prober stalled' } : answer);
  };

  const at = ({ n: slot, dueNs, lateMs }: Slot): void => {
    const n = firstN + slot;
    const late = lateMs > lateLimitMs(probe.everyMs);
    const sent = sentAt(clock, late ? dueNs : undefined);
    streak?.asked(n, sent.sentNs);
    if (late) return record(n, sent, { outcome: 'unknown', why: 'prober stalled' });
    if (open.size >= maxOpen) return record(n, sent, { outcome: 'unknown', why: 'too many open' });
    const asked = answerTo(n, sent)
      .catch((error: unknown) => broken.abort(error))
      .finally(() => open.delete(asked));
    open.add(asked);
  };

  await openLoop(clock, probe.everyMs, AbortSignal.any([signal, broken.signal]), at);
  await Promise.all(open);
  broken.signal.throwIfAborted();
}

interface Sent {
  sentNs: bigint;
  at: string;
}

interface Unknown {
  outcome: 'unknown';
  why: string;
}

/** @param dueNs when it should have been sent, if it wasn't */
function sentAt(clock: Clock, dueNs?: bigint): Sent {
  const now = clock.monoNs();
  const sentNs = dueNs ?? now;
  return { sentNs, at: new Date(clock.wall().getTime() - Number(now - sentNs) / 1e6).toISOString() };
}

async function askOnce(
  live: LiveProbe,
  n: number,
  timeoutMs: number,
  clock: Clock,
): Promise<{ answer: Answer; timedOut: boolean }> {
  return withTimeout(clock, timeoutMs, async (signal) => {
    const answer = await live.ask(n, signal).catch((error: unknown) => bad(whyOf(error, signal)));
    return { answer, timedOut: signal.aborted };
  });
}

/** Gives work a signal that aborts when its time is over. */
export async function withTimeout<T>(
  clock: Clock,
  timeoutMs: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const over = new AbortController();
  const done = new AbortController();
  clock.sleep(timeoutMs, done.signal).then(
    () => over.abort(new Error('timeout')),
    () => undefined, // the work was done in time
  );
  try {
    return await work(over.signal);
  } finally {
    done.abort();
  }
}
