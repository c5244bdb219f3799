/** Ids of runs, which become parts of names in AWS. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { newRunId } from '../../src/app/run-id.ts';
import type { Clock } from '../../src/domain/clock.ts';

const at = (ms: number): string => newRunId({ wall: () => new Date(ms) } as Clock);
const anyTime = fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2099, 11, 31) });

it('ids sort as the runs began', () => {
  fc.assert(
    fc.property(anyTime, anyTime, (a, b) => {
      fc.pre(Math.floor(a / 1_000) < Math.floor(b / 1_000));
      expect(at(a) < at(b)).toBe(true);
    }),
  );
});

it('ids fit into every AWS name: lower case, a letter first, no double hyphen, short', () => {
  fc.assert(
    fc.property(anyTime, (ms) => {
      const id = at(ms);
      expect(id).toMatch(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
      expect(id.length).toBeLessThanOrEqual(21);
    }),
  );
});

it('ids of one second differ', () => {
  const ids = Array.from({ length: 50 }, () => at(Date.UTC(2026, 0, 31, 14, 25, 1)));
  expect(ids[0]).toMatch(/^r20260131-142501-/);
  expect(new Set(ids).size).toBeGreaterThan(48);
});
