/**
 * What a run does next, as a pure function of its state: the whole policy of going forward, turning, undoing, and rolling
 * forward after a pivot stands here. The driver carries out what this says and asks again.
 *
 * Without a pivot passed, everything that began is undone, last first. With one, going back would lose data: the remaining
 * recover steps and failback run forward, and what `stays` (fences, what was set aside or adopted) is never taken back.
 */
import type { PlannedStep } from '../domain/plan.ts';
import { groupsOf } from '../domain/plan.ts';
import type { Turn } from '../domain/event.ts';
import type { Phase } from '../domain/drill.ts';
import type { PartRun, RunState, StepRun } from './next.ts';

export type Todo =
  | { do: 'steps'; phase: Phase; steps: readonly PlannedStep[] }
  | { do: 'undo'; steps: readonly PlannedStep[] }
  /** A pivot began and its outcome isn't in the log: read what the estate says before anything else. */
  | { do: 'prove-pivot'; step: PlannedStep }
  /** A step failed and its process died before it could turn the run. */
  | { do: 'turn'; turn: Turn }
  | { do: 'close' }
  | { do: 'nothing' };

/**
 * @param provenPivots ids of steps whose pivot was read and found passed by this driver
 */
export function todo(state: RunState, provenPivots: ReadonlySet<string> = new Set()): Todo {
  if (state.finished) return { do: 'nothing' };
  if (state.closing) return { do: 'close' };
  if (!state.turn) {
    const failed = [...state.steps.values()].find((run) => run.failed);
    return failed ? { do: 'turn', turn: failureOf(failed) } : forward(state);
  }

  const open = [...state.steps.values()].find((run) => hasUnprovenPivot(run) && !provenPivots.has(run.step.id));
  if (open) return { do: 'prove-pivot', step: open.step };
  if (!pivotPassed(state)) return undoOrClose(standing(state));
  if (state.failbackFailed) return undoOrClose(afterFailedFailback(state, standing(state)));
  return rollForward(state);
}

/**
 * What an undo that is retried after the end takes back, under the same rules as before it: besides what stands, what could not
 * be undone then. Nothing when the run has not finished.
 */
export function undoAgain(state: RunState): PlannedStep[] {
  if (!state.finished) return [];
  const runs = standing(state, (part) => part.state === 'undo-failed');
  const mayGo = !pivotPassed(state)
    ? runs
    : state.failbackFailed
      ? afterFailedFailback(state, runs)
      : runs.filter(mayGoAfterPivot);
  return mayGo.map((run) => run.step);
}

function forward(state: RunState): Todo {
  const group = firstOpenGroup(state);
  const rest = pivotPassed(state) ? standing(state).filter(mayGoAfterPivot) : standing(state);
  if (!group) return undoOrClose(rest);
  if (isLastLook(group) && rest.length > 0) return undoOrClose(rest);
  if (group.phase === 'failback' && !state.phases.includes('failback') && !pivotPassed(state)) {
    const faults = standing(state).filter((run) => run.step.phase === 'inject' && !undoneByFailback(state, run));
    if (faults.length > 0) return undoOrClose(faults);
  }
  return group;
}

/** After the pivot: what is left of recover without asking anybody, then failback, then what doesn't stay. */
function rollForward(state: RunState): Todo {
  const group = firstOpenGroup(state, ['recover', 'failback']);
  const rest = standing(state).filter(mayGoAfterPivot);
  return group && !(isLastLook(group) && rest.length > 0) ? group : undoOrClose(rest);
}

/**
 * Failback broke. Before its own pivot the other region still serves: what failback created goes, and so does the fence of the
 * database that is primary now. After it, nothing is undone: a person must look. Once all that the drill says of failback is
 * done, and only the plan's look in the end found the probes wrong, what it created is no half-way house: it is what the estate
 * needs (a rebuilt replica), and to remove it would make things worse.
 */
