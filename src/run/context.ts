/**
 * What the shapes need of the run that a step belongs to: its journal, its clock, its deadline, and the parts that its action
 * makes of it.
 */
import type { Clock } from '../domain/clock.ts';
import { markNow, msBetween } from '../domain/clock.ts';
import { FiredrillError } from '../domain/errors.ts';
import type { EventBody } from '../domain/event.ts';
import type { Attempt, Part, Progress } from '../domain/part.ts';
import type { PlannedStep } from '../domain/plan.ts';
import { durationText } from '../domain/time-text.ts';
import type { Journal } from './journal.ts';
import type { PartRun, RunState } from './next.ts';

/** What the driver needs of the actions. Bound in app.ts; nothing here knows an action by name. */
export interface Parts {
  /** Expands a step. Must give parts of the same names every time, also after a crash. */
  of(step: PlannedStep, hold: Hold): Promise<readonly Part[]>;
}

/** What a part's effects may use of the run that they belong to. */
export interface Hold {
  state(): RunState;
  /** Ownership check for the AWS funnel. */
  guard(): Promise<void>;
  /** Counts an AWS call for the step. */
  countCall(): void;
}

export interface StepDeps {
  journal: Journal;
  clock: Clock;
  parts: Parts;
  /** Cadence of polls that say nothing themselves, milliseconds. */
  pollMs: number;
}

export class StepContext {
  readonly step: PlannedStep;
  readonly #deps: StepDeps;
  readonly #signal: AbortSignal;
  #calls = 0;

  constructor(deps: StepDeps, step: PlannedStep, signal: AbortSignal) {
    this.#deps = deps;
    this.step = step;
    this.#signal = signal;
  }

  /** Aborts when the step must stop where it is: the run was turned, or is another process's. */
  get signal(): AbortSignal {
    return this.#signal;
  }

  part(name: string): PartRun | undefined {
    return this.#deps.journal.state.steps.get(this.step.id)!.parts.find((part) => part.name === name);
  }

  /** Names of the parts that began, last first. */
  begunParts(): string[] {
    const { parts } = this.#deps.journal.state.steps.get(this.step.id)!;
    return parts.map((part) => part.name).toReversed();
  }

  /** Parts of this step that began after this one, so that their undo was tried before, and could not be undone. */
  stuckBefore(name: string): string[] {
    const { parts } = this.#deps.journal.state.steps.get(this.step.id)!;
    const own = parts.findIndex((part) => part.name === name);
    return parts.slice(own + 1).flatMap((part) => (part.state === 'undo-failed' ? [part.name] : []));
  }

  /** The run is over, and what could not be undone at its end is tried once more. */
  get retrying(): boolean {
    return this.#deps.journal.state.retrying;
  }

  append(event: EventBody): Promise<unknown> {
    return this.#deps.journal.append(event);
  }

  attempt(part: string, direction: 'do' | 'undo'): Attempt {
    return { key: `${this.#deps.journal.runId}.${this.step.id}.${part}.${direction}`, signal: this.#signal };
  }

  parts(): Promise<readonly Part[]> {
    const { journal } = this.#deps;
    return this.#deps.parts.of(this.step, {
      state: () => journal.state,
      guard: () => journal.guard(),
      countCall: () => (this.#calls += 1),
    });
  }

  /** AWS calls since it was asked last. */
  takeCalls(): number {
    const calls = this.#calls;
    this.#calls = 0;
    return calls;
  }

  async pause(ms = this.#deps.pollMs): Promise<void> {
    await this.#deps.clock.sleep(ms, this.#signal);
  }

  /** Whether the time that doing a part may take, or taking it back, is over, counted from now. @param mostMs of it, at most */
  deadline(part: Part, mostMs = Infinity): () => boolean {
    const since = this.#deps.clock.monoNs();
    const limitMs = Math.min(this.#limitMs(part), mostMs);
    return () => Number(this.#deps.clock.monoNs() - since) / 1e6 > limitMs;
  }

  /**
   * Looks at a fixed cadence until it is done. The step's time counts from when this part began, so a takeover doesn't
   * start it anew; that of an undo counts from now.
   * @param isOver whether the time is over, where it counts from another moment
   * @throws FiredrillError `timed-out` with what was seen last
   */
  async poll(
    part: Part,
    look: () => Promise<Progress>,
    isOver = this.#expiry(part),
  ): Promise<Extract<Progress, { done: true }>> {
    for (;;) {
      this.#signal.throwIfAborted();
      const progress = await look();
      if (progress.done) return progress;
      if (isOver()) throw timedOut(this.step, part, this.#limitMs(part), progress.saw);
      await this.pause(part.pollMs);
    }
  }

  #limitMs(part: Part): number {
    const { timeoutMs, undoTimeoutMs = timeoutMs } = this.step;
    return this.part(part.name)?.state === 'undoing' ? undoTimeoutMs : timeoutMs;
  }

  /** Whether the time of a part is over, counted from when it began; that of an undo counts from now. */
  #expiry(part: Part): () => boolean {
    const run = this.part(part.name);
    if (!run || run.state === 'undoing') return this.deadline(part);
    const limitMs = this.#limitMs(part);
    return () => msBetween(run.begun, markNow(this.#deps.clock)).ms > limitMs;
  }
}

const timedOut = (step: PlannedStep, part: Part, limitMs: number, saw: string): FiredrillError =>
  new FiredrillError('timed-out', `${step.id} did not get there within ${durationText(limitMs)}: ${saw}`, {
    expected: part.touches,
    found: saw,
    remedy: step.implicit
      ? 'Put right what is not as the drill expects it, then run the drill again.'
      : `If this can take longer, give step ${step.id} a longer timeout.`,
  });
