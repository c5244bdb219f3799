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
  const maxOpen = Math.ceil((2 * probe.timeoutMs) / probe.everyMs) + 2;

  const record = (n: number, sent: Sent, answer: Answer | Unknown): void => {
    const { outcome, why } = answer;
    const doneNs = clock.monoNs().toString();
    const { at, sentNs } = sent;
    const { clockId } = clock;
    write({ probe: probe.name, seq: n, clockId, sentNs: sentNs.toString(), doneNs, at, ...answer });
    streak?.answered(n, outcome, why);
  };

  const answerTo = async (n: number, sent: Sent): Promise<void> => {
    const answer = await askOnce(live, n, probe.timeoutMs, { clock, stalls, sentNs: sent.sentNs });
    record(n, sent, answer ?? { outcome: 'unknown', why: 'prober stalled' });
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

interface Timing {
  clock: Clock;
  stalls: Stalls;
  sentNs: bigint;
}

/**
 * Time in which the prober was held up is waited for on top, up to the time-out once more: who has not answered by then is
 * late by any reckoning, and a good answer in that time may have been in time or not.
 * @returns undefined when the prober can't tell
 */
async function askOnce(live: LiveProbe, n: number, timeoutMs: number, timing: Timing): Promise<Answer | undefined> {
  const { clock, stalls, sentNs } = timing;
  const patience = async (signal: AbortSignal): Promise<void> => {
    await clock.sleep(timeoutMs, signal);
    for (let grantedMs = 0; ;) {
      const heldUpMs = Math.min(stalls.heldUpMs(sentNs), timeoutMs);
      if (heldUpMs <= grantedMs) return;
      await clock.sleep(heldUpMs - grantedMs, signal);
      grantedMs = heldUpMs;
    }
  };
  return within(patience, async (signal) => {
    const answer = await live.ask(n, signal).catch((error: unknown) => bad(whyOf(error, signal)));
    if (signal.aborted) return stalls.heldUpMs(sentNs) > timeoutMs ? undefined : answer;
    const tookMs = Number(clock.monoNs() - sentNs) / 1e6;
    return answer.outcome === 'good' && tookMs > timeoutMs && stalls.heldUpMs(sentNs) > 0 ? undefined : answer;
  });
}

/** Gives work a signal that aborts when its time is over. */
export const withTimeout = <T>(
  clock: Clock,
  timeoutMs: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> => within((signal) => clock.sleep(timeoutMs, signal), work);

/** Gives work a signal that aborts when `patience` is over; nobody waits for that once the work is done. */
async function within<T>(
  patience: (signal: AbortSignal) => Promise<void>,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const over = new AbortController();
  const done = new AbortController();
  patience(done.signal).then(
    () => over.abort(new Error('timeout')),
    () => undefined, // the work was done in time
  );
  try {
    return await work(over.signal);
  } finally {
    done.abort();
  }
}
