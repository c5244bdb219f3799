/**
 * Time as everything in firedrill sees it: a monotonic clock for durations, wall time only for people.
 *
 * `monoNs` is CLOCK_MONOTONIC. Processes of one boot read the same clock, so a mark made by the executor and a sample made
 * by the prober can be subtracted when their `clockId` (the boot id) is equal. Nothing subtracts two wall times when it can
 * avoid it.
 */
export interface Clock {
  /** Identifies the monotonic time line, normally the kernel's boot id. */
  readonly clockId: string;
  /** Nanoseconds on the monotonic clock. */
  monoNs(): bigint;
  /** Wall time, for people and for intervals that span two hosts. */
  wall(): Date;
  /** Resolves after `ms`; rejects with `signal.reason` as soon as `signal` aborts. Leaves no timer or listener behind. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** One instant on both clocks, as it stands in the log. `ns` is decimal text because JSON has no 64-bit integers. */
export interface Mark {
  clockId: string;
  ns: string;
  /** ISO 8601 wall time with milliseconds, UTC. */
  at: string;
}

export const markNow = (clock: Clock): Mark => ({
  clockId: clock.clockId,
  ns: clock.monoNs().toString(),
  at: clock.wall().toISOString(),
});

/** Milliseconds from `a` to `b`: monotonic when both stand on one time line, wall time otherwise. */
export function msBetween(a: Mark, b: Mark): { ms: number; clock: 'monotonic' | 'wall' } {
  if (a.clockId === b.clockId) return { ms: Number(BigInt(b.ns) - BigInt(a.ns)) / 1e6, clock: 'monotonic' };
  return { ms: Date.parse(b.at) - Date.parse(a.at), clock: 'wall' };
}
