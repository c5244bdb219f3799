/**
 * Whether a drill tried the loss of data at all. Where a replica stands in its source's log is sampled throughout, and
 * numbered writes are acknowledged until users are cut off. What they show:
 *
 *   the replica advances after the fault           replication went on: whatever lagged behind still arrived
 *   a write acknowledged after the fault is there  the same
 *   an acknowledged write is missing               replication was cut
 *   the replica stands still behind its source     replication was cut
 *   it stands still, and the source was busy when  it was cut, or nothing lagged behind: either way what is there now is
 *   the fault came                                 what was there then
 *   it stands still, and the source was idle       nothing: there was nothing to arrive, cut or not
 *
 * What was in flight is tolerated: a record that had left the source before the fault was complete arrives within 250 ms.
 * Positions count from then on until the replica's promotion begins. What arrives while the fault is still taking hold isn't
 * told from what would have arrived anyway.
 */
import type { Phase } from '../domain/drill.ts';
import type { Sample } from '../domain/sample.ts';
import { positionProbe } from '../domain/sample.ts';
import type { Axis } from './axis.ts';
import type { Eye } from './eyes.ts';
import { survivorsOf } from './rpo.ts';
import { holeLimitMs } from './series.ts';
import type { Story, Windows } from './story.ts';
import { earliest, faultSteps } from './story.ts';
import { durationText } from './wording.ts';

const inFlightMs = 250;

/** `wentOn`: replication was seen to go on; else it is only not known. */
export type Exercised = { exercised: true } | { exercised: false; wentOn: boolean; why: string };

export interface Trial {
  windows: Windows;
  samples: readonly Sample[];
  axis: Axis;
  /** The probes whose writes are numbered. */
  canaries: readonly Eye[];
}

export function exercisedOf(story: Story, trial: Trial): Exercised {
  const { faultComplete } = trial.windows;
  if (faultSteps(story).length === 0) return { exercised: true };
  if (!faultComplete) return unknown('the fault never took effect');
  const fromMs = faultComplete.ms + inFlightMs;
  for (const [target, promotion] of promotionsOf(story)) {
    const untilMs = promotion.atMs;
    if (arrivedAfter(trial.canaries, fromMs, untilMs)) {
      return wentOn(`writes that were acknowledged after the fault arrived in ${target}, so replication went on`);
    }
    if (!story.plan.positions.some((watched) => watched.target === target)) {
      return unknown(`whether replication to ${target} went on after the fault can't be seen without a login for it`);
    }
    const seen = positionsOf(target, trial).filter(({ atMs }) => atMs >= fromMs && atMs < untilMs);
    const first = seen[0];
    const last = seen.at(-1);
    if (!first || !last || first === last) {
      return unknown(`where ${target} stood in its source's log was not seen between the fault and its promotion`);
    }
    if (last.position > first.position) {
      return wentOn(`replication to ${target} went on after the fault, so whatever lagged behind still arrived`);
    }
    const source = promotion.source === undefined ? [] : positionsOf(promotion.source, trial);
    const idle = idleWhy(
      trial,
      source.filter(({ atMs }) => atMs < untilMs),
      last.position,
      untilMs,
    );
    if (idle !== undefined) {
      return unknown(`${idle}, so that ${target} stood still after it does not show that replication was cut`);
    }
  }
  return { exercised: true };
}

const unknown = (why: string): Exercised => ({ exercised: false, wentOn: false, why });
const wentOn = (why: string): Exercised => ({ exercised: false, wentOn: true, why });

const arrivedAfter = (canaries: readonly Eye[], fromMs: number, untilMs: number): boolean =>
  canaries.some(({ points, readback }) => {
    if (!readback || readback.error !== undefined) return false;
    const survives = survivorsOf(readback);
    return points.some(({ good, seq, sent, done }) => good && sent.ms >= fromMs && done.ms < untilMs && survives(seq));
  });

/** Why there may have been nothing that could still arrive; undefined where there was. */
function idleWhy(
  { windows, canaries }: Trial,
  source: readonly Position[],
  replicaAt: bigint,
  untilMs: number,
): string | undefined {
  const faultMs = windows.from!.ms;
  const quietMs = Math.max(0, ...canaries.map(({ probe }) => holeLimitMs(probe)));
  const acked = newest(
    canaries.flatMap(({ points }) => points.flatMap(({ good, done }) => (good && done.ms < untilMs ? [done.ms] : []))),
  );
  if (source.some(({ position }) => position > replicaAt)) return undefined;
  // A log that grew between two looks was written to after the first of them.
  const grew = newest(
    source.flatMap(({ atMs, position }, n) => ((source[n + 1]?.position ?? 0n) > position ? [atMs] : [])),
  );
  if (Math.max(acked, grew) >= faultMs - quietMs) return undefined;
  const since =
    acked === Number.NEGATIVE_INFINITY
      ? ''
      : ` (its last acknowledged write was ${durationText(faultMs - acked)} before)`;
  return `the source was idle when the fault came${since}`;
}

const newest = (instants: readonly number[]): number =>
  instants.reduce((best, ms) => Math.max(best, ms), Number.NEGATIVE_INFINITY);

interface Position {
  atMs: number;
  position: bigint;
}

function positionsOf(target: string, { samples, axis }: Trial): Position[] {
  return samples
    .filter(({ probe, outcome, value }) => probe === positionProbe(target) && outcome === 'good' && isNumber(value))
    .map(({ clockId, sentNs, value }) => ({ atMs: axis.ofNs(clockId, sentNs).ms, position: BigInt(value!) }))
    .sort((a, b) => a.atMs - b.atMs);
}

/** Replicas that took over, when their promotion began, and the database that was fenced for it. */
function promotionsOf({ steps }: Story): Map<string, { atMs: number; source?: string }> {
  const begun = new Map<string, { atMs: number; source?: string }>();
  for (const { step, parts } of steps) {
    if (step.pivot === undefined || step.phase === 'failback') continue;
    const at = earliest(parts.filter(({ pivot }) => pivot).map((part) => part.begun));
    const atMs = Math.min(at?.ms ?? Infinity, begun.get(step.pivot)?.atMs ?? Infinity);
    if (at) begun.set(step.pivot, { atMs, source: fencedIn(steps, step.phase) });
  }
  return begun;
}

/** The one database that a phase fences; where it fences several, which one is whose source is not known. */
function fencedIn(steps: Story['steps'], phase: Phase): string | undefined {
  const fenced = new Set(steps.flatMap(({ step }) => (step.phase === phase && step.fences ? [step.fences] : [])));
  return fenced.size === 1 ? [...fenced][0] : undefined;
}

const isNumber = (value: string | undefined): boolean => value !== undefined && /^\d+$/.test(value);
