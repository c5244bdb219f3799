/**
 * Notices when the prober itself was held up: a stopped process, a busy machine, a long pause for memory. What it saw of the
 * service then is worth nothing: an answer may have lain in the socket while the time-out ran.
 */
import type { Clock } from '../domain/clock.ts';
import { pause } from './schedule.ts';

const beatMs = 20;
/** A beat this much late is a stall. */
const stallMs = 50;
/** Older stalls concern no open question any more. */
const keepMs = 120_000;

export class Stalls {
  readonly #clock: Clock;
  #stalls: { fromNs: bigint; toNs: bigint }[] = [];
  #lastNs: bigint;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#lastNs = clock.monoNs();
  }

  async watch(signal: AbortSignal): Promise<void> {
    do this.#beat();
    while (await pause(this.#clock, beatMs, signal));
  }

  /** Whether the prober was held up at some time since then. */
  since(ns: bigint): boolean {
    this.#beat();
    return this.#stalls.some(({ toNs }) => toNs > ns);
  }

  #beat(): void {
    const now = this.#clock.monoNs();
    if (Number(now - this.#lastNs) / 1e6 > beatMs + stallMs) {
      this.#stalls = this.#stalls.filter(({ toNs }) => Number(now - toNs) / 1e6 < keepMs);
      this.#stalls.push({ fromNs: this.#lastNs, toNs: now });
    }
    this.#lastNs = now;
  }
}

/** How late a question may start before it is not asked at all. */
export const lateLimitMs = (everyMs: number): number => Math.max(10, Math.min(stallMs, everyMs / 2));
