/**
 * What was lost: numbered writes that were acknowledged to the prober and were gone when all of them were read back, last of
 * all. A write whose answer never came may or may not be there and is neither acknowledged nor lost.
 *
 *   ack 1   ack 2   ack 3   ack 4 | fault          surviving: 1 2
 *           '------ upper --------'                 lost: 3 4
 */
import type { Probe } from '../domain/drill.ts';
import type { MeasuredRpo, WriteCounts } from '../domain/record.ts';
import type { CanaryReadback } from '../domain/sample.ts';
import type { Point, Stretch } from './series.ts';

export interface Writes {
  probe: Pick<Probe, 'name'>;
  points: readonly Point[];
  readback?: CanaryReadback;
}

/** What one direction (failover or failback) lost. */
export interface Loss extends MeasuredRpo {
  /** Loss that is certain, even where `upperMs` can't be given: from the oldest lost write to the fault. */
  atLeastMs: number;
  /** Of a restore whose recovery point is in doubt: the age that the backup itself claims. */
  claimedAgeMs?: number;
}

/** As numbered writes show it. */
export type WriteLoss = Loss & WriteCounts;

/**
 * @param stretch which acknowledgements belong to this direction
 * @param atMs the first mark of the fault, or of the fence where there is none
 */
export function lossOf(writes: readonly Writes[], stretch: Stretch, atMs: number): WriteLoss {
  const each = writes.map((one) => lossOfOne(one, stretch, atMs));
  const sum = (pick: (loss: WriteLoss) => number): number => each.reduce((total, loss) => total + pick(loss), 0);
  const why = each.find((loss) => loss.why !== undefined)?.why;
  const known = each.flatMap(({ upperMs }) => (upperMs === undefined ? [] : [upperMs]));
  return {
    exercised: true,
    upperMs: known.length === each.length && known.length > 0 ? Math.max(...known) : undefined,
    lostWrites: sum(({ lostWrites }) => lostWrites),
    ackedWrites: sum(({ ackedWrites }) => ackedWrites),
    indeterminateWrites: sum(({ indeterminateWrites }) => indeterminateWrites),
    atLeastMs: Math.max(0, ...each.map(({ atLeastMs }) => atLeastMs)),
    ...(why === undefined ? {} : { why }),
  };
}

function lossOfOne({ probe, points, readback }: Writes, { fromMs, toMs }: Stretch, atMs: number): WriteLoss {
  const belongs = ({ done }: Point): boolean => done.ms >= fromMs && done.ms < toMs;
  const acked = points.filter((point) => point.good && belongs(point));
  const indeterminateWrites = points.filter((point) => point.outcome === 'indeterminate' && belongs(point)).length;
  const counts = { exercised: true, ackedWrites: acked.length, indeterminateWrites };
  if (!readback || readback.error !== undefined) {
    const why = `the writes of probe ${probe.name} were not read back${readback?.error ? `: ${readback.error}` : ''}`;
    return { ...counts, lostWrites: 0, atLeastMs: 0, why };
  }
  const survives = survivorsOf(readback);
  const lost = acked.filter(({ seq }) => !survives(seq));
  if (lost.length === 0) {
    const none = { ...counts, lostWrites: 0, atLeastMs: 0 };
    if (points.some(({ good, done }) => good && done.ms < atMs)) return { ...none, upperMs: 0 };
    // What was never written can't be lost: that proves nothing.
    return { ...none, why: `no write of probe ${probe.name} was acknowledged that could have been lost` };
  }

  const lostAt = lost.map(({ done }) => done.ms);
  const oldestLost = extreme(lostAt, Math.min);
  // A fault takes hold a little after its mark; what was acknowledged in between and lost belongs to the loss.
  const until = Math.max(atMs, extreme(lostAt, Math.max));
  // The recovery point: everything up to it survived, also where younger writes survived between lost ones. It may well lie
  // before this direction's first write.
  const before = points.filter(({ seq, good, done }) => good && done.ms <= oldestLost && survives(seq));
  const recoveryPoint =
    before.length > 0
      ? extreme(
          before.map(({ done }) => done.ms),
          Math.max,
        )
      : undefined;
  const loss = { ...counts, lostWrites: lost.length, atLeastMs: until - oldestLost };
  if (recoveryPoint !== undefined) return { ...loss, upperMs: until - recoveryPoint };
  const why = `no acknowledged write of probe ${probe.name} from before the fault survived, so the loss reaches back beyond the first one`;
  return { ...loss, why };
}

/** `Math.min(...many)` would overflow the stack on a long run. */
const extreme = (values: readonly number[], of: (a: number, b: number) => number): number =>
  values.reduce((best, value) => of(best, value));

/** Whether the write of that number was found. */
export function survivorsOf({ found }: CanaryReadback): (n: number) => boolean {
  const ranges = [...found].sort(([a], [b]) => a - b);
  return (n) => {
    let low = 0;
    let high = ranges.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const [from, to] = ranges[middle]!;
      if (n < from) high = middle - 1;
      else if (n > to) low = middle + 1;
      else return true;
    }
    return false;
  };
}
