import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Plan } from '../../src/domain/plan.ts';
import type { Judgement } from '../../src/domain/record.ts';
import type { CanaryReadback, Sample } from '../../src/domain/sample.ts';
import type { Finding } from '../../src/measure/finding.ts';
import { judge, verdictOf } from '../../src/measure/judge.ts';
import type { Told, World } from './support/world.ts';
import {
  changed,
  clockId,
  failed,
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

interface Run extends World {
  told: readonly Told[];
  samples?: readonly Sample[];
  readbacks?: readonly CanaryReadback[];
}

const judged = ({ told, samples = [], readbacks = [], ...world }: Run): Judgement => {
  const plan = planOf(world);
  return judge({ plan, entries: logOf(plan, told), samples, readbacks });
};

/** A fault that the system survives by itself: lost at 5 s, put back at 15 s, closed at 20 s. */
const selfHealing = {
  probes: [probe('read')],
  steps: [step('lose', 'inject')],
  objectives: { rtoMs: 4_000 },
  told: [
    phase(4_990, 'inject'),
    ...changed(5_000, 'lose'),
    phase(15_000, 'undo'),
    ...undone(15_000, 'lose'),
    [20_000, { type: 'run.closing' }],
  ] as readonly Told[],
};
const outage = (...outages: [number, number][]) => watched('read', 20_000, outages);

const position = (seq: number, ms: number, value: number): Sample =>
  sample('position:passive-db', seq, ms, 'good', { value: String(value) });

/** Where the replica stood in its source's log, until it was promoted and a little longer. */
function replayed(positionAt: (ms: number) => number): Sample[] {
  return Array.from({ length: 80 }, (_, n) => position(n, n * 100, positionAt(n * 100)));
}

/** A regional failover with its failback: lost at 5 s, promoted at 7 s, back from 15 s on, closed at 30 s. */
const failover = {
  probes: [probe('read'), probe('write', { canary: true })],
  steps: [
    step('lose', 'inject'),
    step('go', 'decide', { effect: 'observes', asks: true }),
    step('fence', 'recover', { fences: 'active-db', stays: true }),
    step('promote', 'recover', { pivot: 'passive-db', stays: true }),
    step('settled', 'recover', { effect: 'observes', implicit: true }),
    step('heal', 'failback', { effect: 'undo', undoes: 'lose' }),
    step('stop-writes', 'failback', { fences: 'passive-db', stays: true }),
    step('promote-back', 'failback', { pivot: 'active-db', stays: true }),
  ],
  objectives: { rtoMs: 10_000, rpoMs: 1_000, failback: { rtoMs: 5_000, rpoMs: 0 } },
  told: [
    phase(4_990, 'inject'),
    ...changed(5_000, 'lose'),
    phase(6_000, 'decide'),
    [6_000, { type: 'approval.given', step: 'go', by: 'rehearse', automatic: true }],
    [6_010, { type: 'step.succeeded', step: 'go', outputs: {} }],
    phase(6_100, 'recover'),
    ...changed(6_200, 'fence'),
    ...changed(7_000, 'promote', { pivot: true }),
    [7_100, { type: 'step.begun', step: 'settled', part: 'poll', key: '', touches: '' }],
    [9_200, { type: 'step.succeeded', step: 'settled', outputs: {} }],
    phase(15_000, 'failback'),
    ...undone(15_000, 'lose'),
    [15_100, { type: 'step.succeeded', step: 'heal', outputs: {} }],
    ...changed(20_000, 'stop-writes'),
    ...changed(21_000, 'promote-back', { pivot: true }),
    [30_000, { type: 'run.closing' }],
  ] as readonly Told[],
  positions: [{ target: 'passive-db', host: 'h', port: 1, engine: 'postgres', login: 'env:X', everyMs: 100 }],
  samples: [
    ...watched('read', 30_000, [
      [5_000, 8_000],
      [20_000, 22_000],
    ]),
    ...watched('write', 30_000, [
      [5_000, 8_000],
      [20_000, 22_000],
    ]),
    ...replayed((ms) => Math.min(ms, 5_150)),
  ],
  readbacks: [{ probe: 'write', found: [[0, 400]], atNs: nsAt(30_100), clockId }] as readonly CanaryReadback[],
} satisfies Run;

describe('a drill whose system heals by itself', () => {
  test('passes when the outage is seen and short enough', () => {
    const result = judged({ ...selfHealing, samples: outage([5_000, 8_000]) });
    expect(result).toMatchObject({ verdict: 'pass', exitCode: 0, undo: 'complete', recoveryLabel: 'unaided' });
    expect(result.recovery.measured).toMatchObject({ episodes: 1, clock: 'monotonic' });
    expect(result.recovery.measured!.upperMs).toBeCloseTo(3_100);
    expect(result.recovery.measured!.lowerMs).toBeCloseTo(2_900);
    expect(result.reasons.join()).toContain('3.1 s');
  });

  test('fails on the upper bound, and names both figures', () => {
    const result = judged({ ...selfHealing, samples: outage([5_000, 8_950]) });
    expect(result).toMatchObject({ verdict: 'fail', exitCode: 1 });
    expect(result.reasons[0]).toMatch(/4\.1 s.*rto.*4 s/);
  });

  test('is inconclusive when nobody saw the fault', () => {
    const result = judged({ ...selfHealing, samples: outage() });
    expect(result).toMatchObject({ verdict: 'inconclusive', exitCode: 3 });
    expect(result.reasons[0]).toContain('No probe saw the fault');
  });

  test('passes without an interruption when a negative control proves the fault', () => {
    const probes = [probe('read'), probe('zone', { expect: 'breaks' })];
    const control = watched('zone', 20_000, [[5_000, 15_000]]);
    const result = judged({ ...selfHealing, probes, samples: [...outage(), ...control] });
    expect(result).toMatchObject({
      exitCode: 0,
      reasons: ['Users saw no interruption (objective 4 s).', 'Going back did not interrupt the service.'],
    });
    expect(result.recovery.measured).toMatchObject({ lowerMs: 0, upperMs: 0 });
  });

  test('is inconclusive when the control never broke, whatever the others saw', () => {
    const probes = [probe('read'), probe('zone', { expect: 'breaks' })];
    const samples = [...outage([5_000, 6_000]), ...watched('zone', 20_000, [])];
    expect(judged({ ...selfHealing, probes, samples }).exitCode).toBe(3);
  });

  test('is inconclusive when the service failed before the fault already', () => {
    const result = judged({ ...selfHealing, samples: outage([4_500, 8_000]) });
    expect(result.exitCode).toBe(3);
    expect(result.reasons[0]).toContain('before the fault');
  });

  test('fails when the service never recovers', () => {
    const result = judged({ ...selfHealing, samples: outage([5_000, 15_500]) });
    expect(result.exitCode).toBe(1);
    expect(result.recovery.measured).toBeUndefined();
    expect(result.reasons[0]).toContain('had not recovered');
  });

  test('is inconclusive when the prober was blind while it should have recovered', () => {
    const samples = outage([5_000, 8_000]).filter(({ seq }) => seq < 60);
    const result = judged({ ...selfHealing, samples });
    expect(result.exitCode).toBe(3);
    expect(result.reasons[0]).toContain('prober');
  });

  test('is inconclusive when the steady time before the fault was not seen', () => {
    const samples = outage([5_000, 6_000]).filter(({ seq }) => seq < 30 || seq > 48);
    const result = judged({ ...selfHealing, samples });
    expect(result.exitCode).toBe(3);
    expect(result.reasons[0]).toContain('steady time before the fault');
  });

  test('bounds an outage that may have hidden in a stall, and breaks no promise by it', () => {
    const probes = [probe('read'), probe('zone', { expect: 'breaks' })];
    const stalled = outage().filter(({ seq }) => !(seq >= 60 && seq < 66) && !(seq >= 160 && seq < 164));
    const samples = [...stalled, ...watched('zone', 20_000, [[5_000, 15_000]])];
    const withRto = (rtoMs: number) =>
      judged({ ...selfHealing, probes, samples, objectives: { rtoMs, failback: { rtoMs: 0 } } });
    expect(withRto(4_000).recovery.measured).toMatchObject({ lowerMs: 0, upperMs: expect.closeTo(700) });
    expect(withRto(4_000).exitCode).toBe(0);
    expect(withRto(0).exitCode).toBe(0);
    expect(withRto(500).exitCode).toBe(3);
  });

  test('is inconclusive without any sample', () => {
    expect(judged(selfHealing).exitCode).toBe(3);
  });

  test('fails when a probe that was to hold failed once', () => {
    const probes = [probe('read'), probe('static', { expect: 'holds' })];
    const samples = [...outage([5_000, 6_000]), ...watched('static', 20_000, [[7_000, 7_100]])];
    const result = judged({ ...selfHealing, probes, samples });
    expect(result.exitCode).toBe(1);
    expect(result.probes).toEqual([
      { probe: 'read', kept: true },
      { probe: 'static', kept: false, why: expect.stringContaining('was to hold') },
    ]);
  });

  test('fails when the service is down as the run closes', () => {
    const result = judged({ ...selfHealing, samples: outage([5_000, 6_000], [18_000, 20_000]) });
    expect(result.exitCode).toBe(1);
    expect(result.reasons.join()).toContain('still failing');
  });

  test('fails when what was to appear did not', () => {
    const probes = [probe('read'), probe('static-page', { expect: 'appears' })];
    const seen = (outages: [number, number][]) =>
      judged({
        ...selfHealing,
        probes,
        samples: [...outage([5_000, 6_000]), ...watched('static-page', 20_000, outages)],
      });
    expect(
      seen([
        [0, 7_000],
        [15_500, 20_000],
      ]).exitCode,
    ).toBe(0);
    expect(seen([[0, 20_000]]).exitCode).toBe(1);
    expect(seen([[0, 7_000]]).exitCode).toBe(1);
    expect(seen([[15_500, 20_000]]).exitCode).toBe(3);
  });

  test('is judged the same when the log has its own end in it', () => {
    const plan = planOf(selfHealing);
    const samples = outage([5_000, 8_000]);
    const before = judge({ plan, entries: logOf(plan, selfHealing.told), samples, readbacks: [] });
    const told: Told[] = [...selfHealing.told, [21_000, { type: 'run.finished', judgement: before }]];
    expect(judge({ plan, entries: logOf(plan, told), samples, readbacks: [] })).toEqual(before);
  });
});

describe('a failover', () => {
  test('passes, with its way back graded apart', () => {
    const result = judged(failover);
    expect(result).toMatchObject({ exitCode: 0, undo: 'rolled-forward', recoveryLabel: 'aided' });
    expect(result.recovery.measured!.upperMs).toBeCloseTo(3_100);
    expect(result.recovery.failback!.rto!.upperMs).toBeCloseTo(2_100);
    expect(result.recovery.rpo).toMatchObject({ exercised: true, lostWrites: 0, upperMs: 0, ackedWrites: 120 });
    expect(result.recovery.phases.map(({ name }) => name)).toEqual(['decide', 'recover', 'settle']);
  });

  test('counts every acknowledged write in one direction or the other, also those while it closes', () => {
    const samples = watched('write', 30_450, [
      [5_000, 8_000],
      [20_000, 22_000],
    ]);
    const all = [...failover.samples.filter((each) => each.probe === 'read'), ...samples];
    const { rpo, failback } = judged({ ...failover, samples: all }).recovery;
    const acked = samples.filter((each) => each.outcome === 'good').length;
    expect(rpo!.ackedWrites! + failback!.rpo!.ackedWrites!).toBe(acked);
  });

  test('measures what was lost against the mark of the fault', () => {
    const readbacks = [
      {
        ...failover.readbacks[0]!,
        found: [
          [0, 44],
          [50, 400],
        ] as const,
      },
    ];
    const result = judged({ ...failover, readbacks });
    expect(result.recovery.rpo).toMatchObject({ lostWrites: 5 });
    expect(result.recovery.rpo!.upperMs).toBeCloseTo(5_010 - 4_405.5);
    expect(result.exitCode).toBe(0);
    const tight = judged({ ...failover, readbacks, objectives: { ...failover.objectives, rpoMs: 500 } });
    expect(tight.exitCode).toBe(1);
    expect(tight.reasons[0]).toMatch(/5 acknowledged writes .*605 ms.*500 ms/);
  });

  test('fails on a write that was lost on the way back', () => {
    const readbacks = [
      {
        ...failover.readbacks[0]!,
        found: [
          [0, 198],
          [200, 400],
        ] as const,
      },
    ];
    const result = judged({ ...failover, readbacks });
    expect(result.recovery.rpo!.lostWrites).toBe(0);
    expect(result.recovery.failback!.rpo).toMatchObject({ lostWrites: 1 });
    expect(result.exitCode).toBe(1);
  });

  test('says nothing about loss when replication went on after the fault', () => {
    const unwatched = failover.samples.filter(({ probe: name }) => !name.startsWith('position:'));
    const sampled = (positionAt: (ms: number) => number) => [...unwatched, ...replayed(positionAt)];
    expect(judged(failover).exitCode).toBe(0);
    const wentOn = judged({ ...failover, samples: sampled((ms) => ms) });
    expect(wentOn.exitCode).toBe(3);
    expect(wentOn.recovery.rpo).toMatchObject({ exercised: false, why: expect.stringContaining('went on') });
    expect(wentOn.recovery.rpo).not.toHaveProperty('upperMs');
    const unseen = judged({ ...failover, samples: unwatched });
    expect(unseen.recovery.rpo!.exercised).toBe(false);
    expect(unseen.exitCode).toBe(3);
    const readbacks = [
      {
        ...failover.readbacks[0]!,
        found: [
          [0, 44],
          [50, 400],
        ] as const,
      },
    ];
    expect(judged({ ...failover, samples: unwatched, readbacks }).recovery.rpo).toMatchObject({
      exercised: true,
      lostWrites: 5,
    });
    const lostAllTheSame = judged({ ...failover, readbacks, samples: sampled((ms) => ms) });
    expect(lostAllTheSame.recovery.rpo).toMatchObject({ exercised: false, lostWrites: 5 });
  });

  test('says nothing about loss where nobody could see whether replication went on', () => {
    const result = judged({ ...failover, positions: [] });
    expect(result.exitCode).toBe(3);
    expect(result.recovery.rpo).toMatchObject({ exercised: false, why: expect.stringContaining('without a login') });
    expect(result.recovery.rpo).not.toHaveProperty('upperMs');
  });

  test('is inconclusive when the canaries were not read back, but wanted', () => {
    const result = judged({ ...failover, readbacks: [{ ...failover.readbacks[0]!, error: 'refused' }] });
    expect(result.exitCode).toBe(3);
    expect(result.reasons.join()).toContain('read back');
  });

  test('adds declared human time only where no person decided', () => {
    const objectives = { ...failover.objectives, rtoMs: 60_000, declared: { detectionMs: 10_000, decisionMs: 20_000 } };
    const alone = judged({ ...failover, objectives });
    expect(alone.recovery.rto!.upperMs).toBeCloseTo(33_100);
    expect(alone.recovery.measured!.upperMs).toBeCloseTo(3_100);
    const told = failover.told.map(([ms, event]): Told =>
      event.type === 'approval.given' ? [ms, { ...event, by: 'ann', automatic: false }] : [ms, event],
    );
    expect(judged({ ...failover, told, objectives }).recovery.rto!.upperMs).toBeCloseTo(3_100);
  });

  test('needs a human when failback broke off after its promotion', () => {
    const told: Told[] = [
      ...failover.told.filter(([ms]) => ms < 21_000),
      ...changed(21_000, 'promote-back', { pivot: true }).slice(0, 1),
      ...failed(22_000, 'promote-back', 'access denied'),
      [30_000, { type: 'run.closing' }],
    ];
    const result = judged({ ...failover, told });
    expect(result).toMatchObject({ exitCode: 5, undo: 'incomplete', verdict: 'fail' });
    expect(result.reasons.join()).toMatch(/promote-back failed: access denied/);
  });

  test('was rolled forward, not undone, when it was aborted after the promotion', () => {
    const told: Told[] = [
      ...failover.told,
      [8_000, { type: 'run.turned', turn: { kind: 'aborted', message: 'aborted by ann', by: 'ann' } }] as Told,
    ].sort(([a], [b]) => a - b);
    expect(judged({ ...failover, told })).toMatchObject({ exitCode: 4, verdict: 'aborted', undo: 'rolled-forward' });
  });
});

describe('a run that did not go through', () => {
  const turnedAt = (ms: number, ...more: Told[]): readonly Told[] => [
    phase(4_990, 'inject'),
    ...changed(5_000, 'lose'),
    phase(5_100, 'recover'),
    ...more,
    phase(ms + 10, 'undo'),
    ...undone(ms + 10, 'lose'),
    [20_000, { type: 'run.closing' }],
  ];
  const steps = [step('lose', 'inject'), step('flip', 'recover')];

  test('fails when a step failed after the fault was seen', () => {
    const told = turnedAt(7_000, ...failed(7_000, 'flip'));
    const result = judged({ ...selfHealing, steps, told, samples: outage([5_000, 8_000]) });
    expect(result).toMatchObject({ exitCode: 1, undo: 'complete' });
    expect(result.reasons[0]).toBe('Step flip failed: no.');
  });

  test('is inconclusive when the step failed before', () => {
    const told = turnedAt(5_200, ...failed(5_200, 'flip'));
    expect(judged({ ...selfHealing, steps, told, samples: outage() }).exitCode).toBe(3);
  });

  test('was aborted when a guardrail stopped it', () => {
    const turn = { kind: 'guardrail' as const, message: 'alarm payments-5xx went off' };
    const told = turnedAt(7_000, [7_000, { type: 'run.turned', turn }]);
    expect(judged({ ...selfHealing, steps, told, samples: outage([5_000, 8_000]) })).toMatchObject({
      exitCode: 4,
      reasons: ['Alarm payments-5xx went off.'],
    });
  });

  test('needs a human when something could not be undone', () => {
    const error = { code: 'x', message: 'somebody changed it' };
    const told: Told[] = [
      ...selfHealing.told.filter(([, event]) => event.type !== 'step.undone'),
      [16_000, { type: 'step.undo-failed', step: 'lose', part: 'it', error }] as Told,
    ].sort(([a], [b]) => a - b);
    const result = judged({ ...selfHealing, told, samples: outage([5_000, 8_000]) });
    expect(result).toMatchObject({ exitCode: 5, undo: 'incomplete' });
    expect(result.reasons[0]).toContain('somebody changed it');
  });

  test('needs a human when something still stands as the run closes', () => {
    const told = selfHealing.told.filter(([, event]) => !event.type.startsWith('step.und'));
    const result = judged({ ...selfHealing, told, samples: outage([5_000, 8_000]) });
    expect(result).toMatchObject({ exitCode: 5, undo: 'incomplete' });
    expect(result.reasons[0]).toContain('still stands');
    const steps = [step('lose', 'inject', { keep: 'it heals by itself' })];
    expect(judged({ ...selfHealing, steps, told, samples: outage([5_000, 8_000]) }).exitCode).toBe(0);
  });

  test('has nothing to undo when nothing began', () => {
    const told: Told[] = [
      phase(100, 'baseline'),
      [3_000, { type: 'run.turned', turn: { kind: 'failed', message: 'step steady failed', step: 'steady' } }],
      [3_100, { type: 'run.closing' }],
    ];
    expect(judged({ ...selfHealing, told, samples: outage() })).toMatchObject({ exitCode: 3, undo: 'none' });
  });

  test('is inconclusive when the fault found no target', () => {
    const told: Told[] = [
      phase(4_990, 'inject'),
      [5_000, { type: 'step.skipped', step: 'lose', why: 'no target' }],
      [20_000, { type: 'run.closing' }],
    ];
    const result = judged({ ...selfHealing, told, samples: outage() });
    expect(result.exitCode).toBe(3);
    expect(result.reasons.join()).toContain('found no target');
  });
});

describe('a restore', () => {
  const steps = [
    step('find', 'recover', { effect: 'observes' }),
    step('launch', 'recover', { effect: 'creates' }),
    step('contents', 'verify', { effect: 'observes' }),
  ];
  const told: Told[] = [
    phase(1_000, 'recover'),
    [1_500, { type: 'step.succeeded', step: 'find', outputs: { recoveryPointAt: markAt(-3_600_000).at } }],
    [1_600, { type: 'step.begun', step: 'launch', part: 'it', key: 'k', identity: { name: 'x' }, touches: 'x' }],
    [2_000, { type: 'step.succeeded', step: 'launch', outputs: {} }],
    phase(2_000, 'verify'),
    [4_000, { type: 'step.succeeded', step: 'contents', outputs: {} }],
    phase(4_100, 'undo'),
    ...undone(4_100, 'launch'),
    [5_000, { type: 'run.closing' }],
  ];

  test('takes from the start of recover to the end of verify', () => {
    const result = judged({ steps, told, objectives: { rtoMs: 10_000, declared: { decisionMs: 2_000 } } });
    expect(result).toMatchObject({ exitCode: 0, undo: 'complete' });
    expect(result.recovery.measured).toMatchObject({ lowerMs: 3_000, upperMs: 3_000 });
    expect(result.recovery.rto!.upperMs).toBe(5_000);
  });

  test('is no restore where nothing is restored', () => {
    const waits = [step('recovered', 'recover', { effect: 'observes', implicit: true })];
    const waited: Told[] = [
      phase(1_000, 'recover'),
      [2_000, { type: 'step.succeeded', step: 'recovered', outputs: {} }],
      [3_000, { type: 'run.closing' }],
    ];
    expect(judged({ steps: waits, told: waited }).recovery.measured).toBeUndefined();
  });

  test('loses what came after its recovery point', () => {
    const at = (rpoMs: number) => judged({ steps, told, objectives: { rtoMs: 10_000, rpoMs } });
    expect(at(3_601_000).recovery.rpo).toMatchObject({ recoveryPointAgeMs: 3_601_000, upperMs: 3_601_000 });
    expect(at(3_601_000).exitCode).toBe(0);
    expect(at(3_600_000).exitCode).toBe(1);
  });

  test('tells where its time went, by portion and by part where they differ', () => {
    const part = (of: string, name: string, fromMs: number, toMs: number): Told[] => [
      [fromMs, { type: 'step.begun', step: of, part: name, key: 'k', touches: 'x' }],
      [toMs, { type: 'step.settled', step: of, part: name, awsCalls: 0 }],
    ];
    const split = [
      step('find', 'recover', { effect: 'observes', portion: 'find' }),
      step('restored', 'recover', { effect: 'observes', portion: { running: 'boot', ready: 'restore' } }),
      step('again', 'recover', { effect: 'observes', portion: 'restore' }),
      step('wait', 'recover', { effect: 'observes' }),
    ];
    const spent = [
      phase(1_000, 'recover'),
      ...part('find', 'backup', 1_000, 1_200),
      ...part('restored', 'running', 1_200, 1_700),
      ...part('restored', 'ready', 1_700, 3_700),
      ...part('again', 'it', 3_700, 3_800),
      ...part('wait', 'it', 3_800, 9_000),
      [9_500, { type: 'run.closing' }],
    ] satisfies Told[];
    expect(judged({ steps: split, told: spent }).recovery.portions).toEqual([
      { name: 'find', durationMs: 200 },
      { name: 'boot', durationMs: 500 },
      { name: 'restore', durationMs: 2_100 },
    ]);
    expect(judged({ steps, told }).recovery.portions).toBeUndefined();
  });

  test('fails when its contents could not be verified', () => {
    const broken: Told[] = [
      ...told.filter(([ms]) => ms < 4_000),
      ...failed(4_000, 'contents', 'zero rows'),
      ...told.filter(([ms]) => ms > 4_000),
    ];
    const result = judged({ steps, told: broken, objectives: { rtoMs: 10_000 } });
    expect(result.exitCode).toBe(1);
    expect(result.recovery.measured).toBeUndefined();
  });
});

describe('the verdict', () => {
  const order = [0, 3, 1, 4, 5];
  const findings = fc.array(fc.constantFrom(1, 3, 4, 5).map((exit): Finding => ({ exit, reason: '' })));

  test('never gets better by one more finding, and doesn’t depend on their order', () => {
    fc.assert(
      fc.property(findings, findings, (some, more) => {
        const rank = (list: readonly Finding[]) => order.indexOf(verdictOf(list).exitCode);
        expect(rank([...some, ...more])).toBe(Math.max(rank(some), rank(more)));
        expect(verdictOf(some.toReversed())).toEqual(verdictOf(some));
      }),
    );
  });
});

test('samples in any order give the same judgement', () => {
  const plan: Plan = planOf(failover);
  const entries = logOf(plan, failover.told);
  const { readbacks } = failover;
  const first = judge({ plan, entries, samples: failover.samples, readbacks });
  expect(judge({ plan, entries, samples: failover.samples.toReversed(), readbacks })).toEqual(first);
});

test('an interval that spans two hosts is measured on the wall clock, and says so', () => {
  const samples = outage([5_000, 8_000]).map((one): Sample =>
    one.seq < 60
      ? one
      : {
          ...one,
          clockId: 'boot-2',
          sentNs: String(BigInt(one.sentNs) + 5_000_000_000_000n),
          doneNs: String(BigInt(one.doneNs) + 5_000_000_000_000n),
        },
  );
  const { measured } = judged({ ...selfHealing, samples }).recovery;
  expect(measured!.clock).toBe('wall');
  expect(Math.abs(measured!.upperMs - 3_100)).toBeLessThan(2);
});
