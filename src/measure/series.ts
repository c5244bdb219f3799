/**
 * The samples of one probe as a judge sees them: known answers in the order in which they were asked, which of the bad ones
 * count, and the holes in between of which nothing is known. Unknown samples are left out: they are holes, so they can only
 * widen what is concluded.
 */
import type { Probe } from '../domain/drill.ts';
import type { Sample } from '../domain/sample.ts';
import type { Axis, Instant } from './axis.ts';

export interface Point {
  seq: number;
  sent: Instant;
  done: Instant;
  good: boolean;
  outcome: 'good' | 'bad' | 'indeterminate';
  /** A failure that the probe's threshold doesn't forgive. */
  counts: boolean;
  why?: string;
}

/** A stretch of time; `to` is not part of it. Milliseconds on the axis. */
export interface Stretch {
  fromMs: number;
  toMs: number;
}

/** Two neighbours in a series that are too far apart to say what was between them; a stretch's end counts as one. */
export interface Hole {
  fromMs: number;
  toMs: number;
}

export type Tolerance = Pick<Probe, 'everyMs' | 'timeoutMs' | 'threshold'>;

/**
 * @param samples of one probe, in any order; one that was stored twice counts once
 */
export function seriesOf(samples: readonly Sample[], axis: Axis, probe: Tolerance): Point[] {
  const seen = new Set<string>();
  const points: Point[] = [];
  for (const { seq, clockId, sentNs, doneNs, outcome, why } of samples) {
    const identity = `${clockId} ${sentNs} ${seq}`;
    if (outcome === 'unknown' || seen.has(identity)) continue;
    seen.add(identity);
    const good = outcome === 'good';
    const sent = axis.ofNs(clockId, sentNs);
    points.push({ seq, sent, done: axis.ofNs(clockId, doneNs), good, outcome, counts: !good, why });
  }
  points.sort((a, b) => a.sent.ms - b.sent.ms || Number(a.good) - Number(b.good) || a.seq - b.seq);
  if (probe.threshold) forgive(points, probe.threshold);
  return points;
}

/**
 * A failure counts when some window that holds it fails more often than the threshold allows; otherwise it is one that the
 * probe's owner accepts. Windows begin at samples; the first one that reaches the newest sample is the last, because a shorter
 * one would be judged by too few.
 */
function forgive(points: readonly Point[], { maxFailureRate, windowMs }: NonNullable<Probe['threshold']>): void {
  const failuresBefore = [0];
  for (const { good } of points) failuresBefore.push(failuresBefore.at(-1)! + Number(!good));
  const countsFrom = Array.from({ length: points.length + 1 }, () => 0);
  let end = 0;
  for (let start = 0; start < points.length; start += 1) {
    while (end < points.length && points[end]!.sent.ms < points[start]!.sent.ms + windowMs) end += 1;
    const failures = failuresBefore[end]! - failuresBefore[start]!;
    if (failures / (end - start) > maxFailureRate) {
      countsFrom[start]! += 1;
      countsFrom[end]! -= 1;
    }
    if (end === points.length) break;
  }
  let open = 0;
  for (const [index, point] of points.entries()) {
    open += countsFrom[index]!;
    point.counts = !point.good && open > 0;
  }
}

/**
 * Where in the run an answer belongs. A good one belongs to when it was asked; a failure to when it failed, because a request
 * that was under way when a stretch ended was broken by what came after.
 */
const belongsAtMs = (point: Point): number => (point.good ? point.sent.ms : point.done.ms);

export const within = (points: readonly Point[], { fromMs, toMs }: Stretch): Point[] =>
  points.filter((point) => belongsAtMs(point) >= fromMs && belongsAtMs(point) < toMs);

/** How far two known samples may lie apart before the time between them counts as not seen. */
export const holeLimitMs = ({ everyMs, timeoutMs }: Tolerance): number =>
  Math.max(3 * everyMs, everyMs + timeoutMs, 1_000);

/**
 * The holes that reach into the stretch. A stretch that begins or ends far from any sample has a hole there. Their ends are
 * those of the neighbouring samples, which may lie outside.
 */
export function holesIn(points: readonly Point[], { fromMs, toMs }: Stretch, probe: Tolerance): Hole[] {
  const limitMs = holeLimitMs(probe);
  const sentMs = points.map(({ sent }) => sent.ms);
  const first = sentMs[0];
  const last = sentMs.at(-1);
  if (first === undefined || last === undefined) return [{ fromMs, toMs }];
  const edges = [Math.min(first, fromMs), ...sentMs, Math.max(last, toMs)];
  const holes: Hole[] = [];
  for (const [index, end] of edges.entries()) {
    const begin = edges[index - 1] ?? end;
    if (end - begin > limitMs && begin < toMs && end > fromMs) holes.push({ fromMs: begin, toMs: end });
  }
  return holes;
}

/**
 * The longest time within the stretch in which at least one question is missing or unknown: an outage that hid there was no
 * longer. 0 when every question has its answer.
 */
export function unseenMs(points: readonly Point[], { fromMs, toMs }: Stretch, { everyMs }: Tolerance): number {
  let longest = 0;
  for (const [index, { sent }] of points.entries()) {
    const before = points[index - 1];
    if (!before || before.sent.ms >= toMs || sent.ms <= fromMs) continue;
    const gapMs = sent.ms - before.sent.ms;
    if (gapMs >= missingFrom * everyMs) longest = Math.max(longest, gapMs);
  }
  return longest;
}

/** Questions may start late by up to half a period; neighbours further apart than this have one missing between them. */
const missingFrom = 1.5;
