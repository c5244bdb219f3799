/**
 * Whether the probes stand as the drill expects them to, and have for long enough: before the fault, when the outage is over,
 * and when everything was put back. Pure; the looking is done by an ordinary observing part.
 */
import type { Clock, Mark } from '../domain/clock.ts';
import type { Expectation, Probe } from '../domain/drill.ts';
import type { ObservePart, Progress } from '../domain/part.ts';
import type { PlannedStep } from '../domain/plan.ts';
import type { ProbeStatus } from '../domain/sample.ts';
import { durationText } from '../domain/time-text.ts';

type Stage = 'baseline' | 'recover' | 'failback';

const wanted: Record<Stage, Record<Expectation, 'good' | 'bad' | undefined>> = {
  baseline: { recovers: 'good', holds: 'good', breaks: 'good', appears: 'bad', any: undefined },
  recover: { recovers: 'good', holds: 'good', breaks: undefined, appears: 'good', any: undefined },
  failback: { recovers: 'good', holds: 'good', breaks: 'good', appears: 'bad', any: undefined },
};

/** How long after now a status may be old before it says nothing: several times the prober's cadence, milliseconds. */
const freshMs = 5_000;

interface Expected {
  stage: Stage;
  probes: readonly Probe[];
  statuses: readonly ProbeStatus[];
  steadyMs: number;
  /** Since when streaks count. */
  gate: Mark;
  /** When the first fault began: a streak that began later is the recovery itself and counts from its own start. */
  faultAt?: Mark;
  now: Mark;
}

export function asExpected(expected: Expected): Progress {
  const missing = expected.probes.flatMap((probe) => {
    const saw = missingOf(probe, expected);
    return saw === undefined ? [] : [saw];
  });
  return missing.length === 0 ? { done: true } : { done: false, saw: missing.join('; ') };
}

function missingOf(probe: Probe, { stage, statuses, steadyMs, gate, faultAt, now }: Expected): string | undefined {
  const want = wanted[stage][probe.expect];
  if (!want) return undefined;
  const status = statuses.find((one) => one.probe === probe.name);
  if (!status) return `${probe.name}: nothing measured yet`;
  if (status.clockId !== now.clockId) return `${probe.name}: measured on another host`;
  const behindMs = msFrom(status.asOfNs, now.ns);
  if (behindMs > freshMs + probe.timeoutMs) return `${probe.name}: last measured ${durationText(behindMs)} ago`;
  if (status.state !== want) return `${probe.name} is ${status.state}${status.why ? ` (${status.why})` : ''}`;
  const ownStreak = stage === 'recover' && faultAt !== undefined && msFrom(faultAt.ns, status.sinceNs) > 0;
  const countsFrom = ownStreak || msFrom(gate.ns, status.sinceNs) > 0 ? status.sinceNs : gate.ns;
  const steadyForMs = msFrom(stage === 'baseline' ? status.sinceNs : countsFrom, status.asOfNs);
  if (steadyForMs >= steadyMs) return undefined;
  return `${probe.name} is ${want} for ${durationText(Math.max(0, steadyForMs), 'down')} of ${durationText(steadyMs)}`;
}

const msFrom = (a: string, b: string): number => Number(BigInt(b) - BigInt(a)) / 1e6;

/** What the part needs of the run. */
export interface Eyes {
  clock: Clock;
  statuses(): Promise<readonly ProbeStatus[]>;
  begunAt(): Mark | undefined;
  faultAt(): Mark | undefined;
}

/** The part of a plan's own step that waits for the probes. */
export function expectedPart(step: PlannedStep, probes: readonly Probe[], steadyMs: number, eyes: Eyes): ObservePart {
  return {
    shape: 'observe',
    name: 'probes',
    touches: probes.map((probe) => probe.name).join(', '),
    poll: async () => {
      const now: Mark = {
        clockId: eyes.clock.clockId,
        ns: eyes.clock.monoNs().toString(),
        at: eyes.clock.wall().toISOString(),
      };
      const statuses = await eyes.statuses();
      const stage = step.phase as Stage;
      const gate = eyes.begunAt() ?? now;
      return asExpected({ stage, probes, statuses, steadyMs, gate, faultAt: eyes.faultAt(), now });
    },
  };
}
