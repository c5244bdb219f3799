/** Wakes long polls. The only part of SQS that isn't in the world: a poll doesn't outlive its connection. */
import type { Clock } from '../../../domain/clock.ts';

export class Arrivals {
  private readonly waiting = new Map<string, Set<AbortController>>();

  /** Something may be receivable from this queue now. */
  announce(queue: string): void {
    for (const poll of this.waiting.get(queue) ?? []) poll.abort();
  }

  /** Resolves after an announcement, after `ms`, or when the caller is gone. */
  async wait(queue: string, clock: Clock, ms: number, gone: AbortSignal | undefined): Promise<void> {
    const poll = new AbortController();
    const polls = this.waiting.get(queue) ?? new Set();
    this.waiting.set(queue, polls.add(poll));
    const end = gone ? AbortSignal.any([poll.signal, gone]) : poll.signal;
    try {
      await clock.sleep(ms, end);
    } catch (error) {
      if (!end.aborted) throw error;
    } finally {
      polls.delete(poll);
      if (polls.size === 0) this.waiting.delete(queue);
    }
  }
}
