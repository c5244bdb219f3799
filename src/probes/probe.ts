/**
 * What a probe kind is: a spec that drills are checked against, and a way to ask the service one question. Probes judge from
 * the user's side: `good` is the right answer, `bad` everything else. When to ask, for how long, and what becomes of the
 * answers is the prober's business.
 */
import type { Params, ProbeSpec } from '../domain/catalogue.ts';
import type { Clock } from '../domain/clock.ts';
import type { Probe } from '../domain/drill.ts';
import type { Plan } from '../domain/plan.ts';
import type { Resolver } from './dns/resolver.ts';

export interface Answer {
  /**
   * `indeterminate`: a write whose fate nobody knows, because its answer never came or was a server's error. It may have been
   * committed.
   */
  outcome: 'good' | 'bad' | 'indeterminate';
  /** Short reason of anything but good: `timeout`, `refused`, `status 503`. */
  why?: string;
  /** What was read, where that is of interest. */
  value?: string;
}

/** An opened probe. Asked again and again, also while earlier questions are still open. */
export interface LiveProbe {
  /**
   * Asks once. `n` numbers the question; canaries write it. Ends soon after `signal` aborts, with what is known then.
   * May throw: that counts as bad.
   */
  ask(n: number, signal: AbortSignal): Promise<Answer>;
  /** Of canaries: the numbers that are there. Throws when reading didn't work. */
  readBack?(signal: AbortSignal): Promise<number[]>;
  /** Of canaries: removes what was written. */
  cleanUp?(signal: AbortSignal): Promise<void>;
  close(): void;
}

export interface ProbeContext {
  runId: string;
  probe: Probe;
  plan: Plan;
  resolver: Resolver;
  clock: Clock;
  /** Where secret references are looked up. */
  env: NodeJS.ProcessEnv;
}

export interface ProbeKind<P extends Params = Params> {
  spec: ProbeSpec<P>;
  /** @throws UsageError when the parameters can't be used */
  open(context: ProbeContext): LiveProbe;
}

export const good = (value?: string): Answer => ({ outcome: 'good', ...(value === undefined ? {} : { value }) });
export const bad = (why: string, value?: string): Answer => ({
  outcome: 'bad',
  why,
  ...(value === undefined ? {} : { value }),
});
