/**
 * One process's hold on a run: the folded state and the one queue through which everything is appended. Parallel steps share
 * the queue, so that there is one order and one chain. When the head has moved under us, somebody else owns the run: every
 * append and every ownership check from then on is Lost, and `lost` aborts so that polls end at once.
 */
import type { Clock } from '../domain/clock.ts';
import { markNow } from '../domain/clock.ts';
import { FiredrillError, LostError, isLost } from '../domain/errors.ts';
import type { EventBody, LogEntry } from '../domain/event.ts';
import type { Log } from '../domain/ports.ts';
import { advance, fold, next } from './next.ts';
import type { RunState } from './next.ts';

const claimAttempts = 5;

export class Journal {
  readonly runId: string;
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #entries: LogEntry[];
  readonly #lost = new AbortController();
  readonly #turned = new AbortController();
  #state: RunState;
  #tail: Promise<unknown> = Promise.resolve();

  private constructor(log: Log, clock: Clock, entries: LogEntry[], state: RunState) {
    this.runId = state.runId;
    this.#log = log;
    this.#clock = clock;
    this.#entries = entries;
    this.#state = state;
    if (state.turn) this.#turned.abort(new Error(state.turn.message));
  }

  /**
   * Reads the run's log and claims it: the claim moves the head, which fences every older writer. An older writer that is
   * still writing may get in between; it loses against the next try.
   * @throws FiredrillError `run-not-found`
   * @throws LostError when others kept claiming it
   */
  static async claim(log: Log, clock: Clock, runId: string, owner: string): Promise<Journal> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await Journal.#claimOnce(log, clock, runId, owner);
      } catch (error) {
        if (!isLost(error) || tries === claimAttempts) throw error;
      }
    }
  }

  /**
   * The journal of a run that is over, for an addendum. Claims nothing: the addendum's first event fences other writers.
   * @throws FiredrillError `run-not-found`, `run-unfinished`
   */
  static async reopen(log: Log, clock: Clock, runId: string): Promise<Journal> {
    const journal = await Journal.#open(log, clock, runId);
    if (journal.state.finished) return journal;
    throw new FiredrillError('run-unfinished', `run ${runId} has not finished`, {
      remedy: `Take it back with "firedrill undo ${runId}".`,
    });
  }

  static async #claimOnce(log: Log, clock: Clock, runId: string, owner: string): Promise<Journal> {
    const journal = await Journal.#open(log, clock, runId);
    const { finished, attempt } = journal.state;
    if (!finished) await journal.append({ type: 'run.claimed', owner, attempt: attempt + 1 });
    return journal;
  }

  static async #open(log: Log, clock: Clock, runId: string): Promise<Journal> {
    const entries = await log.read(runId);
    const state = fold(entries);
    if (state) return new Journal(log, clock, entries, state);
    throw new FiredrillError('run-not-found', `there is no run ${runId}`, {
      remedy: 'List the runs with "firedrill runs".',
    });
  }

  get state(): RunState {
    return this.#state;
  }

  /** All entries so far, in order. */
  get entries(): readonly LogEntry[] {
    return this.#entries;
  }

  /** Aborts as soon as it is known that this process doesn't own the run any more: with a LostError when another does. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** Leaves the run when the signal aborts, with its reason: somebody knows what doesn't stand in the log. */
  leaveOn(signal: AbortSignal): void {
    const leave = (): void => this.#lost.abort(signal.reason);
    if (signal.aborted) leave();
    else signal.addEventListener('abort', leave, { once: true });
  }

  /** Aborts when the run turns, or had turned before: polls that go forward end then. */
  get turned(): AbortSignal {
    return this.#turned.signal;
  }

  /**
   * Appends after everything that was appended before it.
   * @throws LostError when another process owns the run
   * @throws IllegalEventError when the event can't follow the state; nothing is written then
   */
  append(body: EventBody): Promise<LogEntry> {
    return this.appendIf(() => body) as Promise<LogEntry>;
  }

  /** As {@link append}, deciding at the moment of writing; undefined writes nothing. */
  appendIf(decide: (state: RunState) => EventBody | undefined): Promise<LogEntry | undefined> {
    const appended = this.#tail.then(() => this.#write(decide));
    this.#tail = appended.catch(() => undefined);
    return appended;
  }

  /**
   * Whether this process still owns the run. Asked just before every AWS call.
   * @throws LostError
   */
  async guard(): Promise<void> {
    this.#lost.signal.throwIfAborted();
    const head = await this.#log.head(this.runId);
    if (head <= this.#state.head.seq) return;
    await this.#tail;
    if (head > this.#state.head.seq) throw this.#lose();
  }

  async #write(decide: (state: RunState) => EventBody | undefined): Promise<LogEntry | undefined> {
    this.#lost.signal.throwIfAborted();
    const body = decide(this.#state);
    if (!body) return undefined;
    const event = { ...body, mark: markNow(this.#clock) };
    next(this.#state, event);
    try {
      const entry = await this.#log.append(this.runId, this.#state.head, event);
      this.#state = advance(this.#state, entry);
      this.#entries.push(entry);
      if (body.type === 'run.turned') this.#turned.abort(new Error(body.turn.message));
      return entry;
    } catch (error) {
      if (isLost(error)) this.#lose();
      throw error;
    }
  }

  #lose(): LostError {
    const error = new LostError(this.runId);
    if (!this.#lost.signal.aborted) this.#lost.abort(error);
    return error;
  }
}
