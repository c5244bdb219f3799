/**
 * By which marks and rules of its log a run is judged, in a form that can stand in a file of raw samples: with it, whoever has
 * the file alone gets the figures of the run. What the log says and samples can't show (when the fault came, whether loss was
 * exercised) stands in here as its word.
 */
import type { Mark } from '../domain/clock.ts';
import type { Probe } from '../domain/drill.ts';
import { axisOf, clockMarks } from './axis.ts';
import type { Axis, Instant, Moment } from './axis.ts';
import { eyesOf } from './eyes.ts';
import type { JudgeInput } from './judge.ts';
import type { LossBounds } from './recovery.ts';
import { failbackBounds, failoverBounds, figuresOf, hasWayBack } from './recovery.ts';
import type { Loss } from './rpo.ts';
import { beforeEnd, storyOf, windowsOf } from './story.ts';

export interface Judged {
  runId: string;
  /** The earliest mark of every clock in the log. The run's time begins at the first of them. */
  clocks: readonly Mark[];
  /** How long good must last to count as recovered, milliseconds. */
  steadyMs: number;
  probes: readonly JudgedProbe[];
  /** From the fault to failback, undoing or closing. Absent when the run never came to its fault. */
  recovery?: JudgedWindow;
  /** From failback or undoing to closing. */
  failback?: JudgedWindow;
}

export type JudgedProbe = Pick<Probe, 'name' | 'expect' | 'everyMs' | 'timeoutMs' | 'threshold'>;

export interface JudgedWindow {
  from: Moment;
  to: Moment;
  loss?: JudgedLoss;
}

/** Which acknowledgements belong to the window, and when the fault or fence came to which loss is counted. */
export interface JudgedLoss {
  from?: Moment;
  to?: Moment;
  at: Moment;
  /** Why it was not exercised, in the words of the run's judgement. */
  why?: string;
}

export function judgedOf({ plan, entries: all, samples, readbacks }: JudgeInput): Judged {
  const entries = beforeEnd(all);
  const axis = axisOf(entries, samples);
  const story = storyOf(plan, entries, axis);
  const windows = windowsOf(story);
  const evidence = { plan, windows, samples, readbacks, axis };
  const { loss, failbackLoss } = figuresOf(story, eyesOf(evidence), evidence);
  const { from, to, failback, end } = windows;
  const window = (start: Instant, stop: Instant, bounds: LossBounds | undefined, found: Loss | undefined) => ({
    from: axis.momentOf(start),
    to: axis.momentOf(stop),
    ...(bounds && found && found.recoveryPoints === undefined && { loss: judgedLoss(bounds, found, axis) }),
  });
  return {
    runId: plan.runId,
    clocks: clockMarks(entries.map(({ event }) => event.mark)),
    steadyMs: plan.drill.objectives.steadyMs,
    probes: plan.probes.map(({ name, expect, everyMs, timeoutMs, threshold }) => ({
      name,
      expect,
      everyMs,
      timeoutMs,
      ...(threshold && { threshold }),
    })),
    ...(from && { recovery: window(from, to, failoverBounds(story, windows), loss) }),
    ...(failback &&
      hasWayBack(story) && { failback: window(failback, end, failbackBounds(story, windows), failbackLoss) }),
  };
}

const judgedLoss = ({ from, to, at }: LossBounds, { exercised, why }: Loss, axis: Axis): JudgedLoss => ({
  ...(from && { from: axis.momentOf(from) }),
  ...(to && { to: axis.momentOf(to) }),
  at: axis.momentOf(at),
  ...(!exercised && { why: why ?? 'it was not exercised' }),
});
