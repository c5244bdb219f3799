/**
 * How one probe stands right now: good or bad, and since when, in its own terms. Answers come in any order; what it says rests
 * on the questions before which none is open, so that "good since" is never taken back by an answer that is still to come. A
 * failure is believed at once.
 */
import type { Probe } from '../domain/drill.ts';
import type { Outcome, ProbeStatus } from '../domain/sample.ts';

interface Asked {
  sentNs: bigint;
  outcome?: Outcome;
  why?: string;
}

export class Streak {
  readonly #probe: Pick<Probe, 'name' | 'everyMs' | 'timeoutMs' | 'threshold'>;
  readonly #clockId: string;
  /** Open ones, and those behind an open one, in the order in which they were asked. */
  readonly #waiting = new Map<number, Asked>();
  /** Answers within the probe's window, oldest first. */
  #window: { sentNs: bigint; good: boolean }[] = [];
  #state: ProbeStatus['state'] = 'unknown';
  #since: bigint | undefined;
  #asOf: bigint | undefined;
  #blindSince: bigint | undefined;
  #why: string | undefined;

  constructor(probe: Pick<Probe, 'name' | 'everyMs' | 'timeoutMs' | 'threshold'>, clockId: string) {
    this.#probe = probe;
    this.#clockId = clockId;
  }

  asked(n: number, sentNs: bigint): void {
    this.#waiting.set(n, { sentNs });
  }

  answered(n: number, outcome: Outcome, why?: string): void {
    const asked = this.#waiting.get(n);
    if (!asked) return;
    Object.assign(asked, { outcome, why });
    for (const [first, { sentNs, outcome, why }] of this.#waiting) {
      if (outcome === undefined) return;
      this.#waiting.delete(first);
      this.#take(sentNs, outcome, why);
    }
  }

  /** Absent before the first answer. */
  status(): ProbeStatus | undefined {
    const early = this.#failureBehindOpen();
    const since = early?.sentNs ?? this.#since;
    const asOf = this.#asOf ?? early?.sentNs;
    if (since === undefined || asOf === undefined) return undefined;
    const state = early ? 'bad' : this.#state;
    const why = early?.why ?? this.#why;
    return {
      probe: this.#probe.name,
      state,
      sinceNs: since.toString(),
      asOfNs: asOf.toString(),
      clockId: this.#clockId,
      ...(state === 'good' || why === undefined ? {} : { why }),
    };
  }

  /** Only without a threshold: with one, a single failure says nothing. */
  #failureBehindOpen(): Asked | undefined {
    if (this.#probe.threshold || this.#state === 'bad') return undefined;
    return [...this.#waiting.values()].find(({ outcome }) => outcome === 'bad' || outcome === 'indeterminate');
  }

  #take(sentNs: bigint, outcome: Outcome, why: string | undefined): void {
    this.#asOf = sentNs;
    if (outcome === 'unknown') {
      this.#blindSince ??= sentNs;
      const { everyMs, timeoutMs } = this.#probe;
      if (ms(sentNs - this.#blindSince) > Math.max(3 * everyMs, everyMs + timeoutMs, 1_000)) {
        this.#window = [];
        this.#turn('unknown', this.#blindSince, why);
      }
      return;
    }
    this.#blindSince = undefined;
    this.#window.push({ sentNs, good: outcome === 'good' });
    const { maxFailureRate, windowMs } = this.#probe.threshold ?? { maxFailureRate: 0, windowMs: 0 };
    this.#window = this.#window.filter((each) => ms(sentNs - each.sentNs) <= windowMs);
    const failures = this.#window.filter(({ good }) => !good);
    if (failures.length / this.#window.length > maxFailureRate) {
      this.#turn('bad', failures[0]!.sentNs, why ?? this.#why);
      this.#lastFailure = failures.at(-1)!.sentNs;
    } else if (this.#state !== 'good') {
      // Good since the first good answer after the last failure that counted.
      const since = this.#window.find((each) => each.good && each.sentNs > (this.#lastFailure ?? -1n));
      if (since) this.#turn('good', since.sentNs, undefined);
    }
  }

  #lastFailure: bigint | undefined;

  #turn(state: ProbeStatus['state'], sinceNs: bigint, why: string | undefined): void {
    if (state !== this.#state || this.#since === undefined) this.#since = sinceNs;
    this.#state = state;
    this.#why = why;
  }
}

const ms = (ns: bigint): number => Number(ns) / 1e6;
