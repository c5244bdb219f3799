/** The figures of a run: measured recovery, declared human time, loss, failback. No verdict. */
import type { Interval, MeasuredRecovery, MeasuredRpo, Recovery } from '../domain/record.ts';
import type { Instant } from './axis.ts';
import { clockOf } from './axis.ts';
import type { Evidence, Eye } from './eyes.ts';
import { exercisedOf } from './exercised.ts';
import type { Outage } from './outage.ts';
import { hullOf, intervalOf } from './outage.ts';
import { phasesOf } from './phases.ts';
import { portionsOf } from './portions.ts';
import { recoveryPointLoss } from './recovery-point.ts';
import { isThrough, ownSteps } from './restores.ts';
import type { Loss, Writes } from './rpo.ts';
import { lossOf } from './rpo.ts';
import type { Stretch } from './series.ts';
import type { Story, Windows } from './story.ts';
import { earliest, faultSteps, isPassedPivot, latest } from './story.ts';

export interface Figures {
  recovery: Recovery;
  loss?: Loss;
  failbackLoss?: Loss;
  /** Whether a failure was seen, rather than one that can't be excluded. */
  seen: { recovery: boolean; failback: boolean };
}

export function figuresOf(story: Story, eyes: readonly Eye[], evidence: Evidence): Figures {
  const { windows } = evidence;
  const { declared } = story.plan.drill.objectives;
  const measured = measuredOf(story, eyes, windows);
  const loss = failoverLoss(story, eyes, evidence);
  const failbackLoss = lossInFailback(story, eyes, windows);
  const wayBack = hasWayBack(story) ? wayBackOf(eyes) : undefined;
  const failbackRto = wayBack && intervalOf(wayBack);
  const failback = { ...(failbackRto && { rto: failbackRto }), ...(failbackLoss && { rpo: shown(failbackLoss) }) };
  const portions = portionsOf(story);
  const recovery: Recovery = {
    ...(measured && { measured, rto: withDeclared(measured, story) }),
    declared,
    ...(loss && { rpo: shown(loss) }),
    phases: phasesOf(story, windows),
    ...(portions.length > 0 && { portions }),
    ...(Object.keys(failback).length > 0 && { failback }),
  };
  const seen = { recovery: measured !== undefined && measured.episodes > 0, failback: wayBack?.ends !== undefined };
  return { recovery, loss, failbackLoss, seen };
}

function measuredOf(story: Story, eyes: readonly Eye[], windows: Windows): MeasuredRecovery | undefined {
  const recovering = eyes.filter(({ probe }) => probe.expect === 'recovers');
  if (recovering.length === 0) return restoreOf(story, windows);
  const outages = recovering.flatMap(({ saw }) => (saw ? [saw.fault] : []));
  const perProbe: Record<string, Interval> = {};
  for (const { probe, saw } of recovering) {
    const interval = saw && intervalOf(saw.fault);
    if (interval) perProbe[probe.name] = interval;
  }
  if (Object.keys(perProbe).length < recovering.length) return undefined;
  const hull = hullOf(outages);
  const interval = intervalOf(hull);
  const { ends, episodes } = hull;
  return interval && { ...interval, clock: clockOf(ends ? Object.values(ends) : []), episodes, perProbe };
}

/** Without a fault and a probe to see it end, a restore takes from the start of recover to the end of verify. */
function restoreOf(story: Story, { to }: Windows): MeasuredRecovery | undefined {
  const from = story.phases.get('recover');
  const own = ownSteps(story);
  const restores = own.some(({ step }) => step.phase === 'recover' && !step.implicit);
  if (!from || !restores || faultSteps(story).length > 0) return undefined;
  if (!isThrough(own)) return undefined;
  const until = latest(own.map(({ succeeded }) => succeeded)) ?? to;
  const ms = until.ms - from.ms;
  return { lowerMs: ms, upperMs: ms, clock: clockOf([from, until]), episodes: 1, perProbe: {} };
}

/** Human time that nobody spent in this run, because no person decided in it. */
function withDeclared({ lowerMs, upperMs }: Interval, story: Story): Interval {
  const { declared } = story.plan.drill.objectives;
  const phaseOf = new Map(story.steps.map(({ step }) => [step.id, step.phase]));
  const decidedByPerson = story.approvals.some(
    ({ step, automatic, refused }) => !automatic && !refused && phaseOf.get(step) !== 'baseline',
  );
  const addedMs = decidedByPerson ? 0 : (declared.detectionMs ?? 0) + (declared.decisionMs ?? 0);
  return { lowerMs: lowerMs + addedMs, upperMs: upperMs + addedMs };
}

