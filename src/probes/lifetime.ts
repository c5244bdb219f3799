/** When a prober's work is over: the run closes or has finished, nobody owns it any more, or it lasts beyond all measure. */
import type { Clock } from '../domain/clock.ts';
import type { Log } from '../domain/ports.ts';
import { pause } from './schedule.ts';

/**
 * `closing`: read back, seal. `finished`: the run was judged without us. `killed`: it was, and what it ran in is gone with it. Else the
 * run may be taken up again by somebody.
 */
export type End = 'closing' | 'finished' | 'killed' | 'ownerless' | 'deadline';

export interface Life {
  runId: string;
  log: Log;
  clock: Clock;
  /** Whether some process drives the run right now. */
  ownerAlive(): Promise<boolean>;
  /** How long a run may be without an owner, milliseconds. */
  ownerlessMs: number;
  deadlineMs: number;
  note(problem: string, error: unknown): void;
}

const pollMs = 200;
const ownerPollMs = 1_000;

/** @param failure rejects when watching itself broke; this then rejects too */
export async function untilEnd(life: Life, failure: Promise<never>): Promise<End> {
  const { runId, log, clock } = life;
  const startNs = clock.monoNs();
  const never = new AbortController().signal;
  let seen = 0;
  let ownedNs = startNs;
  let askedNs: bigint | undefined;
  let owned = true;
  for (;;) {
    const now = clock.monoNs();
    try {
      if ((await log.head(runId)) > seen) {
        const entries = await log.read(runId, seen);
        seen = entries.at(-1)?.seq ?? seen;
        const judged = entries.map(({ event }) => event).find((event) => event.type === 'run.finished');
        if (judged) return judged.judgement.killed === true ? 'killed' : 'finished';
        if (entries.some(({ event }) => event.type === 'run.closing')) return 'closing';
      }
      // By what it is after reading: a prober that was held up must ask before it takes the run for ownerless.
      const askNs = clock.monoNs();
      if (askedNs === undefined || ms(askNs - askedNs) >= ownerPollMs) {
        askedNs = askNs;
        owned = await life.ownerAlive();
        if (owned) ownedNs = clock.monoNs();
      }
    } catch (error) {
      // A store that is away for a while is no reason to stop looking; one that stays away counts as having no owner.
      owned = false;
      life.note('the log could not be read', error);
    }
    if (!owned && ms(clock.monoNs() - ownedNs) > Math.max(life.ownerlessMs, 2 * ownerPollMs)) return 'ownerless';
    if (ms(now - startNs) > life.deadlineMs) return 'deadline';
    await Promise.race([pause(clock, pollMs, never), failure]);
  }
}

const ms = (ns: bigint): number => Number(ns) / 1e6;
