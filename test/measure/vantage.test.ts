/** Several vantage points of one probe: the outage is over when the last of them is served again, and began with the first. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Sample } from '../../src/domain/sample.ts';
import { axisOf } from '../../src/measure/axis.ts';
import { intervalOf, outageOf } from '../../src/measure/outage.ts';
import { seriesOf } from '../../src/measure/series.ts';
import { logOf, planOf, probe, sample } from './support/world.ts';

const everyMs = 100;
const read = probe('read', { everyMs });

interface Vantage {
  host: string;
  /** Its first question, milliseconds. */
  offsetMs: number;
  fromMs: number;
  toMs: number;
}

/** What a client on that host was told: it fails from one instant to the other. */
const seenFrom = ({ host, offsetMs, fromMs, toMs }: Vantage, untilMs = 20_000): Sample[] =>
  Array.from({ length: Math.ceil((untilMs - offsetMs) / everyMs) }, (_, n) => {
    const ms = offsetMs + n * everyMs;
    return { ...sample('read', n, ms, ms >= fromMs && ms < toMs ? 'bad' : 'good'), clockId: host };
  });

function measured(samples: readonly Sample[]) {
  const axis = axisOf(logOf(planOf({ probes: [read] }), []), samples);
  const outage = outageOf(seriesOf(samples, axis, read), { fromMs: 1_000, toMs: 20_000 }, read, 1_000);
  return { outage, interval: intervalOf(outage) };
}

describe('two vantage points', () => {
  test('give an interval that holds the outage from when the first of them failed to when the last was served', () => {
    const instant = fc.integer({ min: 5_000, max: 6_000 });
    const vantage = fc.record({
      offsetMs: fc.integer({ min: 0, max: 99 }),
      fromMs: instant,
      lastsMs: fc.integer({ min: 1_000, max: 5_000 }),
    });
    fc.assert(
      fc.property(vantage, vantage, (a, b) => {
        const both = [a, b].map(({ lastsMs, ...rest }, n) => ({
          ...rest,
          host: `host-${n}`,
          toMs: rest.fromMs + lastsMs,
        }));
        const { interval } = measured(both.flatMap((each) => seenFrom(each)));
        const truthMs = Math.max(...both.map(({ toMs }) => toMs)) - Math.min(...both.map(({ fromMs }) => fromMs));
        expect(interval!.lowerMs).toBeLessThanOrEqual(truthMs);
        expect(interval!.upperMs).toBeGreaterThanOrEqual(truthMs);
        expect(interval!.upperMs - interval!.lowerMs).toBeLessThanOrEqual(2 * everyMs + 0.001);
      }),
    );
  });

  test('of which one is always served, and the other is not, are an outage', () => {
    const served = { host: 'host-1', offsetMs: 40, fromMs: 0, toMs: 0 };
    const { interval, outage } = measured([
      ...seenFrom({ host: 'host-0', offsetMs: 0, fromMs: 5_000, toMs: 8_000 }),
      ...seenFrom(served),
    ]);
    expect(interval).toMatchObject({ lowerMs: 2_900, upperMs: 3_100 });
    expect(outage.holes).toEqual([]);
  });

  test('one after the other, on two hosts, are one: what the first saw long before widens nothing', () => {
    const first = seenFrom({ host: 'host-0', offsetMs: 0, fromMs: 0, toMs: 0 }, 3_000);
    const second = seenFrom({ host: 'host-1', offsetMs: 3_050, fromMs: 5_000, toMs: 8_000 });
    expect(measured([...first, ...second]).interval).toMatchObject({ lowerMs: 2_900, upperMs: 3_100 });
  });
});
