/**
 * Whether a drill tried the loss of data at all. The replica's position in its source's log is sampled throughout: if it goes
 * on after the fault, replication was not cut, the lag drained away, and that nothing was lost proves nothing.
 *
 * What was in flight is tolerated: a record that had left the source before the fault was complete arrives within 250 ms.
 * Positions count from then on until the replica's promotion begins.
 */
import type { Sample } from '../domain/sample.ts';
import { positionProbe } from '../domain/sample.ts';
import type { Axis } from './axis.ts';
import type { Story, Windows } from './story.ts';
import { earliest, faultSteps } from './story.ts';

const inFlightMs = 250;

/** `wentOn`: replication was seen to go on; else it is only not known. */
export type Exercised = { exercised: true } | { exercised: false; wentOn: boolean; why: string };

export function exercisedOf(story: Story, windows: Windows, samples: readonly Sample[], axis: Axis): Exercised {
  if (faultSteps(story).length === 0) return { exercised: true };
  if (!windows.faultComplete) return { exercised: false, wentOn: false, why: 'the fault never took effect' };
  for (const [target, begun] of promotionsOf(story)) {
    if (!story.plan.positions.some((watched) => watched.target === target)) {
      const why = `whether replication to ${target} went on after the fault can't be seen without a login for it`;
      return { exercised: false, wentOn: false, why };
    }
    const fromMs = windows.faultComplete.ms + inFlightMs;
    const positions = samples
      .filter((sample) => sample.probe === positionProbe(target) && sample.outcome === 'good' && isNumber(sample.value))
      .map(({ clockId, sentNs, value }) => ({ atMs: axis.ofNs(clockId, sentNs).ms, position: BigInt(value!) }))
      .filter(({ atMs }) => atMs >= fromMs && atMs < begun)
      .sort((a, b) => a.atMs - b.atMs);
    const first = positions[0];
    const last = positions.at(-1);
    if (!first || !last || first === last) {
      const why = `where ${target} stood in its source's log was not seen between the fault and its promotion`;
      return { exercised: false, wentOn: false, why };
    }
    if (last.position > first.position) {
      const why = `replication to ${target} went on after the fault, so whatever lagged behind still arrived`;
      return { exercised: false, wentOn: true, why };
    }
  }
  return { exercised: true };
}

/** Replicas that took over, and when their promotion began. */
function promotionsOf({ steps }: Story): Map<string, number> {
  const begun = new Map<string, number>();
  for (const { step, parts } of steps) {
    if (step.pivot === undefined || step.phase === 'failback') continue;
    const at = earliest(parts.filter(({ pivot }) => pivot).map((part) => part.begun));
    if (at) begun.set(step.pivot, Math.min(at.ms, begun.get(step.pivot) ?? Infinity));
  }
  return begun;
}

const isNumber = (value: string | undefined): boolean => value !== undefined && /^\d+$/.test(value);