/** What was turned before a promotion is undone at once: what users see then is the outage itself, not a way back from recovery. */
export const hasWayBack = (story: Story): boolean => !story.turn || story.steps.some(isPassedPivot);

/** What users saw of failback, or of the undoing that takes its place. */
function wayBackOf(eyes: readonly Eye[]): Outage | undefined {
  const outages = eyes.flatMap(({ probe, saw }) =>
    saw?.failback && (probe.expect === 'recovers' || probe.expect === 'holds') ? [saw.failback] : [],
  );
  if (outages.length === 0 || outages.some((outage) => !intervalOf(outage))) return undefined;
  return hullOf(outages);
}

const writesOf = (eyes: readonly Eye[]): Writes[] =>
  eyes.filter(({ probe }) => probe.canary).map(({ probe, points, readback }) => ({ probe, points, readback }));

function failoverLoss(story: Story, eyes: readonly Eye[], evidence: Evidence): Loss | undefined {
  const { windows, samples, axis } = evidence;
  const bounds = failoverBounds(story, windows);
  if (!bounds) return undefined;
  const writes = writesOf(eyes);
  const lag = story.plan.peakReplicaLagMs === undefined ? {} : { peakReplicaLagMs: story.plan.peakReplicaLagMs };
  if (writes.length === 0) {
    const age = recoveryPointLoss(story);
    return age && { ...age, ...lag };
  }
  const loss = lossOf(writes, stretchOf(bounds), bounds.at.ms);
  const canaries = eyes.filter(({ probe }) => probe.canary);
  const exercised = exercisedOf(story, { windows, samples, axis, canaries });
  if (exercised.exercised || (loss.lostWrites > 0 && !exercised.wentOn)) return { ...loss, ...lag };
  return { ...loss, ...lag, exercised: false, why: exercised.why };
}

/** Also of the moment in which the run closes: the prober still writes then. */
function lossInFailback(story: Story, eyes: readonly Eye[], windows: Windows): Loss | undefined {
  const writes = writesOf(eyes);
  const bounds = failbackBounds(story, windows);
  return bounds && writes.length > 0 ? lossOf(writes, stretchOf(bounds), bounds.at.ms) : undefined;
}

/** Which acknowledgements belong to a direction, and when its fault or fence came. */
export interface LossBounds {
  from?: Instant;
  to?: Instant;
  at: Instant;
}

const stretchOf = ({ from, to }: LossBounds): Stretch => ({
  fromMs: from?.ms ?? Number.NEGATIVE_INFINITY,
  toMs: to?.ms ?? Number.POSITIVE_INFINITY,
});

/** Every acknowledgement belongs to one direction: without a way back, all of them to this one. */
export function failoverBounds(story: Story, windows: Windows): LossBounds | undefined {
  const { from, faultApplied, to } = windows;
  const at = from && (faultApplied ?? fenceIn(story, 'recover') ?? from);
  return at && { at, ...(wentBack(story, windows) && { to }) };
}

export function failbackBounds(story: Story, windows: Windows): LossBounds | undefined {
  const { failback } = windows;
  if (!failback || !wentBack(story, windows)) return undefined;
  return { from: failback, at: fenceIn(story, 'failback') ?? failback };
}

const wentBack = (story: Story, { failback }: Windows): boolean =>
  failback !== undefined && story.steps.some((run) => run.step.phase === 'failback' && isPassedPivot(run));

/** When the phase's promotion was fenced: the newest fence that began before it; without a promotion, the first fence. */
function fenceIn({ steps }: Story, phase: 'recover' | 'failback') {
  const own = steps.filter(({ step }) => step.phase === phase);
  const pivot = earliest(own.filter(isPassedPivot).map(({ started }) => started));
  const fences = own.flatMap(({ step, started }) => (step.fences !== undefined && started ? [started] : []));
  return pivot ? latest(fences.filter(({ ms }) => ms <= pivot.ms)) : earliest(fences);
}

/** A bound that was not exercised is no bound, so it isn't shown. */
const shown = ({ atLeastMs: _least, claimedAgeMs: _claimed, upperMs, ...rpo }: Loss): MeasuredRpo =>
  rpo.exercised && upperMs !== undefined ? { ...rpo, upperMs } : rpo;
