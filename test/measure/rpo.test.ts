import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CanaryReadback, Sample } from '../../src/domain/sample.ts';
import { axisOf } from '../../src/measure/axis.ts';
import { lossOf } from '../../src/measure/rpo.ts';
import { seriesOf } from '../../src/measure/series.ts';
import { clockId, nsAt, probe, sample } from './support/world.ts';

const canary = probe('write', { canary: true });
const always = { fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY };
const readback = (found: CanaryReadback['found']): CanaryReadback => ({
  probe: 'write',
  found,
  atNs: nsAt(90_000),
  clockId,
});

const loss = (samples: readonly Sample[], back: CanaryReadback | undefined, faultMs: number, stretch = always) => {
  const points = seriesOf(samples, axisOf([], [sample('write', -1, 0, 'unknown'), ...samples]), canary);
  return lossOf([{ probe: canary, points, readback: back }], stretch, faultMs);
};

/** Ten writes, one every 100 ms, each acknowledged 5 ms later. */
const ten = Array.from({ length: 10 }, (_, n) => sample('write', n, n * 100, 'good'));

describe('what was lost', () => {
  test('is nothing when every acknowledged write is there', () => {
    expect(loss(ten, readback([[0, 9]]), 1_000)).toMatchObject({ lostWrites: 0, ackedWrites: 10, upperMs: 0 });
  });

  test('is not known, rather than nothing, when no write was acknowledged before the fault', () => {
    const refused = ten.map((one): Sample => ({ ...one, outcome: 'bad' }));
    expect(loss(refused, readback([]), 1_000)).toMatchObject({
      ackedWrites: 0,
      why: expect.stringContaining('no write'),
    });
    expect(loss(refused, readback([]), 1_000)).not.toHaveProperty('upperMs', 0);
    expect(loss(ten, readback([[0, 9]]), 0).upperMs).toBeUndefined();
  });

  test('reaches from the newest surviving acknowledgement to the fault', () => {
    const { lostWrites, upperMs } = loss(ten, readback([[0, 6]]), 1_000);
    expect(lostWrites).toBe(3);
    expect(upperMs).toBeCloseTo(1_000 - 605);
  });

  test('never counts a write that got no answer, whether it is there or not', () => {
    const timedOut = ten.map((one): Sample => (one.seq > 6 ? { ...one, outcome: 'indeterminate' } : one));
    for (const found of [[[0, 6]], [[0, 8]]] as const) {
      expect(loss(timedOut, readback(found), 1_000)).toMatchObject({
        lostWrites: 0,
        ackedWrites: 7,
        indeterminateWrites: 3,
        upperMs: 0,
      });
    }
  });

  test('starts at the oldest lost write when younger ones survived', () => {
    expect(
      loss(
        ten,
        readback([
          [0, 3],
          [5, 9],
        ]),
        1_000,
      ).upperMs,
    ).toBeCloseTo(1_000 - 305);
  });

  test('includes what was acknowledged after the mark of the fault, before it took hold', () => {
    expect(loss(ten, readback([[0, 6]]), 700).upperMs).toBeCloseTo(905 - 605);
  });

  test('belongs to the direction in which it was acknowledged', () => {
    const back = readback([[0, 6]]);
    expect(loss(ten, back, 1_000, { ...always, toMs: 800 })).toMatchObject({ lostWrites: 1, ackedWrites: 8 });
    expect(loss(ten, back, 1_000, { ...always, fromMs: 800 })).toMatchObject({ lostWrites: 2, ackedWrites: 2 });
  });

  test('is not known, rather than nothing, when the writes were not read back', () => {
    for (const back of [undefined, { ...readback([]), error: 'refused' }]) {
      const { upperMs, why } = loss(ten, back, 1_000);
      expect(upperMs).toBeUndefined();
      expect(why).toContain('not read back');
    }
  });

  test('has no upper bound when nothing from before the fault survived', () => {
    expect(loss(ten, readback([]), 1_000)).toMatchObject({ lostWrites: 10, upperMs: undefined, atLeastMs: 995 });
  });

  test('agrees with a search through every write', () => {
    const write = fc.record({
      outcome: fc.constantFrom('good', 'good', 'good', 'bad', 'indeterminate', 'unknown' as const),
      latencyMs: fc.integer({ min: 1, max: 400 }),
      survives: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.array(write, { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 0, max: 4_000 }),
        (writes, at) => {
          const samples = writes.map(({ outcome, latencyMs }, n) =>
            sample('write', n, n * 100, outcome, { doneNs: nsAt(n * 100 + latencyMs) }),
          );
          const found = writes.flatMap(({ survives }, n): [number, number][] => (survives ? [[n, n]] : []));
          const acked = writes.flatMap((one, n) =>
            one.outcome === 'good' ? [{ n, atMs: n * 100 + one.latencyMs, survives: one.survives }] : [],
          );
          const lost = acked.filter((one) => !one.survives);
          const result = loss(samples, readback(found), at);
          expect(result.lostWrites).toBe(lost.length);
          expect(result.ackedWrites).toBe(acked.length);
          const until = Math.max(at, ...lost.map(({ atMs }) => atMs));
          const prefix = acked.filter(({ atMs, survives }) => survives && lost.every((gone) => atMs <= gone.atMs));
          const age = until - Math.max(...prefix.map(({ atMs }) => atMs));
          const couldBeLost = acked.some(({ atMs }) => atMs < at);
          if (lost.length === 0) expect(result.upperMs).toBe(couldBeLost ? 0 : undefined);
          else if (prefix.length === 0) expect(result.upperMs).toBeUndefined();
          else expect(result.upperMs).toBeCloseTo(age, 2);
        },
      ),
      { numRuns: 300 },
    );
  });
});
