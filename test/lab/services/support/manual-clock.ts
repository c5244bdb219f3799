/** A clock that stands still until a test moves it, because calls over sockets take real time meanwhile. */
import type { Clock } from '../../../../src/domain/clock.ts';

export class ManualClock implements Clock {
  readonly clockId = 'manual';
  private nowMs = 0;
  private readonly sleepers = new Map<() => void, number>();
  private readonly watchers = new Set<() => void>();

  monoNs(): bigint {
    return BigInt(Math.round(this.nowMs * 1e6));
  }

  wall(): Date {
    return new Date(Date.UTC(2026, 0, 1) + this.nowMs);
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const end = (then: () => void) => {
        this.sleepers.delete(wake);
        signal?.removeEventListener('abort', abort);
        then();
      };
      const wake = () => end(resolve);
      const abort = () => end(() => reject(signal?.reason as Error));
      signal?.addEventListener('abort', abort);
      this.sleepers.set(wake, this.nowMs + ms);
      for (const watcher of this.watchers) watcher();
    });
  }

  /** Moves time on and wakes whoever slept until then. */
  advance(ms: number): void {
    this.nowMs += ms;
    for (const [wake, atMs] of this.sleepers) if (atMs <= this.nowMs) wake();
  }

  /** Resolves when somebody sleeps. */
  sleeping(): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        if (this.sleepers.size === 0) return;
        this.watchers.delete(done);
        resolve();
      };
      this.watchers.add(done);
      done();
    });
  }
}
