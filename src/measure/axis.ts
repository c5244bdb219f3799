/**
 * One time axis for marks and samples. Instants of one clock keep their monotonic distances exactly; another clock (a second
 * host, the same host after a reboot) is placed on the axis by its wall time, and an interval that spans two says so.
 */
import type { Mark } from '../domain/clock.ts';
import type { LogEntry } from '../domain/event.ts';
import type { CanaryReadback, Sample } from '../domain/sample.ts';

/** Milliseconds on the axis of a run, 0 at its first entry. */
export interface Instant {
  ms: number;
  clockId: string;
}

/** The same in the clock's own terms, as it can stand in a file: nanoseconds of the clock, decimal text. */
export interface Moment {
  clockId: string;
  ns: string;
}

export interface Axis {
  ofMark(mark: Mark): Instant;
  /** Of a clock that stands in the log or in a sample. */
  ofNs(clockId: string, ns: string): Instant;
  /** Exactly what `ofNs` made an instant of. */
  momentOf(instant: Instant): Moment;
}

interface Anchor {
  ns: bigint;
  /** Where that instant lies on the axis, milliseconds. */
  ms: number;
}

/** @param entries of one run; the first one is the axis' origin. Without entries the earliest sample is. */
export const axisOf = (entries: readonly LogEntry[], samples: readonly Sample[]): Axis =>
  axisOfMarks(
    entries.map(({ event }) => event.mark),
    samples,
  );

/** The marks of which an axis is made: the earliest of each clock, the origin's first. */
export function clockMarks(marks: readonly Mark[]): Mark[] {
  const earliestOf = new Map<string, Mark>();
  for (const mark of marks) {
    const known = earliestOf.get(mark.clockId);
    if (!known || BigInt(mark.ns) < BigInt(known.ns)) earliestOf.set(mark.clockId, mark);
  }
  return [...earliestOf.values()];
}

/** @param marks of one run; the clock of the first one is the origin's */
export function axisOfMarks(marks: readonly Mark[], samples: readonly Sample[]): Axis {
  const anchors = new Map<string, { ns: bigint; wallMs: number }>();
  const see = (clockId: string, ns: string, at: string): void => {
    const known = anchors.get(clockId);
    const exact = BigInt(ns);
    if (!known || exact < known.ns) anchors.set(clockId, { ns: exact, wallMs: Date.parse(at) });
  };
  for (const { clockId, ns, at } of marks) see(clockId, ns, at);
  // A clock that the log knows is placed by the log: samples can be many, and both wall times are equally good.
  const logged = new Set(anchors.keys());
  for (const sample of samples) if (!logged.has(sample.clockId)) see(sample.clockId, sample.sentNs, sample.at);

  const first = marks[0]?.clockId ?? earliest(anchors);
  const zero = anchors.get(first ?? '') ?? { ns: 0n, wallMs: 0 };
  const placed = new Map<string, Anchor>();
  for (const [clockId, { ns, wallMs }] of anchors) placed.set(clockId, { ns, ms: wallMs - zero.wallMs });
  const ofNs = (clockId: string, ns: string): Instant => {
    const anchor = placed.get(clockId) ?? { ns: zero.ns, ms: 0 };
    return { ms: anchor.ms + Number(BigInt(ns) - anchor.ns) / 1e6, clockId };
  };
  const momentOf = ({ clockId, ms }: Instant): Moment => {
    const anchor = placed.get(clockId) ?? { ns: zero.ns, ms: 0 };
    return { clockId, ns: String(anchor.ns + BigInt(Math.round((ms - anchor.ms) * 1e6))) };
  };
  return { ofNs, momentOf, ofMark: (mark) => ofNs(mark.clockId, mark.ns) };
}

function earliest(anchors: ReadonlyMap<string, { wallMs: number }>): string | undefined {
  const sorted = [...anchors].sort(([a, x], [b, y]) => x.wallMs - y.wallMs || (a < b ? -1 : 1));
  return sorted[0]?.[0];
}

/** `wall` as soon as the instants stand on more than one clock. */
export const clockOf = (instants: readonly (Instant | undefined)[]): 'monotonic' | 'wall' =>
  new Set(instants.flatMap((instant) => (instant ? [instant.clockId] : []))).size > 1 ? 'wall' : 'monotonic';

/** The newest readback of each canary that worked, else the newest that failed. */
export function newestReadbacks(readbacks: readonly CanaryReadback[], axis: Axis): Map<string, CanaryReadback> {
  const newest = new Map<string, CanaryReadback>();
  const atMs = (readback: CanaryReadback): number => axis.ofNs(readback.clockId, readback.atNs).ms;
  for (const readback of readbacks) {
    const known = newest.get(readback.probe);
    const better =
      !known ||
      (known.error !== undefined && readback.error === undefined) ||
      ((known.error === undefined) === (readback.error === undefined) && atMs(readback) > atMs(known));
    if (better) newest.set(readback.probe, readback);
  }
  return newest;
}
