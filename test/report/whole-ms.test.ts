import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Recovery } from '../../src/domain/record.ts';
import { csvReport } from '../../src/report/csv.ts';
import { toRecord } from '../../src/report/record.ts';
import { wholeInterval, wholeRecovery } from '../../src/report/whole-ms.ts';
import { passedRun } from './runs.ts';

const measured = {
  lowerMs: 10_001.022,
  upperMs: 10_403.971,
  clock: 'monotonic',
  episodes: 1,
  perProbe: { read: { lowerMs: 10_000.374, upperMs: 10_403.971 } },
} as const;
const recovery: Recovery = {
  measured,
  declared: {},
  rto: { lowerMs: 10_001.022, upperMs: 10_403.971 },
  rpo: {
    exercised: true,
    upperMs: 240.1,
    lostWrites: 3,
    ackedWrites: 4,
    indeterminateWrites: 0,
    peakReplicaLagMs: 17.2,
  },
  phases: [{ name: 'detect', startMs: 0, endMs: 4_170.188 }],
  failback: { rto: { lowerMs: 4_599.847, upperMs: 5_000.596 } },
};

const numbersIn = (value: unknown): number[] =>
  typeof value === 'number'
    ? [value]
    : typeof value === 'object' && value
      ? Object.values(value).flatMap(numbersIn)
      : [];

describe('figures in whole milliseconds', () => {
  it('are what a record holds throughout, bounds rounded outwards', () => {
    const { entries } = passedRun({}, { recovery });
    const record = toRecord(entries, { published: 0, pending: 0 });
    expect(numbersIn(record.recovery).filter((figure) => !Number.isInteger(figure))).toEqual([]);
    expect(record.recovery).toMatchObject({
      measured: { lowerMs: 10_001, upperMs: 10_404, perProbe: { read: { lowerMs: 10_000, upperMs: 10_404 } } },
      rpo: { upperMs: 241, peakReplicaLagMs: 18 },
      failback: { rto: { lowerMs: 4_599, upperMs: 5_001 } },
    });
    expect(csvReport([record])).not.toMatch(/,\d+\.\d+,/);
  });

  it('leave the judgement in the log as it was, so that it can be made again', () => {
    const { entries } = passedRun({}, { recovery });
    toRecord(entries, { published: 0, pending: 0 });
    const { event } = entries.findLast(({ event: { type } }) => type === 'run.finished')!;
    expect(event).toMatchObject({ judgement: { recovery } });
  });

  it('hold what was measured, are hardly wider, and keep or miss a promise as before', () => {
    const ms = fc.double({ min: 0, max: 1e8, noNaN: true });
    fc.assert(
      fc.property(ms, ms, fc.nat(1e8), (a, b, promisedMs) => {
        const [lowerMs, upperMs] = a < b ? [a, b] : [b, a];
        const whole = wholeInterval({ lowerMs, upperMs });
        expect(whole.lowerMs).toBeLessThanOrEqual(lowerMs + 1e-6);
        expect(whole.upperMs).toBeGreaterThanOrEqual(upperMs - 1e-6);
        expect(whole.upperMs - whole.lowerMs).toBeLessThan(upperMs - lowerMs + 2);
        if (Math.abs(upperMs - promisedMs) > 1e-6) expect(whole.upperMs <= promisedMs).toBe(upperMs <= promisedMs);
      }),
    );
  });

  it('take no millisecond for the rounding of a sum', () => {
    expect(wholeInterval({ lowerMs: 2_899.9999999995, upperMs: 3_100.0000000005 })).toEqual({
      lowerMs: 2_900,
      upperMs: 3_100,
    });
  });

  it('stay absent where nothing was measured', () => {
    expect(wholeRecovery({ declared: {}, phases: [] })).toEqual({ declared: {}, phases: [] });
  });
});
