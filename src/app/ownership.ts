/**
 * Who drives a run: the lock by which others see that somebody does, and how it passes on. What keeps two drivers apart is not
 * this lock but the log (run/journal.ts): the lock only says who is there, so it may be late and never does harm.
 *
 *   session breaks  -> its owner takes the lock again as soon as the store answers; others wait that long before they call it dead
 *   owner hangs     -> its session shows no life: whoever resumes ends the session, and is the owner
 */
import { hostname } from 'node:os';
import type { Clock } from '../domain/clock.ts';
import { markNow, msBetween } from '../domain/clock.ts';
import { FiredrillError, LostError } from '../domain/errors.ts';
import type { LogEntry } from '../domain/event.ts';
import { breakLock, holderOf, isHeld, tryLock } from '../postgres/locks.ts';
import type { HeldLock } from '../postgres/locks.ts';
import type { App } from './app.ts';
import { lockOf } from './app.ts';

/** Time without a sign of life, several of which should have come, after which an owner counts as hung. Milliseconds. */
export const hungAfterMs = 30_000;
/**
 * For how long an owner whose session broke may be without its lock and live, milliseconds: longer than statements ride an outage
 * of the store out, so that who outlives the outage has its lock again.
 */
export const blipMs = 10_000;
const retakeMs = 250;

/** A run this young may not be driven yet: its first entry comes before its owner's lock. Milliseconds. */
const beginningMs = 30_000;

type Place = Pick<App, 'store' | 'clock'>;

/** Whether somebody may be about to take the run that this log has just begun. */
export const mayBeBeginning = (clock: Clock, [first, ...more]: readonly LogEntry[]): boolean =>
  first !== undefined && more.length === 0 && msBetween(first.event.mark, markNow(clock)).ms < beginningMs;

