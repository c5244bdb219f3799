/**
 * A clock whose time passes only when everybody sleeps: when the event loop has nothing else to do, it jumps to the next
 * sleeper. Whole runs with hours of waiting take milliseconds, and always in the same order.
 */
import type { Clock } from '../../src/domain/clock.ts';

interface Sleeper {
  at: number;
  wake: () => void;
}

export class VirtualClock implements Clock {
  readonly clockId = 'virtual';
  #nowMs = 0;
  #sleepers: Sleeper[] = [];
  #pumping = false;

  monoNs(): bigint {
    return BigInt(Math.round(this.#nowMs * 1e6));
  }

  wall(): Date {
    return new Date(Date.UTC(2026, 0, 1) + this.#nowMs);
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const sleeper: Sleeper = { at: this.#nowMs + ms, wake: resolve };
      const onAbort = () => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        reject(signal!.reason as Error);
      };
      sleeper.wake = () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#sleepers.push(sleeper);
      this.#pump();
    });
  }

  /** As when the machine holds the process up: time passes, and nobody gets to do anything in it. */
  hold(ms: number): void {
    this.#nowMs += ms;
  }

  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    setImmediate(() => {
      this.#pumping = false;
      const next = this.#sleepers.reduce<Sleeper | undefined>((a, b) => (a && a.at <= b.at ? a : b), undefined);
      if (!next) return;
      this.#sleepers = this.#sleepers.filter((other) => other !== next);
      this.#nowMs = Math.max(this.#nowMs, next.at);
      next.wake();
      if (this.#sleepers.length > 0) this.#pump();
    });
  }
}
