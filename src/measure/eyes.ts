/** The samples of a run, probe by probe, and what each probe saw in each stretch. */
import type { Probe } from '../domain/drill.ts';
import type { Plan } from '../domain/plan.ts';
import type { CanaryReadback, Sample } from '../domain/sample.ts';
import type { Axis } from './axis.ts';
import { newestReadbacks } from './axis.ts';
import type { Outage } from './outage.ts';
import { outageOf } from './outage.ts';
import type { Point } from './series.ts';
import { seriesOf } from './series.ts';
import type { Windows } from './story.ts';

export interface Eye {
  probe: Probe;
  points: readonly Point[];
  readback?: CanaryReadback;
  /** What it saw; absent when the run never came to its fault. */
  saw?: Sight;
}

export interface Sight {
  /** The stretch of `steady` just before the fault. */
  before: Outage;
  /** From the fault to failback, undoing or closing. */
  fault: Outage;
  /** The same, as far as the fault alone can have caused it: without what recovery may have broken itself. */
  unaided: Outage;
  /** From the start of verify to the end of that stretch. */
  verify?: Outage;
  /** From failback or undoing to closing. */
  failback?: Outage;
}

export interface Evidence {
  plan: Plan;
  windows: Windows;
  samples: readonly Sample[];
  readbacks: readonly CanaryReadback[];
  axis: Axis;
}

export function eyesOf({ plan, windows, samples, readbacks, axis }: Evidence): Eye[] {
  const byProbe = new Map<string, Sample[]>();
  for (const sample of samples) {
    const own = byProbe.get(sample.probe);
    if (own) own.push(sample);
    else byProbe.set(sample.probe, [sample]);
  }
  const newest = newestReadbacks(readbacks, axis);
  const { steadyMs } = plan.drill.objectives;
  return plan.probes.map((probe) => {
    const own = byProbe.get(probe.name) ?? [];
    const points = seriesOf(own, axis, probe);
    const { from, aided } = windows;
    const unaided = from && aided ? beforeAid(own, { probe, axis, fromMs: from.ms, aidedMs: aided.ms }) : points;
    const saw = sightOf(points, unaided, { probe, windows, steadyMs });
    return { probe, points, readback: newest.get(probe.name), saw };
  });
}

interface Aid {
  probe: Probe;
  axis: Axis;
  fromMs: number;
  aidedMs: number;
}

/**
 * What was asked before recovery altered anything. A failure that was still open by then counts only when it had been open for
 * longer than any good answer took before the fault: a younger one may have been broken by what recovery did.
 */
function beforeAid(samples: readonly Sample[], { probe, axis, fromMs, aidedMs }: Aid): Point[] {
  const timed = samples.map((sample) => ({
    sample,
    good: sample.outcome === 'good',
    sentMs: axis.ofNs(sample.clockId, sample.sentNs).ms,
    doneMs: axis.ofNs(sample.clockId, sample.doneNs).ms,
  }));
  const usualMs = timed.reduce(
    (slowest, { good, sentMs, doneMs }) => (good && doneMs < fromMs ? Math.max(slowest, doneMs - sentMs) : slowest),
    0,
  );
  const early = timed.filter(
    ({ good, sentMs, doneMs }) => sentMs < aidedMs && (good || doneMs < aidedMs || sentMs + usualMs < aidedMs),
  );
  return seriesOf(
    early.map(({ sample }) => sample),
    axis,
    probe,
  );
}

interface Look {
  probe: Probe;
  windows: Windows;
  steadyMs: number;
}

function sightOf(
  points: readonly Point[],
  unaided: readonly Point[],
  { probe, windows, steadyMs }: Look,
): Sight | undefined {
  const { from, to, verify, failback, end } = windows;
  if (!from) return undefined;
  const look = (fromMs: number, toMs: number, recoveredAfterMs: number, seen = points): Outage =>
    outageOf(seen, { fromMs, toMs }, probe, recoveredAfterMs);
  return {
    before: look(from.ms - steadyMs, from.ms, 0),
    fault: look(from.ms, to.ms, steadyMs),
    unaided: look(from.ms, to.ms, steadyMs, unaided),
    verify: verify && look(verify.ms, to.ms, 0),
    failback: failback && look(failback.ms, end.ms, 0),
  };
}

/**
 * The probes that saw the fault: users' probes that failed, negative controls that broke. A failure that began after recovery
 * had begun to alter things is no sight of the fault: it would be there without one.
 */
export const sawFault = (eyes: readonly Eye[]): Eye[] =>
  eyes.filter(({ probe, saw }) => (probe.expect === 'recovers' || probe.expect === 'breaks') && saw?.unaided.ends);
