/**
 * The verdict on a run, from its log and its raw samples and nothing else: made when the run closes, and made again by
 * whoever verifies it.
 *
 *   log ----> story, windows --.
 *                               +--> what each probe saw --> figures, expectations --> findings --> verdict
 *   samples -> series ---------'
 */
import type { LogEntry, Turn } from '../domain/event.ts';
import type { Plan } from '../domain/plan.ts';
import type { Judgement, Verdict } from '../domain/record.ts';
import type { CanaryReadback, Sample } from '../domain/sample.ts';
import { axisOf } from './axis.ts';
import { keptBy } from './expectations.ts';
import type { Eye } from './eyes.ts';
import { eyesOf, sawFault } from './eyes.ts';
import type { Finding } from './finding.ts';
import { byStrength } from './finding.ts';
import { objectiveFindings, passReasons } from './objectives.ts';
import { checkFindings, faultOfDrill, hollowFindings } from './restores.ts';
import type { Figures } from './recovery.ts';
import { figuresOf } from './recovery.ts';
import type { Story } from './story.ts';
import { beforeEnd, earliest, faultSteps, storyOf, windowsOf } from './story.ts';
import { labelOf, undoOf } from './undo.ts';

export interface JudgeInput {
  plan: Plan;
  /** The run's log from its first entry; `run.finished` and what follows it are left out of account. */
  entries: readonly LogEntry[];
  /** In any order. */
  samples: readonly Sample[];
  readbacks: readonly CanaryReadback[];
}

/** Raised with every change that gives other figures or another verdict for a log that an earlier version has judged. */
export const judgingRules = 2;

export function judge({ plan, entries: all, samples, readbacks }: JudgeInput): Judgement {
  const entries = beforeEnd(all);
  const axis = axisOf(entries, samples);
  const story = storyOf(plan, entries, axis);
  const windows = windowsOf(story);
  const evidence = { plan, windows, samples, readbacks, axis };
  const eyes = eyesOf(evidence);
  const figures = figuresOf(story, eyes, evidence);
  const undo = undoOf(story);
  const kept = eyes.map((eye) => keptBy(eye, story.turn === undefined));

  const findings = [
    ...undo.left.map((reason): Finding => ({ exit: 5, reason })),
    ...turnFindings(story, eyes),
    ...faultFindings(story, eyes),
    ...hollowFindings(story),
    ...kept.flatMap((each) => each.findings),
    ...objectiveFindings(story, figures),
  ].sort(byStrength);
  return {
    ...verdictOf(findings),
    undo: undo.state,
    recoveryLabel: labelOf(story),
    reasons: reasonsOf(findings, figures, story),
    recovery: figures.recovery,
    probes: kept.map(({ judgement }) => judgement),
    rules: judgingRules,
  };
}

/** The verdict says how the drill went; that a human is needed is said by the exit code and the undo state beside it. */
export function verdictOf(findings: readonly Finding[]): { verdict: Verdict; exitCode: Judgement['exitCode'] } {
  const has = (exit: Finding['exit']): boolean => findings.some((finding) => finding.exit === exit);
  const exitCode = has(5) ? 5 : has(4) ? 4 : has(1) ? 1 : has(3) ? 3 : 0;
  if (has(4)) return { verdict: 'aborted', exitCode };
  if (has(1) || (has(5) && !has(3))) return { verdict: 'fail', exitCode };
  return { verdict: has(3) ? 'inconclusive' : 'pass', exitCode };
}

function turnFindings(story: Story, eyes: readonly Eye[]): Finding[] {
  const { turn } = story;
  if (!turn) return [];
  switch (turn.kind) {
    case 'aborted':
    case 'guardrail':
      return [{ exit: 4, reason: sentence(turn.message) }];
    case 'inconclusive':
    case 'failed':
      return failureFindings(story, turn, hadToWork(story, eyes, turn.at.ms));
  }
}

/**
 * What made a step fail: each of its checks that doesn't hold says so itself, anything else is what the turn says. What speaks
 * against the estate counts as such, also where another check of the same step could not decide.
 */
function failureFindings(story: Story, { kind, message, step }: Turn, tried: boolean): Finding[] {
  const checks = checkFindings(story, tried ? 1 : 3);
  const failure = story.steps.find((run) => run.step.id === step)?.failure;
  if (checks.length > 0 && failure?.code === 'checks-failed') return checks;
  const reason = sentence(message);
  const withMore = (more: string): string => behindFirstLine(reason, more);
  if (kind === 'inconclusive') return [...checks, { exit: 3, reason: withMore(faultOfDrill(story, step)) }];
  if (tried) return [...checks, { exit: 1, reason }];
  return [...checks, { exit: 3, reason: withMore(' It failed before the fault was seen, so nothing was proven.') }];
}

/** Whether the system was being tried when a step failed: users saw the fault, or recovery had begun without one. */
function hadToWork(story: Story, eyes: readonly Eye[], atMs: number): boolean {
  if (faultSteps(story).length === 0) return (story.phases.get('recover')?.ms ?? Infinity) <= atMs;
  const seen = earliest(sawFault(eyes).map(({ saw }) => saw?.unaided.ends?.firstBad));
  return seen !== undefined && seen.ms <= atMs;
}

/** A fault that nobody saw proves nothing. */
function faultFindings(story: Story, eyes: readonly Eye[]): Finding[] {
  const faults = faultSteps(story);
  if (story.turn || faults.length === 0) return [];
  if (faults.every(({ skipped }) => skipped)) {
    const names = faults.map(({ step }) => step.id).join(', ');
    return [{ exit: 3, reason: `No fault was injected: ${names} found no target. Check how the target is selected.` }];
  }
  const shows = (look: 'unaided' | 'fault'): boolean =>
    eyes.some(({ probe, saw }) => {
      if (probe.expect === 'any') return false;
      return probe.expect === 'appears' ? saw?.[look].goodAtEnd : saw?.[look].ends;
    });
  if (shows('unaided')) return [];
  if (shows('fault')) return [{ exit: 3, reason: seenTooLate }];
  const reason =
    'No probe saw the fault: either the service never depended on what was lost, or the fault did not take hold. ' +
    'Add a probe that expects "breaks" to tell the two apart.';
  return [{ exit: 3, reason }];
}

const seenTooLate =
  'No probe saw the fault before recovery began to change things, and what came after that can be the work of the ' +
  'drill’s own steps: either the fault did nothing, or recovery began too soon to tell. ' +
  'Let detect wait until users feel the fault ("await-probe").';

function reasonsOf(findings: readonly Finding[], figures: Figures, story: Story): string[] {
  const reasons = [...new Set(findings.map(({ reason }) => reason))];
  if (reasons.length === 0) return passReasons(story, figures);
  return reasons;
}

/** Of more lines than one, the first is a sentence and the others are what a program wrote. */
function sentence(text: string): string {
  const capital = text.charAt(0).toUpperCase() + text.slice(1);
  return behindFirstLine(capital, /^[^\n]*[.!?](?:\n|$)/.test(capital) ? '' : '.');
}

const behindFirstLine = (text: string, more: string): string => text.replace(/^[^\n]*/, (first) => `${first}${more}`);
