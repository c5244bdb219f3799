/**
 * Real time, many times as fast, for a lab in the test's own process. It passes only while nobody asks anything, and goes on
 * from one sleeper to the next: who is held up, by a busy machine or for seconds on end, misses nothing and is never late.
 */
import type { Clock } from '../../src/domain/clock.ts';

interface Sleeper {
  atMs: number;
  wake: () => void;
}

export class PacedClock implements Clock {
  readonly clockId = 'fast';
  readonly #speed: number;
  #nowMs = 30 * 86_400_000;
  #sleepers: Sleeper[] = [];
  #asking = 0;
  /** The wait for the next sleeper, and since when it lasts. */
  #wait: { timer: NodeJS.Timeout; sinceMs: number; next: Sleeper } | undefined;

  /** @param speed how much of this time passes in a second of the machine's, seconds */
  constructor(speed: number) {
    this.#speed = speed;
  }

  monoNs(): bigint {
    return BigInt(Math.round(this.#nowMs * 1e6));
  }

  wall(): Date {
    return new Date(this.#nowMs);
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      this.#stop();
      const onAbort = (): void => {
        this.#stop();
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        this.#goOn();
        reject(signal!.reason as Error);
      };
      const wake = (): void => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      };
      const sleeper: Sleeper = { atMs: wholeUs(this.#nowMs + ms), wake };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#sleepers.push(sleeper);
      this.#goOn();
    });
  }

  /** No time passes until the answer is there. What is asked must not wait for time to pass. */
  async asking<T>(ask: () => Promise<T>): Promise<T> {
    this.#stop();
    this.#asking += 1;
    try {
      return await ask();
    } finally {
      this.#asking -= 1;
      this.#goOn();
    }
  }

  #goOn(): void {
    if (this.#wait || this.#asking > 0) return;
    const next = this.#sleepers.reduce<Sleeper | undefined>((a, b) => (a && a.atMs <= b.atMs ? a : b), undefined);
    if (!next) return;
    const waitMs = Math.max(0, next.atMs - this.#nowMs) / this.#speed;
    this.#wait = { timer: setTimeout(() => this.#step(next), waitMs), sinceMs: performance.now(), next };
  }

  #step(next: Sleeper): void {
    this.#wait = undefined;
    this.#nowMs = Math.max(this.#nowMs, next.atMs);
    this.#sleepers = this.#sleepers.filter((other) => other !== next);
    next.wake();
    this.#goOn();
  }

  /** What has been waited counts, but never past the sleeper that is next. */
  #stop(): void {
    if (!this.#wait) return;
    const { timer, sinceMs, next } = this.#wait;
    clearTimeout(timer);
    this.#wait = undefined;
    const passedMs = (performance.now() - sinceMs) * this.#speed;
    this.#nowMs = Math.max(this.#nowMs, wholeUs(Math.min(next.atMs, this.#nowMs + passedMs)));
  }
}

/** As fine as the lab's own time. */
const wholeUs = (ms: number): number => Math.round(ms * 1_000) / 1_000;
