/**
 * How long a probe was out, as an interval that holds the truth. Everything is about when requests were *started*:
 *
 *   good   good   bad    bad  ...  bad    good   good
 *           |      '---- lower ----'       |
 *           '------------ upper -----------'
 *
 * The service failed some time after the last good request before, and worked again some time before the first good one
 * after: the truth is at most `upper`. It was out at the first bad one, and still or again at the last: at least `lower`.
 * What was not seen widens the upper bound and never narrows anything.
 */
import type { Interval } from '../domain/record.ts';
import type { Instant } from './axis.ts';
import type { Hole, Point, Stretch, Tolerance } from './series.ts';
import { holeLimitMs, holesIn, unseenMs, within } from './series.ts';

/** The ends of an outage on the axis. Undefined where no sample gives one. */
export interface Ends {
  lastGood?: Instant;
  firstBad: Instant;
  lastBad: Instant;
  firstGood?: Instant;
}

export interface Outage {
  /** Absent when nothing counted as bad. */
  ends?: Ends;
  /** How often it went bad after having been good for the window that counts as recovered. */
  episodes: number;
  /** Good again at the end of the stretch, and for long enough. True when it was never bad. */
  recovered: boolean;
  /** The newest answer that counts was a good one; absent when there was none. */
  goodAtEnd?: boolean;
  /** Where nothing is known, for too long to overlook. */
  holes: readonly Hole[];
  /** The longest time without an answer: what hid in it was no longer. Milliseconds. */
  unseenMs: number;
  /** Reasons of the failures, the most frequent first. */
  why: readonly string[];
}

/**
 * The outage of one probe within a stretch.
 * @param steadyMs how long it must be good to count as recovered; the probe's own window takes precedence
 */
export function outageOf(points: readonly Point[], stretch: Stretch, probe: Tolerance, steadyMs: number): Outage {
  const windowMs = probe.threshold?.windowMs ?? steadyMs;
  const inside = within(points, stretch);
  const bad = inside.filter(({ counts }) => counts);
  const unseen = { holes: holesIn(points, stretch, probe), unseenMs: unseenMs(points, stretch, probe) };
  const first = bad[0];
  const last = bad.at(-1);
  const newest = inside.findLast(({ good, counts }) => good || counts);
  const goodAtEnd = newest?.good;
  if (!first || !last) return { episodes: 0, recovered: true, goodAtEnd, ...unseen, why: [] };

  const before = points.filter((point) => point.good && point.sent.ms < first.sent.ms).toReversed();
  const after = inside.filter((point) => point.good && point.sent.ms > last.sent.ms);
  const limitMs = holeLimitMs(probe);
  const lastGood = farthest(before, limitMs);
  const firstGood = farthest(after, limitMs);
  const ends: Ends = {
    lastGood: widenedStart(lastGood, stretch, unseen.holes),
    firstBad: first.sent,
    lastBad: last.sent,
    firstGood: widenedEnd(firstGood, unseen.holes),
  };
  const recovered = firstGood !== undefined && stretch.toMs - firstGood.ms >= windowMs;
  return { ends, episodes: episodesOf(inside, windowMs), recovered, goodAtEnd, ...unseen, why: reasonsOf(bad) };
}

/**
 * Of the good answers nearest to an outage, one for each vantage point, the one that is farthest from it: that one vantage point
 * was served says nothing about the others. One that was not asking around that time doesn't count. Hosts tell them apart.
 * @param goods the nearest first
 */
function farthest(goods: readonly Point[], limitMs: number): Instant | undefined {
  const nearest = goods[0]?.sent;
  if (!nearest) return undefined;
  const seen = new Set<string>();
  let found = nearest;
  for (const { sent } of goods) {
    if (Math.abs(sent.ms - nearest.ms) > limitMs) break;
    if (!seen.has(sent.clockId)) found = sent;
    seen.add(sent.clockId);
  }
  return found;
}

/** A hole before the outage, but within the stretch, may hide its beginning. */
function widenedStart(lastGood: Instant | undefined, stretch: Stretch, holes: readonly Hole[]): Instant | undefined {
  if (!lastGood) return undefined;
  const hidden = holes.find(({ toMs }) => toMs > stretch.fromMs && toMs <= lastGood.ms);
  return hidden ? { ...lastGood, ms: hidden.fromMs } : lastGood;
}

/** A hole after the outage may hide that it came back. */
function widenedEnd(firstGood: Instant | undefined, holes: readonly Hole[]): Instant | undefined {
  if (!firstGood) return undefined;
  const hidden = holes.findLast(({ toMs }) => toMs > firstGood.ms);
  return hidden ? { ...firstGood, ms: hidden.toMs } : firstGood;
}

function episodesOf(points: readonly Point[], windowMs: number): number {
  let episodes = 0;
  let goodSince: number | undefined = Number.NEGATIVE_INFINITY;
  for (const { good, counts, sent } of points) {
    if (counts) {
      if (goodSince !== undefined && sent.ms - goodSince >= windowMs) episodes += 1;
      goodSince = undefined;
    } else if (good) goodSince ??= sent.ms;
  }
  return episodes;
}

function reasonsOf(points: readonly Point[]): string[] {
  const counts = new Map<string, number>();
  for (const { why = 'no reason given' } of points) counts.set(why, (counts.get(why) ?? 0) + 1);
  return [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).map(([why]) => why);
}

/**
 * The interval between ends; undefined when one of them was not seen. A probe that never failed was out for 0, at most for as
 * long as it wasn't asked; but where nothing is known for long, nothing is said.
 */
export function intervalOf({
  ends,
  recovered,
  unseenMs,
  holes,
}: Omit<Outage, 'episodes' | 'why'>): Interval | undefined {
  if (!ends) return holes.length > 0 ? undefined : { lowerMs: 0, upperMs: unseenMs };
  if (!recovered || !ends.lastGood || !ends.firstGood) return undefined;
  const upperMs = Math.max(unseenMs, ends.firstGood.ms - ends.lastGood.ms);
  return { lowerMs: ends.lastBad.ms - ends.firstBad.ms, upperMs };
}

/** One outage that spans all of them: a service is back when the last of its probes is. */
export function hullOf(outages: readonly Outage[]): Outage {
  const all = outages.flatMap(({ ends }) => (ends ? [ends] : []));
  const earliest = (pick: (ends: Ends) => Instant | undefined) => extreme(all.map(pick), (a, b) => a < b);
  const latest = (pick: (ends: Ends) => Instant | undefined) => extreme(all.map(pick), (a, b) => a > b);
  const firstBad = earliest((ends) => ends.firstBad);
  const lastBad = latest((ends) => ends.lastBad);
  const ends = firstBad &&
    lastBad && {
      lastGood: earliest((each) => each.lastGood),
      firstBad,
      lastBad,
      firstGood: latest((each) => each.firstGood),
    };
  return {
    ends,
    episodes: Math.max(0, ...outages.map(({ episodes }) => episodes)),
    recovered: outages.every(({ recovered }) => recovered),
    holes: outages.flatMap(({ holes }) => holes),
    unseenMs: Math.max(0, ...outages.map(({ unseenMs }) => unseenMs)),
    why: outages.flatMap(({ why }) => why),
  };
}

/** The extreme of instants; undefined as soon as one of them is not known. */
function extreme(
  instants: readonly (Instant | undefined)[],
  beats: (a: number, b: number) => boolean,
): Instant | undefined {
  let best = instants[0];
  for (const instant of instants) {
    if (!instant) return undefined;
    if (best && beats(instant.ms, best.ms)) best = instant;
  }
  return best;
}
