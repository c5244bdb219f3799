import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Recovery } from '../../src/domain/record.ts';
import type { CanaryReadback, Sample } from '../../src/domain/sample.ts';
import { judge } from '../../src/measure/judge.ts';
import type { Judged } from '../../src/measure/judged.ts';
import { judgedOf } from '../../src/measure/judged.ts';
import type { RawMeasurement } from '../../src/measure/raw.ts';
import { measureSamples } from '../../src/measure/raw.ts';
import type { Told } from './support/world.ts';
import {
  changed,
  clockId,
  logOf,
  markAt,
  nsAt,
  phase,
  planOf,
  probe,
  sample,
  step,
  undone,
  watched,
} from './support/world.ts';

const samples = [...watched('read', 20_000, [[5_000, 8_000]]), ...watched('write', 20_000, [[5_100, 9_000]])];

test('raw samples alone give every probe’s interval, their hull, and what was lost', () => {
  const readbacks = [
    {
      probe: 'write',
      found: [
        [0, 48],
        [90, 199],
      ] as const,
      atNs: nsAt(21_000),
      clockId,
    },
  ];
  const { overall, probes, rpo } = measureSamples({ samples, readbacks, steadyMs: 1_000 });
  expect(probes['read']!.interval!.upperMs).toBeCloseTo(3_100);
  expect(probes['write']).toMatchObject({ requests: 200, failures: 39, episodes: 1 });
  expect(overall!.lowerMs).toBeCloseTo(3_900);
  expect(overall!.upperMs).toBeCloseTo(4_100);
  expect(rpo).toMatchObject({ lostWrites: 2 });
});

test('an outage that had not ended has no interval', () => {
  const cut = samples.filter(({ seq }) => seq < 70);
  const { overall, probes } = measureSamples({ samples: cut, steadyMs: 1_000 });
  expect(overall).toBeUndefined();
  expect(probes['read']!.interval).toBeUndefined();
});

test('without marks failover and failback are one outage, and the result says so', () => {
  const both = watched('read', 30_000, [
    [5_000, 8_000],
    [20_000, 22_000],
  ]);
  const { stretch, lastedMs, overall, failback } = measureSamples({ samples: both, steadyMs: 1_000 });
  expect({ stretch, failback }).toEqual({ stretch: 'file', failback: undefined });
  expect(lastedMs).toBeCloseTo(29_901);
  expect(overall!.upperMs).toBeCloseTo(17_100);
});

