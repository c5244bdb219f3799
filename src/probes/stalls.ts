/**
 * Notices when the prober itself was held up: a stopped process, a busy machine, a long pause for memory. An answer may have
 * lain in the socket meanwhile, or a request may have left late: that time is not the service's.
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

  /** How long the prober was held up since then, milliseconds. */
  heldUpMs(sinceNs: bigint): number {
    this.#beat();
    return this.#stalls.reduce((sum, { fromNs, toNs }) => {
      const from = fromNs > sinceNs ? fromNs : sinceNs;
      return toNs > from ? sum + Number(toNs - from) / 1e6 : sum;
    }, 0);
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
