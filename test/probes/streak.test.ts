import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Outcome } from '../../src/domain/sample.ts';
import { Streak } from '../../src/probes/streak.ts';
import { probeOf } from './support/run.ts';

const read = probeOf('read', 'http/get', {}, { everyMs: 100, timeoutMs: 500 });
const at = (n: number): bigint => BigInt(n) * 100_000_000n;

/** All asked in time; answered in the order of the list, or in the one given. */
const seen = (outcomes: readonly Outcome[], order = outcomes.map((_, n) => n), probe = read) => {
  const streak = new Streak(probe, 'boot');
  for (const n of outcomes.keys()) streak.asked(n, at(n));
  for (const n of order) streak.answered(n, outcomes[n]!, outcomes[n] === 'good' ? undefined : 'refused');
  return streak.status();
};
const [g, b, u] = ['good', 'bad', 'unknown'] as const;

describe('how a probe stands', () => {
  test('is unsaid before the first answer', () => {
    expect(seen([g], [])).toBeUndefined();
  });

  test('counts from the start of the first request of the streak', () => {
    expect(seen([g, b, b, g, g, g])).toMatchObject({ state: 'good', sinceNs: `${at(3)}`, asOfNs: `${at(5)}` });
    expect(seen([g, b, b])).toMatchObject({ state: 'bad', sinceNs: `${at(1)}`, why: 'refused' });
  });

  test('is not good on the strength of answers that overtook an open one', () => {
    const overtaken = seen([g, b, g, g, g], [0, 2, 3, 4]);
    expect(overtaken).toMatchObject({ state: 'good', sinceNs: '0', asOfNs: '0' });
    expect(seen([g, b, g, g, g], [0, 2, 3, 4, 1])).toMatchObject({ state: 'good', sinceNs: `${at(2)}` });
  });

  test('is bad as soon as one failure is known, whatever is open before it', () => {
    expect(seen([g, g, b], [0, 2])).toMatchObject({ state: 'bad', sinceNs: `${at(2)}` });
  });

  test('takes a write of unknown fate for a failure', () => {
    expect(seen([g, 'indeterminate'])).toMatchObject({ state: 'bad' });
  });

  test('is unknown after a long stall, and good anew after it; a short one changes nothing', () => {
    const stalled = Array.from({ length: 13 }, () => u);
    expect(seen([g, ...stalled])).toMatchObject({ state: 'unknown', sinceNs: `${at(1)}` });
    expect(seen([g, ...stalled, g])).toMatchObject({ state: 'good', sinceNs: `${at(14)}` });
    expect(seen([g, u, u, g])).toMatchObject({ state: 'good', sinceNs: '0' });
  });

  test('forgives what the threshold forgives', () => {
    const partial = { ...read, threshold: { maxFailureRate: 0.25, windowMs: 900 } };
    const list = (text: string) => Array.from(text, (letter): Outcome => (letter === 'g' ? g : b));
    const stands = (text: string) => seen(list(text), undefined, partial);
    expect(stands('gggggbggggg')).toMatchObject({ state: 'good', sinceNs: '0' });
    expect(stands('gggggbbbb')).toMatchObject({ state: 'bad', sinceNs: `${at(5)}` });
    expect(stands('gggggbbbbggggggggggggg')).toMatchObject({ state: 'good', sinceNs: `${at(9)}` });
  });

  test('is the same in whatever order the answers came, once all are in', () => {
    const outcomes = fc.array(fc.constantFrom<Outcome>('good', 'bad', 'indeterminate', 'unknown'), {
      minLength: 1,
      maxLength: 20,
    });
    fc.assert(
      fc.property(outcomes, fc.infiniteStream(fc.nat()), (list, random) => {
        const shuffled = list.map((_, n) => ({ n, key: random.next().value })).sort((x, y) => x.key - y.key);
        expect(
          seen(
            list,
            shuffled.map(({ n }) => n),
          ),
        ).toEqual(seen(list));
      }),
    );
  });
});
