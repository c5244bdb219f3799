import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDurationMs } from '../../src/domain/fields.ts';
import { counted, duration, interval, listed, moment, percentDown } from '../../src/report/quantities.ts';

/** What a written duration says, milliseconds. */
const read = (text: string): number =>
  [...text.matchAll(/([\d.]+) (ms|s|min|h|d)/g)].reduce(
    (sum, [, figure, unit]) => sum + parseDurationMs(`${figure}${unit === 'min' ? 'm' : unit}`)!,
    0,
  );

describe('durations', () => {
  it.each([
    [0, '0 s'],
    [85, '85 ms'],
    [999.7, '1 s'],
    [6_200, '6.2 s'],
    [6_000, '6 s'],
    [59_960, '1 min'],
    [70_000, '1 min 10 s'],
    [1_200_000, '20 min'],
    [4_200_000, '1 h 10 min'],
    [93_600_000, '26 h'],
    [103_200_000, '28 h 40 min'],
    [180_000_000, '50 h'],
    [302_400_000, '3 d 12 h'],
  ])('writes %d ms as %s', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });

  it('never claims less than an upper bound, nor more than a lower one', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 1e10, noNaN: true }), (ms) => {
        expect(read(duration(ms, 'up'))).toBeGreaterThanOrEqual(ms - 1e-6 * ms - 1e-6);
        expect(read(duration(ms, 'down'))).toBeLessThanOrEqual(ms + 1e-6 * ms + 1e-6);
      }),
    );
  });
});

describe('intervals', () => {
  it.each([
    [6_200, 6_620, '6.2 to 6.7 s'],
    [48, 143, '48 to 143 ms'],
    [900, 1_200, '900 ms to 1.2 s'],
    [606_200, 606_620, '10 min 6 s to 10 min 7 s'],
    [1_808_900, 1_809_600, '30 min 8 s to 30 min 10 s'],
    [1_809_600, 1_809_900, '30 min 10 s'],
    [6_210, 6_240, '6.3 s'],
    [1_000, 1_000, '1 s'],
  ])('writes %d to %d ms as %s', (lowerMs, upperMs, text) => {
    expect(interval({ lowerMs, upperMs })).toBe(text);
  });
});

describe('percentages', () => {
  it('are cut: 99.995 % never becomes 100 %, 99.948 % never 99.95 %', () => {
    expect(percentDown(0.99995, 2)).toBe('99.99');
    expect(percentDown(0.999999, 0)).toBe('99');
    expect(percentDown(0.9994863, 3)).toBe('99.948');
  });

  it('never claim more than the share', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(6), (share, decimals) => {
        expect(Number(percentDown(share, decimals)) / 100).toBeLessThanOrEqual(share + 1e-9);
      }),
    );
  });
});

describe('the other words', () => {
  it('write counts, lists and times as people do', () => {
    expect([counted(1, 'write'), counted(1_412, 'write')]).toEqual(['1 write', '1,412 writes']);
    expect([listed([]), listed(['a']), listed(['a', 'b', 'c'])]).toEqual(['', 'a', 'a, b and c']);
    expect(moment('2026-03-14T09:00:05.123Z')).toBe('2026-03-14 09:00:05 UTC');
    expect(moment('no time')).toBe('no time');
  });
});
