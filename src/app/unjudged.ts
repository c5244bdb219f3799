/**
 * The verdict on a run that can't be judged: its raw samples are broken, or the judge is. The run ends all the same, and says no
 * more than what its log alone says: who stopped it, and what is left to a person. Nothing is measured.
 */
import { reportOf } from '../domain/errors.ts';
import type { LogEntry } from '../domain/event.ts';
import type { Plan } from '../domain/plan.ts';
import type { Judgement } from '../domain/record.ts';
import { axisOf } from '../measure/axis.ts';
import { byStrength } from '../measure/finding.ts';
import type { Finding } from '../measure/finding.ts';
import { verdictOf } from '../measure/judge.ts';
import { storyOf } from '../measure/story.ts';
import { labelOf, undoOf } from '../measure/undo.ts';

/** @param cause what kept the judge from judging */
export function unjudged(plan: Plan, entries: readonly LogEntry[], cause: unknown): Judgement {
  const story = storyOf(plan, entries, axisOf(entries, []));
  const undo = undoOf(story);
  const { turn } = story;
  const stopped = turn?.kind === 'aborted' || turn?.kind === 'guardrail';
  const findings: Finding[] = [
    ...undo.left.map((reason): Finding => ({ exit: 5, reason })),
    ...(turn ? [{ exit: stopped ? 4 : 3, reason: `The run was stopped: ${turn.message}.` } as const] : []),
    { exit: 3, reason: notMeasured(plan.runId, cause) },
  ];
  return {
    ...verdictOf(findings),
    undo: undo.state,
    recoveryLabel: labelOf(story),
    reasons: findings.sort(byStrength).map(({ reason }) => reason),
    recovery: { declared: {}, phases: [] },
    probes: [],
  };
}

const notMeasured = (runId: string, cause: unknown): string =>
  `Nothing could be measured: ${reportOf(cause).message}. ` +
  `The raw samples stand as they are in the table firedrill.sample_chunk of the store, under run_id ${runId}; ` +
  `"firedrill verify ${runId}" reads them again.`;
