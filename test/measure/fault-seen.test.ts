/** A fault counts as seen by what failed before recovery altered anything: a fence breaks probes too. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Judgement } from '../../src/domain/record.ts';
import type { Probe } from '../../src/domain/drill.ts';
import type { Sample } from '../../src/domain/sample.ts';
import { judge } from '../../src/measure/judge.ts';
import type { Told } from './support/world.ts';
import { changed, failed, logOf, nsAt, phase, planOf, probe, step, undone, watched } from './support/world.ts';

const fencedMs = 8_000;

/** The fault at 5 s, the fence at 8 s, the fault taken back from 15 s on. */
const told: readonly Told[] = [
  phase(4_990, 'inject'),
  ...changed(5_000, 'lose'),
  phase(5_100, 'detect'),
  phase(7_900, 'recover'),
  ...changed(fencedMs, 'fence'),
  ...changed(fencedMs + 500, 'promote'),
  phase(15_000, 'undo'),
  ...undone(15_000, 'lose'),
  ...undone(15_000, 'fence'),
  ...undone(15_000, 'promote'),
  [20_000, { type: 'run.closing' }],
];
const steps = [step('lose', 'inject'), step('fence', 'recover'), step('promote', 'recover')];

interface Seen {
  samples: readonly Sample[];
  probes?: readonly Probe[];
  events?: readonly Told[];
}

function judged({ samples, probes = [probe('read')], events = told }: Seen): Judgement {
  const plan = planOf({ probes, steps });
  return judge({ plan, entries: logOf(plan, events), samples, readbacks: [] });
}

const outage = (...outages: [number, number][]) => watched('read', 20_000, outages);

describe('a fault that did nothing', () => {
  test('is not seen in the outage that the fence makes', () => {
    const result = judged({ samples: outage([8_020, 10_000]) });
    expect(result).toMatchObject({ verdict: 'inconclusive', exitCode: 3 });
    expect(result.reasons).toEqual([
      expect.stringMatching(/No probe saw the fault before recovery began.*await-probe/),
    ]);
    expect(judged({ samples: outage([7_850, 10_000]) }).exitCode).toBe(0);
  });

  test('is not seen in a request that was open when the fence came', () => {
    const openSince = (sentMs: number, doneMs: number) =>
      judged({
        samples: outage([8_020, 10_000]).map((one) =>
          one.seq === Math.floor(sentMs / 100)
            ? { ...one, outcome: 'bad', sentNs: nsAt(sentMs), doneNs: nsAt(doneMs) }
            : one,
        ),
      });
    expect(openSince(7_998, 8_400).exitCode).toBe(3);
    // No healthy request took as long as this one had been open by then.
    expect(openSince(7_901, 8_400).exitCode).toBe(0);
    expect(openSince(7_990, 7_999).exitCode).toBe(0);
  });

  test('never passes, whatever recovery breaks and however often', () => {
    const spell = fc.tuple(fc.integer({ min: fencedMs + 1, max: 14_000 }), fc.integer({ min: 1, max: 4_000 }));
    const threshold = fc.option(fc.constant({ maxFailureRate: 0.1, windowMs: 2_000 }), { nil: undefined });
    const control = fc.boolean();
    fc.assert(
      fc.property(fc.array(spell, { maxLength: 4 }), threshold, control, (spells, forgiving, withControl) => {
        const outages = spells.map(([from, length]): [number, number] => [from, Math.min(14_500, from + length)]);
        const probes = [
          probe('read', { threshold: forgiving }),
          ...(withControl ? [probe('zone', { expect: 'breaks' })] : []),
        ];
        const samples = [...outage(...outages), ...(withControl ? watched('zone', 20_000, outages) : [])];
        // A failure now and then that the threshold forgives is no sight of a fault either.
        const noise = forgiving
          ? samples.map((one): Sample => (one.seq === 79 && one.probe === 'read' ? { ...one, outcome: 'bad' } : one))
          : samples;
        const { verdict, exitCode, reasons } = judged({ samples: noise, probes });
        expect(verdict).not.toBe('pass');
        if (exitCode !== 1) expect(exitCode).toBe(3);
        expect(reasons.join()).toContain('No probe saw the fault');
      }),
      { numRuns: 200 },
    );
  });

  test('is not the reason of a step that failed after recovery had begun', () => {
    const events = [
      ...told.filter(([ms]) => ms <= fencedMs + 20),
      ...failed(9_000, 'promote'),
      ...told.filter(([ms]) => ms >= 15_000),
    ];
    expect(judged({ samples: outage([8_020, 10_000]), events }).exitCode).toBe(3);
    expect(judged({ samples: outage([6_000, 10_000]), events }).exitCode).toBe(1);
  });

  test('breaks no negative control, turns nothing good and breaks no promise to hold', () => {
    const only = (expected: Probe['expect'], outages: [number, number][]) =>
      judged({ samples: outage(...outages), probes: [probe('read', { expect: expected })] });
    expect(only('breaks', [[8_020, 14_000]]).reasons.join()).toContain('nothing shows that the fault did it');
    expect(only('breaks', [[6_000, 14_000]]).exitCode).toBe(0);
    const good = (fromMs: number): [number, number][] => [
      [0, fromMs],
      [15_500, 20_000],
    ];
    expect(only('appears', good(9_000)).exitCode).toBe(3);
    expect(only('appears', good(6_000)).exitCode).toBe(0);
    expect(only('holds', [[9_000, 9_100]]).reasons.join()).toContain('No probe saw the fault before');
  });
});

test('a fault that users feel is seen, whenever they first felt it before recovery', () => {
  fc.assert(
    fc.property(fc.integer({ min: 5_001, max: fencedMs - 110 }), fc.integer({ min: 0, max: 4_000 }), (from, more) => {
      const result = judged({ samples: outage([from, fencedMs + more]) });
      expect(result).toMatchObject({ verdict: 'pass', exitCode: 0 });
    }),
  );
});

test('where recover alters nothing, whatever failed after the fault shows it', () => {
  const events = told.filter(([, event]) => !('step' in event) || event.step === 'lose');
  expect(judged({ samples: outage([9_000, 10_000]), events }).exitCode).toBe(0);
});

test('where nothing is injected, what recovery interrupts needs no fault', () => {
  const plan = planOf({ probes: [probe('read')], steps: steps.slice(1) });
  const events = told.filter(([, event]) => !('step' in event) || event.step !== 'lose');
  const samples = outage([8_020, 10_000]);
  expect(judge({ plan, entries: logOf(plan, events), samples, readbacks: [] }).exitCode).toBe(0);
});
