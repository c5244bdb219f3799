/**
 * Measured figures in whole milliseconds, as records, tables and scripts get them. Rounded outwards: a lower bound down, an upper
 * bound up, so that the truth stays between them and a promise in whole milliseconds is kept or missed as before. The judgement in
 * the log keeps its fractions: whoever verifies it computes the same.
 */
import type { Interval, MeasuredRpo, PhaseSpan, Recovery } from '../domain/record.ts';

/** Clocks tell nanoseconds; what is less comes from adding up. Milliseconds. */
const noiseMs = 1e-6;

const down = (ms: number): number => Math.floor(ms + noiseMs);
const up = (ms: number): number => Math.max(0, Math.ceil(ms - noiseMs));

export const wholeInterval = <T extends Interval>(interval: T): T => ({
  ...interval,
  lowerMs: down(interval.lowerMs),
  upperMs: up(interval.upperMs),
});

export const wholeRpo = <T extends MeasuredRpo>(rpo: T): T => ({
  ...rpo,
  ...upOf(rpo, 'upperMs'),
  ...(rpo.lowerMs !== undefined && { lowerMs: down(rpo.lowerMs) }),
  ...upOf(rpo, 'recoveryPointAgeMs'),
  ...upOf(rpo, 'peakReplicaLagMs'),
});

function upOf<K extends string>(from: Partial<Record<K, number>>, key: K): Partial<Record<K, number>> {
  const ms = from[key];
  return ms === undefined ? {} : ({ [key]: up(ms) } as Record<K, number>);
}

/** Phases are no bounds: each ends where the next one begins, before and after. */
const wholeSpan = ({ name, startMs, endMs }: PhaseSpan): PhaseSpan => ({
  name,
  startMs: Math.round(startMs),
  endMs: Math.round(endMs),
});

export function wholeRecovery({ measured, rto, rpo, phases, portions, failback, ...rest }: Recovery): Recovery {
  const perProbe = Object.entries(measured?.perProbe ?? {}).map(([probe, interval]) => [
    probe,
    wholeInterval(interval),
  ]);
  return {
    ...rest,
    ...(measured && { measured: { ...wholeInterval(measured), perProbe: Object.fromEntries(perProbe) } }),
    ...(rto && { rto: wholeInterval(rto) }),
    ...(rpo && { rpo: wholeRpo(rpo) }),
    phases: phases.map(wholeSpan),
    ...(portions && {
      portions: portions.map(({ name, durationMs }) => ({ name, durationMs: Math.round(durationMs) })),
    }),
    ...(failback && {
      failback: {
        ...(failback.rto && { rto: wholeInterval(failback.rto) }),
        ...(failback.rpo && { rpo: wholeRpo(failback.rpo) }),
      },
    }),
  };
}
