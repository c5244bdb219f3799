/**
 * Sends the log of runs to one SQS FIFO queue, in the background: in order per run, many runs at once, whatever happens.
 *
 *   log -> cursor (run, queue) -> next entry -> send -> cursor + 1
 *
 * A run is sent by one process at a time (advisory lock on the publisher's session). The cursor moves after a send that
 * succeeded, so an event can be sent twice, never left out, and no event is first sent before the one in front of it.
 * Events of runs whose process is gone are sent as well: an open publisher sends all that its queue hasn't got.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import type { Log } from '../domain/ports.ts';
import { LOG_CHANNEL } from '../postgres/channels.ts';
import { keyOf } from '../postgres/locks.ts';
import type { Connect } from '../postgres/locks.ts';
import { advanceTo, cursorOf, enrol, pendingRuns } from './cursors.ts';
import { messageOf } from './message.ts';
import type { EventQueue } from './queue.ts';
import { Story } from './story.ts';

/** How often to look for what nobody sends, when nothing is heard. */
const LOOK_MS = 5_000;
const FIRST_RETRY_MS = 100;
const RUNS_AT_ONCE = 32;

export interface Publisher {
  /**
   * Has the run's events sent to the queue. To be called before its first event is appended, so that no kill gets in between.
   * @param ephemeral the queue goes with the run's lab: what it hasn't got by then is nobody's
   */
  enrol(runId: string, ephemeral?: boolean): Promise<void>;
  /**
   * Waits until the queue has all events of the runs enrolled here. Never throws.
   * @returns false when that took longer than `timeoutMs`; the rest waits in the store
   */
  drain(timeoutMs: number): Promise<boolean>;
  /** Stops sending, in the middle of a send if need be. */
  close(): Promise<void>;
}

export interface PublisherOptions {
  pool: pg.Pool;
  connect: Connect;
  log: Log;
  queue: EventQueue;
  /** Told once when sending stops working, and again only after it has worked. Runs are never told. */
  onTrouble: (error: unknown) => void;
}

/** Needs the tables of cursors.ts. Sends right away what the queue hasn't got. */
export function openPublisher(options: PublisherOptions): Publisher {
  const sender = new Sender(options);
  const looking = sender.look();
  const enrolled = new Set<string>();
  return {
    async enrol(runId, ephemeral = false) {
      await enrol(options.pool, runId, options.queue.url, ephemeral);
      enrolled.add(runId);
      sender.kick(runId);
    },
    async drain(timeoutMs) {
      const deadline = performance.now() + timeoutMs;
      const leftMs = (): number => Math.max(0, deadline - performance.now());
      for (let waitMs = 10; ; waitMs = Math.min(waitMs * 2, 500)) {
        for (const runId of enrolled) sender.kick(runId);
        await Promise.race([sender.idle(), delay(leftMs(), undefined, { ref: false })]);
        if (await sender.hasAll(enrolled)) return true;
        if (leftMs() === 0) return false;
        await delay(Math.min(waitMs, leftMs()));
      }
    },
    async close() {
      sender.stop();
      await looking;
      await sender.idle();
      await sender.hangUp();
    },
  };
}

class Sender {
  readonly #options: PublisherOptions;
  readonly #stop = new AbortController();
  /** Runs that are being sent; `again` when there was word of more meanwhile. */
  readonly #active = new Map<string, { again: boolean; done: Promise<void> }>();
  readonly #stories = new Map<string, Story>();
  #session: pg.Client | undefined;
  /** Statements on the session go one after another. */
  #queries: Promise<unknown> = Promise.resolve();
  /** Aborted to have `look` look again early. */
  #nap = new AbortController();
  #troubled = false;
  /** How often sending or looking has failed so far. */
  #failures = 0;
  #retryMs = FIRST_RETRY_MS;

  constructor(options: PublisherOptions) {
    this.#options = options;
  }

  stop(): void {
    this.#stop.abort(new Error('the publisher was closed'));
  }

