/**
 * RTO and RPO from raw samples alone, without the log of the run: so that anybody can check the arithmetic with nothing but
 * the file. Where the log is at hand, `judge` says more.
 */
import type { Interval, MeasuredRpo } from '../domain/record.ts';
import type { CanaryReadback, Sample } from '../domain/sample.ts';
import { axisOf, newestReadbacks } from './axis.ts';
import type { Outage } from './outage.ts';
import { hullOf, intervalOf, outageOf } from './outage.ts';
import { lossOf } from './rpo.ts';
import type { Point, Stretch } from './series.ts';
import { seriesOf } from './series.ts';

export interface RawInput {
  samples: readonly Sample[];
  readbacks?: readonly CanaryReadback[];
  /** How long good counts as recovered, milliseconds. */
  steadyMs: number;
  /** Bounds of what is measured, monotonic nanoseconds of a clock in the samples. Default: everything. */
  from?: { clockId: string; ns: string };
  to?: { clockId: string; ns: string };
}

export interface RawProbe {
  /** Absent when it was not good before, or not for long enough after. */
  interval?: Interval;
  episodes: number;
  requests: number;
  failures: number;
  unknown: number;
}

export interface RawMeasurement {
  probes: Readonly<Record<string, RawProbe>>;
  /** Over all probes; absent when one has none. */
  overall?: Interval;
  /** Counted from the first failed request, for want of a mark of the fault. Absent without a readback. */
  rpo?: MeasuredRpo;
}

/** Positions of replicas are no requests of users and are left out. */
export function measureSamples({ samples, readbacks = [], steadyMs, from, to }: RawInput): RawMeasurement {
  const axis = axisOf([], samples);
  const names = [...new Set(samples.map(({ probe }) => probe))].filter((name) => !name.includes(':')).sort();
  const newest = newestReadbacks(readbacks, axis);
  const series = names.map((name) => {
    const own = samples.filter(({ probe }) => probe === name);
    return { name, own, points: seriesOf(own, axis, cadence) };
  });
  const sentMs = series.flatMap(({ points }) => [points[0], points.at(-1)].flatMap((point) => point?.sent.ms ?? []));
  const stretch: Stretch = {
    fromMs: from ? axis.ofNs(from.clockId, from.ns).ms : Math.min(...sentMs),
    toMs: to ? axis.ofNs(to.clockId, to.ns).ms : Math.max(...sentMs) + 1,
  };
  const outages: Outage[] = [];
  const probes: Record<string, RawProbe> = {};
  for (const { name, own, points } of series) {
    const outage = outageOf(points, stretch, { ...cadence, everyMs: everyMsOf(points) }, steadyMs);
    outages.push(outage);
    const interval = intervalOf(outage);
    probes[name] = {
      ...(interval && { interval }),
      episodes: outage.episodes,
      requests: own.length,
      failures: points.filter(({ good }) => !good).length,
      unknown: own.filter(({ outcome }) => outcome === 'unknown').length,
    };
  }
  const hull = hullOf(outages);
  const overall = outages.length > 0 && outages.every(intervalOf) ? intervalOf(hull) : undefined;
  const writes = series
    .filter(({ name }) => newest.has(name))
    .map(({ name, points }) => ({ probe: { name }, points, readback: newest.get(name) }));
  const all = { fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY };
  const loss = writes.length > 0 ? lossOf(writes, all, hull.ends?.firstBad.ms ?? stretch.fromMs) : undefined;
  if (!loss) return { probes, ...(overall && { overall }) };
  const { atLeastMs: _internal, ...rpo } = loss;
  return { probes, ...(overall && { overall }), rpo };
}

const cadence = { everyMs: 0, timeoutMs: 0 };

/** The probe's period, as the samples show it: the median distance between neighbours. */
function everyMsOf(points: readonly Point[]): number {
  const distances = points.slice(1).map(({ sent }, index) => sent.ms - points[index]!.sent.ms);
  return distances.sort((a, b) => a - b)[distances.length >> 1] ?? 0;
}
