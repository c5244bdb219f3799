/** One step on its way: expands it to parts, carries them out in order or takes them back, and records how it ended. */
import { FiredrillError, isLost, reportOf } from '../domain/errors.ts';
import type { JsonObject } from '../domain/json.ts';
import type { Part } from '../domain/part.ts';
import type { PlannedStep } from '../domain/plan.ts';
import { StepContext } from './context.ts';
import type { StepDeps } from './context.ts';
import type { Journal } from './journal.ts';
import { doPart } from './do-part.ts';
import type { PartRun } from './next.ts';
import { failureOf } from './todo.ts';
import { undoPart } from './undo-part.ts';

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
    allHold(step, parts);
    const outputs = Object.assign({}, ...parts.map((part) => part.outputs)) as JsonObject;
    await journal.append({ type: 'step.succeeded', step: step.id, outputs });
  } catch (error) {
    if (isLost(error)) throw error;
    if (signal.aborted) return;
    await fail(context, journal, current, error);
  }
}

/** @throws FiredrillError `checks-failed` with everything that doesn't hold */
function allHold(step: PlannedStep, parts: readonly PartRun[]): void {
  const broken = parts.flatMap(({ name, check }) => (check && !check.holds ? [{ name, ...check }] : []));
  if (broken.length === 0) return;
  throw new FiredrillError('checks-failed', broken.map(({ name, said }) => `${name}: ${said}`).join(' '), {
    remedy: `See what step ${step.id} found; each of its checks says what was expected.`,
    provesNothing: broken.some(({ provesNothing }) => provesNothing),
  });
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
  await journal.appendIf((state) =>
    state.turn ? undefined : { type: 'run.turned', turn: failureOf(state.steps.get(id)!) },
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
  const undoTimeoutMs = Math.max(target.undoTimeoutMs ?? target.timeoutMs, step.timeoutMs);
  const context = new StepContext(deps, { ...target, undoTimeoutMs }, signal);
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

/** What began and can't be worked out any more is left to a person, and said so: a part that nobody knows is never undone. */
async function partsToUndo(context: StepContext): Promise<readonly Part[]> {
  const stepId = context.step.id;
  const fails = (name: string, error: Error): Part => ({
    shape: 'change',
    name,
    touches: stepId,
    read: () => Promise.reject(error),
    desired: (before) => before,
    write: () => Promise.reject(error),
    settled: () => Promise.reject(error),
  });
  try {
    const parts = (await context.parts()).toReversed();
    const unknown = context.begunParts().filter((name) => !parts.some((part) => part.name === name));
    return [...unknown.map((name) => fails(name, partUnknown(stepId, name))), ...parts];
  } catch (error) {
    if (isLost(error)) throw error;
    return context.begunParts().map((name) => fails(name, error as Error));
  }
}

const partUnknown = (step: string, part: string): FiredrillError =>
  new FiredrillError('part-unknown', `step ${step} began ${part} and can't tell any more what that was`, {
    remedy: 'See in the log what it was before ("firedrill runs show RUN --log"), and put it back by hand.',
  });