  /** Keeps the session up and looks for what is pending, until stopped. */
  async look(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      this.#nap = new AbortController();
      let waitMs = LOOK_MS;
      const failures = this.#failures;
      try {
        await this.#listen();
        const runs = await pendingRuns(this.#options.pool, this.#options.queue.url, RUNS_AT_ONCE);
        for (const runId of runs) this.kick(runId);
        await this.idle();
        // That nothing was pending says nothing of what has come and failed since.
        if (runs.length === 0 && failures === this.#failures) this.#well();
        if (runs.length === RUNS_AT_ONCE) waitMs = 0;
      } catch (error) {
        this.#trouble(error);
      }
      if (this.#troubled) {
        waitMs = this.#retryMs;
        this.#retryMs = Math.min(this.#retryMs * 2, LOOK_MS);
      }
      const signal = AbortSignal.any([this.#stop.signal, this.#nap.signal]);
      await delay(waitMs, undefined, { signal }).catch(() => undefined); // Rejects when woken.
    }
  }

  /** Sends what is pending of the run, now or as soon as the sending that is under way is through. */
  kick(runId: string): void {
    const active = this.#active.get(runId);
    if (active) active.again = true;
    else if (!this.#stop.signal.aborted) {
      const sending = { again: false, done: Promise.resolve() };
      this.#active.set(runId, sending);
      sending.done = this.#send(runId, sending);
    }
  }

  /** Resolves when nothing is being sent. */
  async idle(): Promise<void> {
    while (this.#active.size > 0) await Promise.all([...this.#active.values()].map(({ done }) => done));
  }

  /** Whether the queue has everything of the runs; false also when that can't be told. */
  async hasAll(runIds: ReadonlySet<string>): Promise<boolean> {
    const { pool, queue, log } = this.#options;
    try {
      for (const runId of runIds) {
        if ((await cursorOf(pool, runId, queue.url)) !== (await log.head(runId))) return false;
      }
      return true;
    } catch (error) {
      this.#trouble(error);
      return false;
    }
  }

  async hangUp(): Promise<void> {
    await this.#session?.end();
  }

  async #listen(): Promise<void> {
    if (this.#session) return;
    const session = await this.#options.connect();
    session.on('notification', ({ payload }) => payload && this.kick(payload));
    session.once('end', () => {
      if (this.#session === session) this.#session = undefined;
      this.#nap.abort();
    });
    this.#session = session;
    await session.query(`LISTEN ${LOG_CHANNEL}`);
  }

  async #send(runId: string, sending: { again: boolean }): Promise<void> {
    try {
      do {
        sending.again = false;
        await this.#sendAlone(runId);
      } while (sending.again && !this.#stop.signal.aborted);
    } catch (error) {
      this.#trouble(error);
    } finally {
      this.#active.delete(runId);
    }
  }

  /** Does nothing when another process sends the run. */
  async #sendAlone(runId: string): Promise<void> {
    const session = this.#session;
    if (!session) return;
    const key = keyOf(`publish:${runId}:${this.#options.queue.url}`);
    const { rows } = await this.#ask<{ held: boolean }>(session, 'SELECT pg_try_advisory_lock($1) AS held', key);
    if (!rows[0]?.held) return;
    try {
      await this.#sendAll(runId, () => session === this.#session);
    } finally {
      if (session === this.#session) await this.#ask(session, 'SELECT pg_advisory_unlock($1)', key);
    }
  }

  async #ask<R extends pg.QueryResultRow>(session: pg.Client, sql: string, key: string): Promise<pg.QueryResult<R>> {
    const answer = this.#queries.then(() => session.query<R>(sql, [key]));
    this.#queries = answer.catch(() => undefined); // The asker gets the failure.
    return answer;
  }

  /** A story that did not come to its end is told anew: what was told may not have been sent. */
  async #sendAll(runId: string, isMine: () => boolean): Promise<void> {
    const { pool, log, queue } = this.#options;
    const { signal } = this.#stop;
    const cursor = await cursorOf(pool, runId, queue.url);
    if (cursor === undefined) return;
    const story = this.#stories.get(runId) ?? new Story();
    this.#stories.delete(runId);
    let finished = false;
    for (const entry of await log.read(runId, story.seq)) {
      const event = story.tell(entry);
      finished ||= entry.event.type === 'run.finished';
      if (entry.seq <= cursor) continue;
      if (!isMine()) return;
      await queue.send(messageOf(event), signal);
      this.#well();
      if (!(await advanceTo(pool, runId, queue.url, entry.seq))) return;
      signal.throwIfAborted();
    }
    if (!finished) this.#stories.set(runId, story);
  }

  #well(): void {
    this.#troubled = false;
    this.#retryMs = FIRST_RETRY_MS;
  }

  #trouble(error: unknown): void {
    this.#failures += 1;
    if (this.#troubled || this.#stop.signal.aborted) return;
    this.#troubled = true;
    this.#nap.abort();
    this.#options.onTrouble(error);
  }
}
