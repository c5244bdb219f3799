import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { axisOf } from '../../src/measure/axis.ts';
import type { Outage } from '../../src/measure/outage.ts';
import { hullOf, intervalOf, outageOf } from '../../src/measure/outage.ts';
import { seriesOf } from '../../src/measure/series.ts';
import type { Sample } from '../../src/domain/sample.ts';
import { nsAt, probe, sample, watched } from './support/world.ts';

const watching = probe('p');
const steadyMs = 1_000;
const everything = { fromMs: 0, toMs: 60_000 };

const measure = (samples: readonly Sample[], stretch = everything, by = watching): Outage => {
  const origin = sample('p', -1, 0, 'unknown');
  return outageOf(seriesOf(samples, axisOf([], [origin, ...samples]), by), stretch, by, steadyMs);
};

/** One outage, seen by an open loop with jitter, answers late by up to the time-out, some samples unknown. */
const timeline = fc
  .record({
    everyMs: fc.integer({ min: 20, max: 500 }),
    startMs: fc.integer({ min: 5_000, max: 15_000 }),
    lengthMs: fc.integer({ min: 0, max: 20_000 }),
    jitters: fc.infiniteStream(fc.double({ min: 0, max: 10, noNaN: true })),
    latencies: fc.infiniteStream(fc.double({ min: 1, max: 500, noNaN: true })),
    unknowns: fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
  })
  .map(({ everyMs, startMs, lengthMs, jitters, latencies, unknowns }) => {
    const outage = [startMs, startMs + lengthMs] as const;
    const samples: Sample[] = [];
    const holed: Sample[] = [];
    for (let n = 0; n * everyMs < 60_000; n += 1) {
      const sentMs = n * everyMs + jitters.next().value;
      const out = sentMs >= outage[0] && sentMs < outage[1];
      const doneNs = nsAt(sentMs + latencies.next().value);
      const one = sample('p', n, sentMs, out ? 'bad' : 'good', { doneNs });
      samples.push(one);
      holed.push(unknowns.next().value < 0.2 ? { ...one, outcome: 'unknown' } : one);
    }
    return { everyMs, lengthMs, samples, holed, probe: probe('p', { everyMs }) };
  });

describe('the interval of an outage', () => {
  test('holds the true length, and is no wider than two periods and the jitter', () => {
    fc.assert(
      fc.property(timeline, ({ samples, everyMs, lengthMs, probe }) => {
        const interval = intervalOf(measure(samples, everything, probe))!;
        if (interval.upperMs === 0) {
          expect(lengthMs).toBeLessThanOrEqual(everyMs + 10);
          return;
        }
        expect(interval.lowerMs).toBeLessThanOrEqual(lengthMs + 1e-3);
        expect(interval.upperMs).toBeGreaterThanOrEqual(lengthMs - 1e-3);
        expect(interval.upperMs - interval.lowerMs).toBeLessThanOrEqual(2 * (everyMs + 10) + 1e-3);
      }),
      { numRuns: 60 },
    );
  });

  test('is widened and never narrowed when samples become unknown', () => {
    fc.assert(
      fc.property(timeline, ({ samples, holed, probe }) => {
        const known = measure(samples, everything, probe);
        const less = measure(holed, everything, probe);
        const [before, after] = [intervalOf(known)!, intervalOf(less)];
        if (!after) return;
        expect(after.lowerMs).toBeLessThanOrEqual(before.lowerMs);
        expect(after.upperMs).toBeGreaterThanOrEqual(before.upperMs);
      }),
      { numRuns: 60 },
    );
  });

  test('is the same whatever order the samples come in, and when some are stored twice', () => {
    fc.assert(
      fc.property(timeline, fc.integer({ min: 1, max: 1_000 }), ({ holed, probe }, seed) => {
        const shuffled = [...holed, ...holed.slice(0, seed % holed.length)].sort(
          (a, b) => ((a.seq * 7919 + seed) % 1009) - ((b.seq * 7919 + seed) % 1009),
        );
        expect(measure(shuffled, everything, probe)).toEqual(measure(holed, everything, probe));
      }),
      { numRuns: 25 },
    );
  });

  test('lies between the request starts around it', () => {
    const outage = measure(watched('p', 60_000, [[5_000, 8_000]]));
    expect(intervalOf(outage)).toEqual({ lowerMs: 2_900, upperMs: 3_100 });
  });

  test('is zero when nothing failed', () => {
    expect(intervalOf(measure(watched('p', 60_000, [])))).toEqual({ lowerMs: 0, upperMs: 0 });
  });

  test('counts a second episode when the service was good for long enough in between, and spans both', () => {
    const twice = measure(
      watched('p', 60_000, [
        [5_000, 6_000],
        [8_000, 8_200],
      ]),
    );
    expect(twice.episodes).toBe(2);
    expect(intervalOf(twice)?.upperMs).toBeCloseTo(3_300);
    const flicker = measure(
      watched('p', 60_000, [
        [5_000, 6_000],
        [6_500, 6_700],
      ]),
    );
    expect(flicker.episodes).toBe(1);
  });

  test('is not known while the service was not good for long enough at the end of the stretch', () => {
    const outage = measure(watched('p', 20_000, [[5_000, 9_500]]), { fromMs: 0, toMs: 10_000 });
    expect(outage.recovered).toBe(false);
    expect(intervalOf(outage)).toBeUndefined();
  });

  test('leaves a request that was broken by what came after to the stretch that came after', () => {
    const samples = watched('p', 9_000, [[5_000, 6_000]]);
    samples.push(sample('p', 500, 8_990, 'bad', { doneNs: nsAt(9_400) }));
    const before = measure(samples, { fromMs: 0, toMs: 9_000 });
    expect(before.recovered).toBe(true);
    expect(intervalOf(before)?.upperMs).toBe(1_100);
    expect(measure(samples, { fromMs: 9_000, toMs: 9_500 }).ends).toBeDefined();
  });

  test('reaches over a hole in which the outage may have gone on', () => {
    const samples = watched('p', 60_000, [[5_000, 6_000]]).filter(({ seq }) => seq < 80 || seq > 120);
    const outage = measure(samples, { fromMs: 4_000, toMs: 20_000 });
    expect(intervalOf(outage)).toEqual({ lowerMs: 900, upperMs: expect.closeTo(12_100 - 4_900) });
    expect(outage.holes).toHaveLength(1);
  });
});

