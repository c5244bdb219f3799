/**
 * RTO and RPO from raw samples alone, without the log of the run: so that anybody can check the arithmetic with nothing but
 * the file. By the marks of the run where they stand in the file: then the figures are the run's own. Else from the first sample
 * to the last, in which failover and failback are one.
 */
import type { Interval, MeasuredRpo, WriteCounts } from '../domain/record.ts';
import type { CanaryReadback, Sample } from '../domain/sample.ts';
import { axisOf, axisOfMarks, newestReadbacks } from './axis.ts';
import type { Axis } from './axis.ts';
import type { Judged, JudgedProbe, JudgedWindow } from './judged.ts';
import type { Outage } from './outage.ts';
import { hullOf, intervalOf, outageOf } from './outage.ts';
import { lossOf } from './rpo.ts';
import type { Point, Stretch } from './series.ts';
import { seriesOf, within } from './series.ts';

export interface RawInput {
  samples: readonly Sample[];
  readbacks?: readonly CanaryReadback[];
  /** How long good counts as recovered, milliseconds. Default: what the run says. */
  steadyMs?: number;
  judged?: Judged;
}

export interface RawProbe {
  /** Absent when it was not good before, or not for long enough after. */
  interval?: Interval;
  episodes: number;
  requests: number;
  failures: number;
  unknown: number;
  /** What the drill expected of it, where the file says so. Only those that were to recover count for `overall`. */
  expect?: JudgedProbe['expect'];
}

export interface RawStretch {
  /** What was judged: a stretch of the run by its marks, or all that the file holds. */
  stretch: 'recovery' | 'failback' | 'file';
  lastedMs: number;
  probes: Readonly<Record<string, RawProbe>>;
  /** Over the probes that count; absent when one has none. */
  overall?: Interval;
  /** Without a mark of the fault counted from the first failed request. Absent without a readback. */
  rpo?: MeasuredRpo & WriteCounts;
}

export interface RawMeasurement extends RawStretch {
  runId?: string;
  steadyMs: number;
  failback?: RawStretch;
}

/** Where neither the file nor its reader says how long good counts as recovered. */
const usualSteadyMs = 5_000;

/** Positions of replicas are no requests of users and are left out. */
export function measureSamples({ samples, readbacks = [], judged, ...wanted }: RawInput): RawMeasurement {
  const steadyMs = wanted.steadyMs ?? judged?.steadyMs ?? usualSteadyMs;
  const axis = judged ? axisOfMarks(judged.clocks, samples) : axisOf([], samples);
  const series = seriesIn(samples, axis, judged);
  const file = { series, axis, newest: newestReadbacks(readbacks, axis) };
  if (!judged?.recovery) return { ...measureFile(file, steadyMs), ...(judged && { runId: judged.runId }), steadyMs };
  const { runId, recovery, failback } = judged;
  return {
    runId,
    steadyMs,
    ...measureWindow(file, recovery, { stretch: 'recovery', counts: ['recovers'], steadyMs }),
    ...(failback && {
      failback: measureWindow(file, failback, { stretch: 'failback', counts: ['recovers', 'holds'], steadyMs: 0 }),
    }),
  };
}

interface Series {
  probe: Omit<JudgedProbe, 'expect'> & { expect?: JudgedProbe['expect'] };
  own: readonly Sample[];
  points: readonly Point[];
}

interface File {
  series: readonly Series[];
  axis: Axis;
  newest: ReadonlyMap<string, CanaryReadback>;
}

function seriesIn(samples: readonly Sample[], axis: Axis, judged: Judged | undefined): Series[] {
  const names = [...new Set(samples.map(({ probe }) => probe))].filter((name) => !name.includes(':')).sort();
  return names.map((name) => {
    const own = samples.filter(({ probe }) => probe === name);
    const known = judged?.probes.find((probe) => probe.name === name);
    const points = seriesOf(own, axis, known ?? cadence);
    return { probe: known ?? { name, ...cadence, everyMs: everyMsOf(points) }, own, points };
  });
}

const cadence = { everyMs: 0, timeoutMs: 0 };

/** The probe's period, as the samples show it: the median distance between neighbours. */
function everyMsOf(points: readonly Point[]): number {
  const distances = points.slice(1).map(({ sent }, index) => sent.ms - points[index]!.sent.ms);
  return distances.sort((a, b) => a - b)[distances.length >> 1] ?? 0;
}

