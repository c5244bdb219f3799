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
    const points = seriesOf(byProbe.get(probe.name) ?? [], axis, probe);
    return { probe, points, readback: newest.get(probe.name), saw: sightOf(points, probe, windows, steadyMs) };
  });
}

function sightOf(points: readonly Point[], probe: Probe, windows: Windows, steadyMs: number): Sight | undefined {
  const { from, to, verify, failback, end } = windows;
  if (!from) return undefined;
  const look = (fromMs: number, toMs: number, recoveredAfterMs: number): Outage =>
    outageOf(points, { fromMs, toMs }, probe, recoveredAfterMs);
  return {
    before: look(from.ms - steadyMs, from.ms, 0),
    fault: look(from.ms, to.ms, steadyMs),
    verify: verify && look(verify.ms, to.ms, 0),
    failback: failback && look(failback.ms, end.ms, 0),
  };
}

/** Names of the probes that saw the fault: users' probes that failed, negative controls that broke. */
export const sawFault = (eyes: readonly Eye[]): Eye[] =>
  eyes.filter(({ probe, saw }) => (probe.expect === 'recovers' || probe.expect === 'breaks') && saw?.fault.ends);
