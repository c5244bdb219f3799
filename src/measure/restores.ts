/**
 * What is said of a restore: which checks its data passed and which it didn't, and where its time went. A restore of which nothing
 * was checked is no pass: dumps that hold nothing have been restored in time before.
 */
import type { Portion } from '../domain/catalogue.ts';
import type { Turn } from '../domain/event.ts';
import type { Check } from '../domain/part.ts';
import type { PortionSpan } from '../domain/record.ts';
import { bringsBack, isRestore, verifies } from '../domain/restore.ts';
import type { Finding } from './finding.ts';
import type { StepStory, Story } from './story.ts';
import { countText, durationText, listText } from './wording.ts';

interface Looked {
  step: StepStory;
  name: string;
  check: Check;
}

const checksOf = (steps: readonly StepStory[]): Looked[] =>
  steps.flatMap((step) => step.parts.flatMap(({ name, check }) => (check ? [{ step, name, check }] : [])));

/** Checks of the steps of a run that failed on what they found, a finding each. @param exit of one that fails the run */
export function checkFindings({ steps }: Story, exit: 1 | 3): Finding[] {
  return checksOf(steps.filter(({ failed }) => failed)).flatMap(({ step, name, check }): Finding[] => {
    if (check.holds) return [];
    const which = `Check ${name} of step ${step.step.id}`;
    if (check.provesNothing) return [{ exit: 3, reason: `${which} could not decide: ${check.said}` }];
    return [{ exit, reason: `${which} does not hold: ${check.said}` }];
  });
}

/** What failed apart from its checks, as a sentence's end: whose fault it is when nothing is said about the backup. */
export const faultOfDrill = (story: Story, stepId: string | undefined): string => {
  const failure = story.steps.find(({ step }) => step.id === stepId)?.failure;
  if (!failure?.provesNothing || !isRestore(story.plan)) return '';
  return ' That is a fault of the drill: it says nothing about the backup.';
};

/** A restore that proves nothing although every step went well. */
export function hollowFindings(story: Story): Finding[] {
  if (story.turn || !isRestore(story.plan)) return [];
  const restoring = story.steps.filter(({ step }) => bringsBack(step));
  if (restoring.every(({ skipped }) => skipped)) {
    const names = listText(restoring.map(({ step }) => step.id));
    return [{ exit: 3, reason: `Nothing was restored: ${names} found no target. Check how the target is selected.` }];
  }
  if (isChecked(story)) return [];
  const reason =
    'Nothing was checked of what was restored, so the drill proves nothing. ' +
    'Add a step to verify that looks at contents ("postgres/verify", "mysql/verify").';
  return [{ exit: 3, reason }];
}

/** Steps that bring the data back and look at it. */
export const ownSteps = ({ steps }: Story): StepStory[] =>
  steps.filter(({ step }) => step.phase === 'recover' || step.phase === 'verify');

/** Whether every step went well that restores or checks: then the restore stands, whatever became of the run after it. */
export const isThrough = (steps: readonly StepStory[]): boolean =>
  steps.every(({ succeeded, skipped }) => succeeded !== undefined || skipped);

/** Why it is not known what a restore brought back; undefined where it is, and for drills that are none. */
export function unprovenWhy(story: Story): string | undefined {
  if (!isRestore(story.plan)) return undefined;
  if (story.turn && !isThrough(ownSteps(story)))
    return `${brokenOffWhy(story, story.turn)}, so nothing shows that its data is there`;
  return isChecked(story) ? undefined : 'nothing was checked, so nothing shows that the data is there';
}

/** What kept a restore from being proven: bringing the data back, what was found in it, or that nobody looked to the end. */
function brokenOffWhy({ steps }: Story, { kind }: Turn): string {
  const stopped = kind === 'aborted' || kind === 'guardrail';
  if (!isThrough(steps.filter(({ step }) => bringsBack(step)))) {
    return stopped ? 'the drill was stopped before the backup was restored' : 'the restore did not succeed';
  }
  const broken = checksOf(steps).filter(({ check }) => !check.holds);
  if (broken.some(({ check }) => !check.provesNothing)) return 'not all checks of the restored data hold';
  if (broken.length > 0) return 'not all checks of the restored data could decide';
  return stopped
    ? 'the drill was stopped before the restored data was checked to the end'
    : 'the restored data was not checked to the end';
}

/** Checks that hold, of the steps that succeeded since recovery began; also those that show nothing. */
const standing = (story: Story): Looked[] =>
  checksOf(ownSteps(story).filter(({ succeeded }) => succeeded)).filter(({ check }) => check.holds);

/** Checks that hold, and speak for something by it. */
const holding = (story: Story): Looked[] => standing(story).filter(({ check }) => !check.notShown);

/** Whether anything looked at the data itself. That a backup was found, or that a script reports success, shows nothing of it. */
const isChecked = (story: Story): boolean => holding(story).some(({ step }) => verifies(step.step));

/** What stands. */
export function checkedText(story: Story): string {
  const names = holding(story).map(({ name }) => name);
  const idle = standing(story).filter(({ check }) => check.notShown);
  const all = idle.length === 0 && names.length > 1 ? 'All ' : '';
  const holds = names.length === 1 ? 'One check holds' : `${all}${countText(names.length, 'check')} hold`;
  const nothing = idle.length === 0 ? '' : ` Nothing is shown by ${listText(idle.map(({ name }) => name))}.`;
  return `${holds}: ${listText(names)}.${nothing}`;
}

/** `find 2 s, launch 40 s and restore 12 min 3 s`. */
export const portionsText = (portions: readonly PortionSpan[]): string =>
  listText(portions.map(({ name, durationMs }) => `${name} ${durationText(durationMs)}`));

/** The portion that took the most, where there is something to tell apart. */
export function longestText(portions: readonly PortionSpan[] = [], measuredMs: number): string {
  if (portions.length < 2) return '';
  const { name, durationMs } = portions.reduce((a, b) => (b.durationMs > a.durationMs ? b : a));
  return ` ${longestWords[name]} took the most: ${durationText(durationMs)} of ${durationText(measuredMs)} measured.`;
}

const longestWords: Record<Portion, string> = {
  find: 'Finding the backup',
  launch: 'Launching the instance',
  boot: 'Booting',
  restore: 'Restoring the data',
  verify: 'Verifying it',
};