function measureFile({ series, newest, axis }: File, steadyMs: number): RawStretch {
  const sentMs = series.flatMap(({ points }) => [points[0], points.at(-1)].flatMap((point) => point?.sent.ms ?? []));
  const stretch: Stretch = { fromMs: Math.min(...sentMs), toMs: Math.max(...sentMs) + 1 };
  const seen = series.map((one) => ({ ...one, outage: outageOf(one.points, stretch, one.probe, steadyMs) }));
  const all = { fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY };
  const firstBad = hullOf(seen.map(({ outage }) => outage)).ends?.firstBad.ms;
  const rpo = rpoOf({ series, newest }, all, firstBad ?? stretch.fromMs);
  return {
    stretch: 'file',
    lastedMs: stretch.toMs - stretch.fromMs,
    probes: rowsOf(seen, stretch, axis),
    ...overallOf(seen),
    ...(rpo && { rpo }),
  };
}

interface How {
  stretch: 'recovery' | 'failback';
  counts: readonly JudgedProbe['expect'][];
  steadyMs: number;
}

function measureWindow(file: File, window: JudgedWindow, { stretch, counts, steadyMs }: How): RawStretch {
  const msOf = (moment: JudgedWindow['from'] | undefined, otherwise: number): number =>
    moment ? file.axis.ofNs(moment.clockId, moment.ns).ms : otherwise;
  const span = { fromMs: msOf(window.from, 0), toMs: msOf(window.to, 0) };
  const seen = file.series.map((one) => ({ ...one, outage: outageOf(one.points, span, one.probe, steadyMs) }));
  const { loss } = window;
  const belongs = {
    fromMs: msOf(loss?.from, Number.NEGATIVE_INFINITY),
    toMs: msOf(loss?.to, Number.POSITIVE_INFINITY),
  };
  const rpo = loss && rpoOf(file, belongs, msOf(loss.at, 0));
  return {
    stretch,
    lastedMs: span.toMs - span.fromMs,
    probes: rowsOf(seen, span, file.axis),
    ...overallOf(seen.filter(({ probe }) => probe.expect && counts.includes(probe.expect))),
    ...(rpo && { rpo: loss.why === undefined ? rpo : notExercised(rpo, loss.why) }),
  };
}

interface Seen extends Series {
  outage: Outage;
}

/** @param span what the counts are of */
function rowsOf(seen: readonly Seen[], span: Stretch, axis: Axis): Readonly<Record<string, RawProbe>> {
  const inSpan = ({ clockId, sentNs }: Sample): boolean => {
    const { ms } = axis.ofNs(clockId, sentNs);
    return ms >= span.fromMs && ms < span.toMs;
  };
  const rows = seen.map(({ probe, own, points, outage }): [string, RawProbe] => {
    const interval = intervalOf(outage);
    const asked = own.filter(inSpan);
    return [
      probe.name,
      {
        ...(interval && { interval }),
        episodes: outage.episodes,
        requests: asked.length,
        failures: within(points, span).filter(({ good }) => !good).length,
        unknown: asked.filter(({ outcome }) => outcome === 'unknown').length,
        ...(probe.expect && { expect: probe.expect }),
      },
    ];
  });
  return Object.fromEntries(rows);
}

/** One that was not seen whole leaves the whole unknown. */
function overallOf(seen: readonly Seen[]): { overall?: Interval } {
  const outages = seen.map(({ outage }) => outage);
  const overall = outages.length > 0 && outages.every(intervalOf) ? intervalOf(hullOf(outages)) : undefined;
  return overall ? { overall } : {};
}

function rpoOf({ series, newest }: Pick<File, 'series' | 'newest'>, belongs: Stretch, atMs: number) {
  const writes = series
    .filter(({ probe }) => newest.has(probe.name))
    .map(({ probe, points }) => ({ probe, points, readback: newest.get(probe.name) }));
  if (writes.length === 0) return undefined;
  const { atLeastMs: _internal, ...rpo } = lossOf(writes, belongs, atMs);
  return rpo;
}

/** The bound of what was not tried is none. */
function notExercised(
  { upperMs: _unproven, ...rpo }: MeasuredRpo & WriteCounts,
  why: string,
): MeasuredRpo & WriteCounts {
  return { ...rpo, exercised: false, why };
}