export interface Ownership {
  /** Aborts when the run must be left: another process owns it, or nobody can say who does. */
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

/** @returns undefined when another process owns the run */
export async function own({ store, clock }: Place, runId: string): Promise<Ownership | undefined> {
  const name = lockOf.owner(runId);
  const first = await tryLock(store.connect, name);
  if (!first) return undefined;
  const lost = new AbortController();
  let released = false;
  let held = first;

  const retake = async (broken: HeldLock): Promise<void> => {
    const since = clock.monoNs();
    while (!released) {
      const cause = await retakeOnce(broken).catch((error: unknown) => error);
      if (cause === 'taken') return;
      if (cause === 'another') return lost.abort(new LostError(runId));
      if (Number(clock.monoNs() - since) / 1e6 > blipMs) return lost.abort(ownerless(runId, cause));
      await clock.sleep(retakeMs);
    }
  };

  const retakeOnce = async (broken: HeldLock): Promise<'taken' | 'another' | 'still held by the broken session'> => {
    const again = await tryLock(store.connect, name);
    if (again) {
      hold(again);
      if (released) await again.release();
      return 'taken';
    }
    const holder = await holderOf(store.pool, name);
    return holder && holder.backend !== broken.backend ? 'another' : 'still held by the broken session';
  };

  const hold = (lock: HeldLock): void => {
    held = lock;
    const onLost = (): void => void retake(lock);
    if (lock.lost.aborted) onLost();
    else lock.lost.addEventListener('abort', onLost, { once: true });
  };

  hold(first);
  return {
    lost: lost.signal,
    async release() {
      released = true;
      await held.release();
    },
  };
}

/**
 * Makes way for whoever wants to carry a run on: ends the owner's session when the owner hangs.
 * @param afterMs time without a sign of life after which it counts as hung
 * @returns a sentence about the owner that hung, for people; undefined when nobody held the run
 * @throws FiredrillError `run-is-driven` when its owner lives
 */
export async function makeWay(
  app: Place & Pick<App, 'log'>,
  runId: string,
  afterMs = hungAfterMs,
): Promise<string | undefined> {
  const { pool } = app.store;
  const holder = await holderOf(pool, lockOf.owner(runId));
  if (!holder) return undefined;
  const entries = await app.log.read(runId);
  const [first] = entries;
  const ephemeral = first?.event.type === 'run.started' && first.event.plan.environment === 'lab';
  if (ephemeral || !(await breakLock(pool, lockOf.owner(runId), afterMs))) {
    throw driven(runId, entries, holder.quietMs, ephemeral);
  }
  return `${nameOf(entries)} held run ${runId} and has shown no life for ${seconds(holder.quietMs)}: it is taken over`;
}

/** Whoever drives the run, as an error for one who would like to. */
export async function isDriven(app: Place & Pick<App, 'log'>, runId: string): Promise<FiredrillError> {
  const holder = await holderOf(app.store.pool, lockOf.owner(runId));
  return driven(runId, await app.log.read(runId), holder?.quietMs ?? 0, false);
}

/** Runs that nobody owns, of those given: one whose owner may live and have lost its session is waited for a while. */
export async function abandoned(
  { store, clock }: Place,
  runs: readonly { runId: string; entries: readonly LogEntry[] }[],
): Promise<string[]> {
  const since = clock.monoNs();
  const isOwned = (runId: string): Promise<boolean> => isHeld(store.pool, lockOf.owner(runId));
  const gone: string[] = [];
  let doubtful: string[] = [];
  for (const { runId, entries } of runs) {
    if (await isOwned(runId)) continue;
    (mayLive(claimantOf(entries)) ? doubtful : gone).push(runId);
  }
  while (doubtful.length > 0 && Number(clock.monoNs() - since) / 1e6 < blipMs) {
    await clock.sleep(retakeMs);
    const owned = await Promise.all(doubtful.map(isOwned));
    doubtful = doubtful.filter((_, i) => !owned[i]);
  }
  return [...gone, ...doubtful];
}

interface Claimant {
  host: string;
  pid: number;
}

/** The process that claimed the run last, or takes it back after its end; owners are named host:pid:random. */
function claimantOf(entries: readonly LogEntry[]): Claimant | undefined {
  const claim = entries
    .map(({ event }) => event)
    .findLast((event) => event.type === 'run.claimed' || event.type === 'undo.retried');
  const [host, pid] = claim?.owner.split(':') ?? [];
  return host === undefined || pid === undefined ? undefined : { host, pid: Number(pid) };
}

/** A process of another host may; one that never claimed the run doesn't count. */
function mayLive(claimant: Claimant | undefined): boolean {
  if (!claimant) return false;
  if (claimant.host !== hostname()) return true;
  try {
    process.kill(claimant.pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

const nameOf = (entries: readonly LogEntry[]): string => {
  const claimant = claimantOf(entries);
  return claimant ? `process ${claimant.pid} on ${claimant.host}` : 'a process';
};

const seconds = (ms: number): string => `${Math.floor(ms / 1000)} s`;

function driven(runId: string, entries: readonly LogEntry[], quietMs: number, ephemeral: boolean): FiredrillError {
  const who = nameOf(entries);
  const hangs = ephemeral
    ? `If it hangs, end ${who}: a rehearsal goes with its process, and is not carried on.`
    : `If it hangs, try again: once it has shown no life for ${seconds(hungAfterMs)}, it is taken over.`;
  const isOver = entries.some(({ event }) => event.type === 'run.finished');
  const stop = isOver ? '' : `, or stop it with "firedrill abort ${runId}"`;
  return new FiredrillError(
    'run-is-driven',
    `run ${runId} is being ${isOver ? 'taken back' : 'driven'} by another process`,
    {
      found: `${who}, which last showed life ${seconds(quietMs)} ago, and wrote last at ${entries.at(-1)?.event.mark.at}`,
      remedy: `Follow it with "firedrill runs show ${runId}"${stop}. ${hangs}`,
    },
  );
}

const ownerless = (runId: string, cause: unknown): FiredrillError =>
  new FiredrillError('owner-lock-lost', `the store stayed away, so nobody can say any more who owns run ${runId}`, {
    expected: `the store to answer within ${seconds(blipMs)}`,
    found: cause instanceof Error ? cause.message : String(cause),
    remedy: 'See that the store is up, then carry the run on.',
    cause,
  });