describe('a threshold', () => {
  const partial = probe('p', { threshold: { maxFailureRate: 0.2, windowMs: 1_000 } });
  const everyThird = (from: number, to: number): Sample[] =>
    watched('p', 60_000, []).map((one) => {
      const ms = one.seq * 100;
      return ms >= from && ms < to && one.seq % 3 === 0 ? { ...one, outcome: 'bad' } : one;
    });

  test('forgives failures that stay under it', () => {
    const lonely = watched('p', 60_000, []).map((one): Sample =>
      one.seq % 20 === 0 ? { ...one, outcome: 'bad' } : one,
    );
    expect(measure(lonely, everything, partial).ends).toBeUndefined();
    expect(measure(lonely).ends).toBeDefined();
  });

  test('makes one outage of a zone that fails every third request', () => {
    const outage = measure(everyThird(5_000, 9_000), everything, partial);
    expect(outage.episodes).toBe(1);
    const interval = intervalOf(outage)!;
    expect(interval.lowerMs).toBeGreaterThan(3_500);
    expect(interval.upperMs).toBeLessThan(4_500);
  });
});

describe('the hull over several probes', () => {
  const stretches = fc.record({
    from: fc.integer({ min: 2_000, max: 20_000 }),
    ms: fc.integer({ min: 200, max: 9_000 }),
  });
  const of = ({ from, ms }: { from: number; ms: number }): Outage => measure(watched('p', 60_000, [[from, from + ms]]));

  test('holds every one of them, and is the same in any order', () => {
    fc.assert(
      fc.property(fc.array(stretches, { minLength: 1, maxLength: 5 }), (list) => {
        const outages = list.map(of);
        const hull = hullOf(outages);
        for (const outage of outages) {
          expect(intervalOf(hull)!.lowerMs).toBeGreaterThanOrEqual(intervalOf(outage)!.lowerMs);
          expect(intervalOf(hull)!.upperMs).toBeGreaterThanOrEqual(intervalOf(outage)!.upperMs);
        }
        expect(hullOf(outages.toReversed()).ends).toEqual(hull.ends);
        expect(hullOf([hull, ...outages]).ends).toEqual(hull.ends);
        expect(hullOf([outages[0]!]).ends).toEqual(outages[0]!.ends);
      }),
      { numRuns: 20 },
    );
  });

  test('is not known while one of them has not recovered', () => {
    const never = measure(watched('p', 60_000, [[5_000, 60_000]]));
    expect(intervalOf(hullOf([of({ from: 5_000, ms: 500 }), never]))).toBeUndefined();
  });
});