describe('with the marks of the run', () => {
  const probes = [
    probe('read'),
    probe('write', { canary: true }),
    probe('page', { expect: 'holds' }),
    probe('zone', { expect: 'breaks', threshold: { maxFailureRate: 0.2, windowMs: 2_000 } }),
  ];
  const steps = [
    step('lose', 'inject'),
    step('fence', 'recover', { fences: 'active-db', stays: true }),
    step('promote', 'recover', { pivot: 'passive-db', stays: true }),
    step('heal', 'failback', { effect: 'undo', undoes: 'lose' }),
    step('stop-writes', 'failback', { fences: 'passive-db', stays: true }),
    step('promote-back', 'failback', { pivot: 'active-db', stays: true }),
  ];
  const plan = planOf({ probes, steps });
  const told: readonly Told[] = [
    phase(4_990, 'inject'),
    ...changed(5_000, 'lose'),
    phase(6_100, 'recover'),
    ...changed(6_200, 'fence'),
    ...changed(7_000, 'promote', { pivot: true }),
    phase(15_000, 'failback'),
    ...undone(15_000, 'lose'),
    ...changed(20_000, 'stop-writes'),
    ...changed(21_000, 'promote-back', { pivot: true }),
    [30_000, { type: 'run.closing' }],
  ];

  interface Run {
    samples: readonly Sample[];
    readbacks: readonly CanaryReadback[];
    events?: readonly Told[];
  }

  /** What the run's record says, and what its exported file gives. */
  function both({ samples: all, readbacks, events = told }: Run): { run: Recovery; file: RawMeasurement } {
    const input = { plan, entries: logOf(plan, events), samples: all, readbacks };
    const judged = JSON.parse(JSON.stringify(judgedOf(input))) as Judged;
    return { run: judge(input).recovery, file: measureSamples({ samples: all, readbacks, judged }) };
  }

  function agree({ run, file }: ReturnType<typeof both>): void {
    const { measured } = run;
    expect(file.overall).toEqual(measured && { lowerMs: measured.lowerMs, upperMs: measured.upperMs });
    for (const [name, interval] of Object.entries(measured?.perProbe ?? {})) {
      expect(file.probes[name]!.interval).toEqual(interval);
    }
    expect(file.failback?.overall).toEqual(run.failback?.rto);
    expect(file.rpo).toEqual(run.rpo);
    expect(file.failback?.rpo).toEqual(run.failback?.rpo);
  }

  const spell = fc
    .tuple(fc.integer({ min: 0, max: 30_000 }), fc.integer({ min: 0, max: 6_000 }))
    .map(([from, length]): [number, number] => [from, from + length]);
  const spells = fc.array(spell, { maxLength: 4 });

  test('gives the figures of the run, whatever its probes saw', () => {
    const seen = fc.record({
      read: spells,
      write: spells,
      page: spells,
      zone: spells,
      lost: fc.array(fc.nat(320), { maxLength: 5 }),
      reboots: fc.boolean(),
    });
    fc.assert(
      fc.property(seen, ({ lost, reboots, ...outages }) => {
        const asked = Object.entries(outages).flatMap(([name, out]) => watched(name, 32_000, out));
        const all = reboots ? asked.map((one) => (one.seq < 60 ? one : onAnotherClock(one))) : asked;
        const found = Array.from({ length: 320 }, (_, n): [number, number] => [n, n]).filter(
          ([n]) => !lost.includes(n),
        );
        agree(both({ samples: all, readbacks: [{ probe: 'write', found, atNs: nsAt(33_000), clockId }] }));
      }),
      { numRuns: 40 },
    );
  });

  const onAnotherClock = (one: Sample): Sample => ({
    ...one,
    clockId: 'boot-2',
    sentNs: String(BigInt(one.sentNs) + 5_000_000_000_123n),
    doneNs: String(BigInt(one.doneNs) + 5_000_000_000_123n),
  });

  const usual = ['read', 'write', 'page', 'zone'].flatMap((name) =>
    watched(
      name,
      32_000,
      name === 'page' ? [] : [[5_000, 8_000], ...(name === 'write' ? [[20_000, 22_000] as const] : [])],
    ),
  );
  const readbacks = [{ probe: 'write', found: [[0, 400]] as const, atNs: nsAt(33_000), clockId }];

  test('tells recovery and failback apart', () => {
    const { run, file } = both({ samples: usual, readbacks });
    agree({ run, file });
    expect(file).toMatchObject({ stretch: 'recovery', runId: 'run-1', steadyMs: 1_000, lastedMs: 10_000 });
    expect(file.overall!.upperMs).toBeCloseTo(3_100);
    expect(file.failback).toMatchObject({ stretch: 'failback', lastedMs: 15_000 });
    expect(file.failback!.overall!.upperMs).toBeCloseTo(2_100);
    expect(file.probes['page']).toMatchObject({ expect: 'holds', failures: 0 });
  });

  test('takes the log’s word for loss that was not exercised', () => {
    const { file } = both({ samples: usual, readbacks });
    expect(file.rpo).toMatchObject({ exercised: false, why: expect.stringContaining('without a login') });
    expect(file.rpo).not.toHaveProperty('upperMs');
    expect(file.failback!.rpo).toMatchObject({ exercised: true, lostWrites: 0, upperMs: 0 });
  });

  test('has nothing to judge by where the run never came to its fault', () => {
    const events: Told[] = [
      phase(100, 'baseline'),
      [3_000, { type: 'run.turned', turn: { kind: 'aborted', message: 'wrong day', by: 'ann' } }],
      [3_100, { type: 'run.closing' }],
    ];
    expect(both({ samples: usual, readbacks, events }).file).toMatchObject({ stretch: 'file', runId: 'run-1' });
  });

  test('is not shifted by what comes after the run’s end', () => {
    const input = { plan, entries: logOf(plan, told), samples: usual, readbacks };
    const last = input.entries.at(-1)!;
    const judgement = judge(input);
    const after = { ...last, event: { type: 'run.finished', judgement, mark: markAt(31_000) } } as const;
    const later = { ...last, event: { type: 'phase.started', phase: 'undo', mark: markAt(1) } } as const;
    expect(judgedOf({ ...input, entries: [...input.entries, after, later] })).toEqual(judgedOf(input));
  });
});

test('positions of replicas are no requests', () => {
  const positions = [sample('position:db', 0, 100, 'good', { value: '1' })];
  expect(Object.keys(measureSamples({ samples: [...samples, ...positions], steadyMs: 1_000 }).probes)).toEqual([
    'read',
    'write',
  ]);
});
