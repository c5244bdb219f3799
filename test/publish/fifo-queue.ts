/**
 * An SQS FIFO queue in memory, as far as publishing can tell: order per message group, a group that waits while one of its
 * messages is in flight, deduplication for five minutes even after deletion, visibility timeout, and all that can go wrong
 * on the way. Time is the test's.
 */
import { once } from 'node:events';
import type { EventQueue, QueueMessage } from '../../src/publish/queue.ts';

const DEDUPLICATION_MS = 5 * 60_000;
const VISIBILITY_MS = 30_000;

interface Stored extends QueueMessage {
  visibleAtMs: number;
  receipt: string;
}

/** What befalls one call. `lost`: it takes effect, its answer doesn't arrive. `hung`: the same, and a send only ends when aborted. */
export type Fate = 'refused' | 'lost' | 'hung';

export class FifoQueue implements EventQueue {
  readonly url: string;
  nowMs = 0;
  /** Every call fails while it is set. */
  down = false;
  /** Taken by the calls that come, one each. */
  readonly fates: (Fate | undefined)[] = [];
  /** All bodies that were accepted, repetitions within the window left out. */
  readonly accepted: QueueMessage[] = [];
  sends = 0;
  readonly #messages: Stored[] = [];
  readonly #seen = new Map<string, number>();
  readonly #arrivals = new EventTarget();

  constructor(url = 'https://sqs.test/firedrill.fifo') {
    this.url = url;
  }

  async send(message: QueueMessage, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.sends += 1;
    await this.#meet(signal, () => {
      const seenMs = this.#seen.get(message.deduplicationId);
      if (seenMs !== undefined && this.nowMs - seenMs < DEDUPLICATION_MS) return;
      this.#seen.set(message.deduplicationId, this.nowMs);
      this.accepted.push(message);
      this.put(message);
    });
  }

  /** Past deduplication, as any other producer may. */
  put(message: QueueMessage): void {
    this.#messages.push({ ...message, visibleAtMs: 0, receipt: '' });
    this.#arrivals.dispatchEvent(new Event('arrival'));
  }

  async receive({ waitSeconds, max, signal }: Parameters<EventQueue['receive']>[0]) {
    signal.throwIfAborted();
    let messages = await this.#meet(undefined, () => this.#take(max));
    if (messages.length > 0 || waitSeconds < 20) return messages;
    while (messages.length === 0) {
      await once(this.#arrivals, 'arrival', { signal });
      messages = this.#take(max);
    }
    return messages;
  }

  #take(max: number): { body: string; receipt: string }[] {
    const blocked = new Set<string>();
    const taken: Stored[] = [];
    for (const message of this.#messages) {
      if (message.visibleAtMs > this.nowMs) blocked.add(message.groupId);
      else if (!blocked.has(message.groupId) && taken.length < max) taken.push(message);
    }
    for (const message of taken) {
      message.visibleAtMs = this.nowMs + VISIBILITY_MS;
      message.receipt = `${message.deduplicationId}@${this.nowMs}#${Math.random()}`;
    }
    return taken.map(({ body, receipt }) => ({ body, receipt }));
  }

  async delete(receipt: string): Promise<void> {
    await this.#meet(undefined, () => {
      const at = this.#messages.findIndex((message) => message.receipt === receipt);
      if (at >= 0) this.#messages.splice(at, 1);
    });
  }

  get length(): number {
    return this.#messages.length;
  }

  async #meet<T>(signal: AbortSignal | undefined, effect: () => T): Promise<T> {
    await new Promise(setImmediate);
    const fate = this.fates.shift();
    if (this.down || fate === 'refused') throw new Error('ServiceUnavailable');
    const result = effect();
    if (fate === 'hung' && signal) {
      if (!signal.aborted) await once(signal, 'abort');
      throw signal.reason;
    }
    if (fate) throw new Error('socket hang up');
    return result;
  }
}
