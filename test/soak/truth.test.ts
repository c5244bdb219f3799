/** Twenty failovers of twenty: the measured outage holds the one that an independent client saw, every time. */
import { describe, expect, test } from 'vitest';
import { watchFailover, widestMs } from '../e2e/failover.ts';
import { expectEstateAsBefore, onFreshLab, report, rounds } from './rounds.ts';

describe('a failover, again and again', () => {
  test.each(rounds(20))('measures the truth, round %i', async () => {
    await onFreshLab(async (stage) => {
      const { outcome, record, truth, probeWrites, samples, splits, truthPeriodMs } = await watchFailover(
        stage.home,
        stage.lab,
        stage.drill,
      );
      expect(outcome.code, outcome.stderr).toBe(0);
      const { measured, rpo, failback } = record.recovery;
      const of = (...names: string[]) =>
        Math.max(...names.map((name) => widestMs(samples.filter(({ probe }) => probe === name))));
      for (const [name, interval, was, widest] of [
        ['read', measured!.perProbe['read']!, truth.read!, of('read')],
        ['write', measured!.perProbe['write']!, truth.write!, of('write')],
        ['all', measured!, truth.any!, of('read', 'write')],
      ] as const) {
        const width = interval.upperMs - interval.lowerMs;
        report(
          `${name}: measured ${interval.lowerMs.toFixed(0)} to ${interval.upperMs.toFixed(0)} (width ${width.toFixed(0)}), ` +
            `truth ${was.atLeastMs.toFixed(0)} to ${was.atMostMs.toFixed(0)} at every ${truthPeriodMs} ms`,
        );
        expect(interval.lowerMs).toBeLessThanOrEqual(was.atMostMs);
        expect(interval.upperMs).toBeGreaterThanOrEqual(was.atLeastMs);
        expect(width).toBeLessThanOrEqual(widest);
      }
      expect(rpo!.lostWrites! + failback!.rpo!.lostWrites!).toBe(probeWrites.lost.length);
      expect(splits).toEqual([]);
      await expectEstateAsBefore(stage, record);
    });
  });
});