function afterFailedFailback(state: RunState, runs: readonly StepRun[]): StepRun[] {
  const failback = [...state.steps.values()].filter((run) => run.step.phase === 'failback');
  if (failback.some(passedPivot)) return [];
  const done = failback.every((run) => run.step.implicit || run.succeeded || run.skipped);
  const primary = currentPrimary(state);
  return runs.filter(
    (run) =>
      failback.includes(run) &&
      ((run.step.effect === 'creates' && !done) || (primary !== undefined && run.step.fences === primary)),
  );
}

/** The plan's own look at the probes in the end, which waits until everything is back: so everything goes back before it. */
const isLastLook = (group: Extract<Todo, { do: 'steps' }>): boolean =>
  group.phase === 'failback' && group.steps.every((step) => step.implicit);

/** Name of the target that the last passed pivot made the primary. */
export function currentPrimary(state: RunState): string | undefined {
  const passed = state.order.map((id) => state.steps.get(id)!).filter(passedPivot);
  return passed.at(-1)?.step.pivot;
}

export const pivotPassed = (state: RunState): boolean => [...state.steps.values()].some(passedPivot);

/** The turn that a failed step makes. */
export function failureOf({ step, parts }: StepRun): Turn {
  const error = parts.find((part) => part.state === 'failed')?.error;
  const message = `step ${step.id} failed: ${error?.message ?? 'no reason given'}`;
  return { kind: error?.provesNothing ? 'inconclusive' : 'failed', message, step: step.id };
}

/** Passed means begun, unless a read has proven the contrary: such a part is `undone`. */
const passedPivot = (run: StepRun): boolean =>
  run.step.pivot !== undefined && run.parts.some((part) => part.pivot && part.state !== 'undone');

/** One that was accepted needs no proof: that it still reads as before only means that it takes its time. */
const hasUnprovenPivot = (run: StepRun): boolean =>
  run.step.pivot !== undefined && run.parts.some((part) => part.pivot && !part.accepted && unproven.has(part.state));

/** `undoing`: the process died while it wrote the proof down. */
const unproven: ReadonlySet<PartRun['state']> = new Set(['begun', 'failed', 'undoing']);

/**
 * Steps whose effect may stand in the estate, last begun first.
 * @param also parts that count besides; by itself one that could not be undone is left to a person
 */
export function standing(state: RunState, also: (part: PartRun) => boolean = () => false): StepRun[] {
  return state.order
    .map((id) => state.steps.get(id)!)
    .filter((run) => isEffect(run.step) && run.parts.some((part) => stands(run.step, part) || also(part)))
    .toReversed();
}

const isEffect = (step: PlannedStep): boolean => step.effect === 'changes' || step.effect === 'creates';

/**
 * A part that failed before it began has nothing to take back, one that could not be undone is left to a person, and a pivot
 * has no way back.
 */
const stands = (step: PlannedStep, part: PartRun): boolean => {
  if (part.pivot && step.pivot !== undefined) return false;
  if (part.state === 'undoing') return true;
  const began = part.after !== undefined || part.identity !== undefined;
  return began && part.state !== 'undone' && part.state !== 'undo-failed';
};

const mayGoAfterPivot = (run: StepRun): boolean => !run.step.stays;

const undoneByFailback = (state: RunState, run: StepRun): boolean =>
  state.plan.steps.some((step) => step.phase === 'failback' && step.undoes === run.step.id);

const undoOrClose = (runs: readonly StepRun[]): Todo =>
  runs.length > 0 ? { do: 'undo', steps: runs.map((run) => run.step) } : { do: 'close' };

function firstOpenGroup(state: RunState, phases?: readonly Phase[]): Extract<Todo, { do: 'steps' }> | undefined {
  for (const group of groupsOf(state.plan)) {
    const open = group.filter((step) => isOpen(state.steps.get(step.id)!));
    const phase = group[0]!.phase;
    if (open.length > 0 && (!phases || phases.includes(phase))) return { do: 'steps', phase, steps: open };
  }
  return undefined;
}

function isOpen(run: StepRun): boolean {
  return !run.succeeded && !run.skipped && !run.failed && !run.parts.some(isBeingUndone);
}

const isBeingUndone = (part: PartRun): boolean =>
  part.state === 'undoing' || part.state === 'undone' || part.state === 'undo-failed';
