/** Where a run left the estate, from its log: everything taken back, rolled forward, or in need of a person. */
import type { LogEntry } from '../domain/event.ts';
import type { Plan } from '../domain/plan.ts';
import type { RecoveryLabel, UndoState } from '../domain/record.ts';
import { axisOf } from './axis.ts';
import type { PartStory, StepStory, Story } from './story.ts';
import { isEffect, isPassedPivot, storyOf } from './story.ts';
import { sentenceText } from './wording.ts';

export interface Undo {
  state: UndoState;
  /** What is left and why, a sentence each; only for `incomplete`. */
  left: readonly string[];
}

/** Where a whole log leaves the estate, what was taken back after the run's end included. */
export function undoIn(plan: Plan, entries: readonly LogEntry[]): Undo {
  const all = entries.filter(({ event }) => event.type !== 'run.finished');
  return undoOf(storyOf(plan, all, axisOf(all, [])));
}

export function undoOf(story: Story): Undo {
  const begun = story.steps.filter(({ step, parts }) => isEffect(step) && parts.some(({ effect }) => effect));
  if (begun.length === 0) return { state: 'none', left: [] };
  const pivotPassed = story.steps.some(isPassedPivot);
  const left = [
    ...begun.flatMap((run) => leftOf(run, run.step.keep !== undefined || (pivotPassed && run.step.stays))),
    ...(pivotPassed ? unfinishedFailback(story) : []),
  ];
  if (left.length > 0) return { state: 'incomplete', left };
  return { state: pivotPassed ? 'rolled-forward' : 'complete', left };
}

/** What a step is to `keep` may stand, and after a pivot what `stays`: fences, what was set aside or adopted, the promotion itself. */
function leftOf({ step, parts }: StepStory, mayStand: boolean): string[] {
  const stands = (part: PartStory): boolean =>
    part.effect && (part.state === 'undo-failed' || (part.state !== 'undone' && !mayStand));
  return parts.filter(stands).map(({ name, state, creates, error }) => {
    const what = `Part ${name} of step ${step.id}`;
    if (state !== 'undo-failed') {
      return `${what} still stands: ${creates ? 'delete what it created' : 'put it back'} by hand.`;
    }
    const remedy = error?.remedy ?? (creates ? 'Delete what it created by hand.' : 'Put it back by hand.');
    return `${what} could not be undone: ${sentenceText(error?.message ?? 'no reason given')} ${remedy}`;
  });
}

function unfinishedFailback({ steps }: Story): string[] {
  const open = steps.find(({ step, succeeded, skipped }) => step.phase === 'failback' && !succeeded && !skipped);
  if (!open) return [];
  const error = open.parts.find(({ state }) => state === 'failed')?.error;
  const why = error === undefined ? 'was not reached.' : `failed: ${sentenceText(error.message)}`;
  return [`Failback is unfinished: step ${open.step.id} ${why} Finish it by hand, in the order of the drill.`];
}

/** Whether the system recovered by itself. */
export function labelOf({ steps }: Story): RecoveryLabel {
  const didSomething = ({ parts }: StepStory): boolean => parts.some(({ effect, begun }) => effect && begun);
  const active = steps.filter((run) => run.step.phase !== 'failback' && didSomething(run));
  if (active.some(({ step }) => step.phase === 'recover' && !step.simulatesProvider)) return 'aided';
  return active.some(({ step }) => step.simulatesProvider) ? 'simulated-provider' : 'unaided';
}
