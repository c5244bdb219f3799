/**
 * How the events of a step and of its parts tell the step's story. A step has one state made of those of its parts, as the
 * record shows it.
 */
import type { Mark } from '../domain/clock.ts';
import type { ErrorReport } from '../domain/errors.ts';
import type { RunEvent } from '../domain/event.ts';
import type { StepState } from '../domain/record.ts';
import type { PartStory, RunStory, StepStory } from './story.ts';

type StepEvent = Extract<RunEvent, { type: `step.${string}` }>;

/** Adds an entry that is about a step. One that the plan does not know is passed over. */
export function tellStep(story: RunStory, event: StepEvent): void {
  const step = story.steps.get(event.step);
  if (!step) return;
  if (event.type === 'step.skipped') {
    step.skippedWhy = event.why;
  } else if (event.type === 'step.succeeded') {
    start(step, event.mark);
    step.succeeded = true;
    step.ended ??= event.mark;
  } else {
    tellPart(step, event);
    if (event.type === 'step.undoing' && event.by !== undefined) {
      const asker = story.steps.get(event.by);
      if (asker) {
        start(asker, event.mark);
        asker.state = stateOf(asker);
      }
    }
  }
  step.state = stateOf(step);
}

function start(step: StepStory, mark: Mark): void {
  step.started ??= mark;
  step.attempts ||= 1;
}

function tellPart(step: StepStory, event: Extract<StepEvent, { part: string }>): void {
  const { mark } = event;
  let part = step.parts.find(({ name }) => name === event.part);
  if (!part) {
    part = { name: event.part, state: 'begun', touches: '', effect: false, creates: false, pivot: false, begun: mark };
    step.parts.push(part);
  }
  switch (event.type) {
    case 'step.begun':
      start(step, mark);
      part.state = 'begun';
      part.touches = event.touches;
      part.creates = event.identity !== undefined;
      part.fate = event.fate;
      part.effect = part.creates || event.after !== undefined;
      part.pivot = event.pivot ?? false;
      part.asks = event.asks;
      return;
    case 'step.applied':
      part.state = 'applied';
      part.applied = mark;
      part.arn = event.arn;
      return;
    case 'step.settled':
      part.state = 'settled';
      part.settled = mark;
      part.check = event.check;
      step.awsCalls += event.awsCalls;
      return;
    case 'step.failed':
      start(step, mark);
      part.refused = part.applied === undefined && event.error.code !== 'indeterminate';
      part.state = 'failed';
      step.awsCalls += event.awsCalls;
      step.failure ??= event.error;
      step.error ??= event.error;
      step.ended ??= mark;
      return;
    case 'step.undoing':
      part.state = 'undoing';
      step.undoing ??= mark;
      step.undoneBy = event.by;
      return;
    case 'step.undone':
      part.state = 'undone';
      part.undone = mark;
      part.nothing = event.nothing;
      step.undoErrors.delete(part.name);
      step.error = firstOf(step.undoErrors) ?? step.failure;
      step.undone = mark;
      return;
    case 'step.undo-failed':
      part.state = 'undo-failed';
      step.undoErrors.delete(part.name);
      step.undoErrors.set(part.name, event.error);
      step.error = firstOf(step.undoErrors);
      return;
  }
}

const firstOf = (errors: ReadonlyMap<string, ErrorReport>): ErrorReport | undefined => [...errors.values()][0];

/** One state for a step of several parts: the worst that still stands, and `undone` only when no effect stands any more. */
function stateOf(step: StepStory): StepState {
  const has = (state: PartStory['state']): boolean => step.parts.some((part) => part.state === state);
  if (step.skippedWhy !== undefined) return 'skipped';
  if (has('undo-failed')) return 'undo-failed';
  if (has('undoing')) return 'undoing';
  if (has('undone')) {
    const standing = step.parts.some((part) => part.effect && part.state !== 'undone');
    return standing ? 'undoing' : 'undone';
  }
  if (has('failed')) return 'failed';
  if (step.succeeded) return 'settled';
  if (step.started === undefined) return 'none';
  return has('applied') || has('settled') ? 'applied' : 'begun';
}
