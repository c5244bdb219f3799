/**
 * One step on its way: expands it to parts, carries them out in order, records how it ended. `StepContext` is what the
 * shapes need of the run: its journal, its clock, its deadline.
 */
import type { Clock } from '../domain/clock.ts';
import { msBetween } from '../domain/clock.ts';
import { FiredrillError, isLost, reportOf } from '../domain/errors.ts';
import type { EventBody } from '../domain/event.ts';
import type { JsonObject } from '../domain/json.ts';
import type { Attempt, Part, Progress } from '../domain/part.ts';
import type { PlannedStep } from '../domain/plan.ts';
import type { Journal } from './journal.ts';
import { IllegalEventError } from './next.ts';
import type { PartRun, RunState } from './next.ts';
import { doPart, undoPart } from './shapes.ts';

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

  get lost(): AbortSignal {
    return this.#deps.journal.lost;
  }

  part(name: string): PartRun | undefined {
    return this.#deps.journal.state.steps.get(this.step.id)!.parts.find((part) => part.name === name);
  }

  /** Names of the parts that began, last first. */
  begunParts(): string[] {
    const { parts } = this.#deps.journal.state.steps.get(this.step.id)!;
    return parts.map((part) => part.name).toReversed();
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

  /** Whether the step's time, counted from now, is over. */
  deadline(): () => boolean {
    const since = this.#deps.clock.monoNs();
    return () => Number(this.#deps.clock.monoNs() - since) / 1e6 > this.step.timeoutMs;
  }

  /**
   * Looks at a fixed cadence until it is done. The step's time counts from when this part began, so a takeover doesn't
   * start it anew.
   * @throws FiredrillError `timed-out` with what was seen last
   */
  async poll(part: Part, look: () => Promise<Progress>): Promise<JsonObject | undefined> {
    const { clock } = this.#deps;
    const since = clock.monoNs();
    for (;;) {
      this.#signal.throwIfAborted();
      const progress = await look();
      if (progress.done) return progress.outputs;
      if (this.#elapsedMs(part.name, since) > this.step.timeoutMs) throw timedOut(this.step, part, progress.saw);
      await this.pause(part.pollMs);
    }
  }

  #elapsedMs(part: string, since: bigint): number {
    const { clock } = this.#deps;
    const run = this.part(part);
    if (!run || run.state === 'undoing') return Number(clock.monoNs() - since) / 1e6;
    return msBetween(run.begun, {
      clockId: clock.clockId,
      ns: clock.monoNs().toString(),
      at: clock.wall().toISOString(),
    }).ms;
  }
}

/**
 * Carries a step out, from wherever the log says it stands. A failure is recorded and, as the first one, turns the run.
 * A step whose `signal` aborts (the run was turned) stays where it is: `todo` decides what becomes of it.
 * @throws LostError
 */
export async function doStep(deps: StepDeps, step: PlannedStep, signal: AbortSignal): Promise<void> {
  const { journal } = deps;
  if (step.skip) {
    await journal.append({ type: 'step.skipped', step: step.id, why: step.skip });
    return;
  }
  const context = new StepContext(deps, step, signal);
  let current = 'prepare';
  try {
    if (step.undoes) {
      current = 'undo';
      await undoForStep(deps, context, step.undoes, signal);
    } else {
      for (const part of await context.parts()) {
        current = part.name;
        if (context.part(part.name)?.state !== 'settled') await doPart(context, part);
      }
    }
    const parts = journal.state.steps.get(step.id)!.parts;
    const outputs = Object.assign({}, ...parts.map((part) => part.outputs)) as JsonObject;
    await journal.append({ type: 'step.succeeded', step: step.id, outputs });
  } catch (error) {
    if (isLost(error) || error instanceof IllegalEventError) throw error;
    if (signal.aborted) return;
    await fail(context, journal, current, error);
  }
}

async function fail(context: StepContext, journal: Journal, part: string, error: unknown): Promise<void> {
  const { id } = context.step;
  await journal.append({
    type: 'step.failed',
    step: id,
    part: context.part(part)?.state === 'settled' ? 'finish' : part,
    error: reportOf(error),
    awsCalls: context.takeCalls(),
  });
  const message = `step ${id} failed: ${reportOf(error).message}`;
  await journal.appendIf((state) =>
    state.turn ? undefined : { type: 'run.turned', turn: { kind: 'failed', message, step: id } },
  );
}

/** An `undo` step: the forward face of taking another step back. */
async function undoForStep(deps: StepDeps, own: StepContext, id: string, signal: AbortSignal): Promise<void> {
  const part = 'undo';
  const { step } = own;
  if (own.part(part)?.state === 'settled') return;
  if (!own.part(part)) {
    const { key } = own.attempt(part, 'do');
    await own.append({ type: 'step.begun', step: step.id, part, key, touches: id });
  }
  const target = deps.journal.state.steps.get(id)!.step;
  const context = new StepContext(deps, target, signal);
  const clean = await undoStep(context, step.id);
  if (!clean) {
    throw new FiredrillError('undo-incomplete', `step ${id} could not be undone`, {
      remedy: 'See the errors of that step; what it left must be put right by hand.',
    });
  }
  await own.append({ type: 'step.settled', step: step.id, part, awsCalls: context.takeCalls() });
}

/** Takes a step's parts back, last first. @returns whether nothing of it is left */
export async function undoStep(context: StepContext, by?: string): Promise<boolean> {
  let clean = true;
  for (const part of await partsToUndo(context)) {
    clean = (await undoPart(context, part, by)) && clean;
  }
  return clean;
}

/** A step whose parts can't even be worked out any more leaves everything it began to a person. */
async function partsToUndo(context: StepContext): Promise<readonly Part[]> {
  try {
    return (await context.parts()).toReversed();
  } catch (error) {
    if (isLost(error)) throw error;
    const fails = (name: string): Part => ({
      shape: 'change',
      name,
      touches: context.step.id,
      read: () => Promise.reject(error),
      desired: (before) => before,
      write: () => Promise.reject(error),
      settled: () => Promise.reject(error),
    });
    return context.begunParts().map(fails);
  }
}

const timedOut = (step: PlannedStep, part: Part, saw: string): FiredrillError =>
  new FiredrillError('timed-out', `${step.id} did not get there within ${step.timeoutMs / 1000} s: ${saw}`, {
    expected: part.touches,
    found: saw,
    remedy: `If this can take longer, give step ${step.id} a longer timeout.`,
  });
