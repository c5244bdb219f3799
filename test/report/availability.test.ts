import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Downtime } from '../../src/report/availability.ts';
import {
  availabilityOf,
  availabilityText,
  drillsNeeded,
  flattering,
  provenShare,
  yearMs,
} from '../../src/report/availability.ts';

const minute = 60_000;
const down = (kind: Downtime['kind'], times: number, minutes: number, impact = 1): Downtime => ({
  kind,
  label: kind,
  times,
  eachMs: minutes * minute,
  impact,
});

describe('three designs, worked out', () => {
  it('one instance restored from a dump: four failures of 70 min and six updates of 4 h give 99.67 %', () => {
    const rto = 30 + 10 + 30; // analysis and decision, new instance, restore
    const result = availabilityOf([down('failure', 4, rto), down('update', 6, 240)], yearMs, 0.99);
    expect(result.downtimeMs).toBe(1_720 * minute);
    expect(availabilityText(result.availability)).toBe('99.672');
    expect(result.target).toMatchObject({ met: true });
  });

  it('one region, three zones: two incidents of an hour and ten updates give 99.948 %, which only rounding makes 99.95 %', () => {
    const design = [down('failure', 2, 60), down('update', 10, 15)];
    const result = availabilityOf(design, yearMs, 0.999);
    expect(result.downtimeMs).toBe(270 * minute);
    expect(availabilityText(result.availability)).toBe('99.948');
    expect(flattering(result.availability)).toBe('99.95');
    expect(result.target!.met).toBe(true);
    expect(availabilityOf(design, yearMs, 0.9995).target!.met).toBe(false); // 99.95 % allows 262.8 min
  });

  it('two regions: two failures of 20 min give 99.99 %', () => {
    const result = availabilityOf([down('failure', 2, 20)], yearMs, 0.9999);
    expect(result.downtimeMs).toBe(40 * minute);
    expect(availabilityText(result.availability)).toBe('99.992');
    expect(flattering(result.availability)).toBeUndefined();
    expect(result.target).toMatchObject({ met: true });
    expect(result.target!.budgetMs / minute).toBeCloseTo(52.56, 6);
  });
});

describe('the budget', () => {
  it('charges drills for their own impact', () => {
    const drills = down('drill', 100, 1, 0.5);
    expect(availabilityOf([drills], yearMs).downtimeMs).toBe(50 * minute);
    expect(availabilityOf([drills, down('failure', 2, 20)], yearMs, 0.9999).target!.met).toBe(false);
  });

  it('gives the longest RTO that failures may have: with it the target holds, with more it does not', () => {
    fc.assert(
      fc.property(
        fc.record({ times: fc.integer({ min: 1, max: 50 }), impact: fc.double({ min: 0.01, max: 1, noNaN: true }) }),
        fc.integer({ min: 0, max: 200 }),
        ({ times, impact }, updates) => {
          const check = (eachMs: number) =>
            availabilityOf(
              [{ kind: 'failure', label: '', times, eachMs, impact }, down('update', updates, 1)],
              yearMs,
              0.999,
            ).target!;
          const longest = check(0).longestRtoMs!;
          expect(check(longest).met).toBe(true);
          expect(check(longest + 1_000).met).toBe(false);
        },
      ),
    );
  });

  it('is used up by updates alone when they take longer than the target allows', () => {
    const result = availabilityOf([down('failure', 1, 1), down('update', 6, 240)], yearMs, 0.999);
    expect(result.target).toMatchObject({ met: false, longestRtoMs: 0 });
  });

  it('is met when it is met exactly', () => {
    expect(availabilityOf([down('failure', 1, 52.56)], yearMs, 0.9999).target!.met).toBe(true);
  });
});

describe('availability as text', () => {
  it('is never rounded up, so nothing but no downtime at all is 100', () => {
    expect(availabilityText(0.99995)).toBe('99.995');
    expect(availabilityText(0.9999999)).toBe('99.99999');
    expect(availabilityText(0.999996)).toBe('99.9996');
    expect(availabilityText(1)).toBe('100');
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1 - 1e-8, noNaN: true }), (share) => {
        expect(Number(availabilityText(share)) / 100).toBeLessThanOrEqual(share + 1e-11);
      }),
    );
  });
});

describe('what drills prove', () => {
  it('follows n = ln(1 - C) / ln R', () => {
    expect([5, 10, 12, 20, 29, 59].map((n) => Math.floor(provenShare(n) * 100 + 0.5))).toEqual([
      55, 74, 78, 86, 90, 95,
    ]);
    expect([0.9, 0.95, 0.99].map((share) => drillsNeeded(share))).toEqual([29, 59, 299]);
    expect(provenShare(0)).toBe(0);
  });

  it('agrees with itself: that many drills prove that share, one fewer does not', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.05, max: 0.999, noNaN: true }), (share) => {
        const n = drillsNeeded(share);
        expect(provenShare(n)).toBeGreaterThanOrEqual(share - 1e-9);
        expect(provenShare(n - 1)).toBeLessThan(share);
      }),
    );
  });
});
