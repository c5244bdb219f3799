import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Check } from '../../src/domain/part.ts';
import type { Objectives } from '../../src/domain/drill.ts';
import type { Judgement } from '../../src/domain/record.ts';
import { judge } from '../../src/measure/judge.ts';
import type { Told } from './support/world.ts';
import { logOf, markAt, phase, planOf, probe, step, undone, watched } from './support/world.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

const steps = [
  step('find', 'recover', { effect: 'observes', portion: 'find' }),
  step('launch', 'recover', { effect: 'creates', portion: 'launch' }),
  step('restored', 'recover', { effect: 'observes', portion: { running: 'boot', ready: 'restore' } }),
  step('contents', 'verify', { effect: 'observes', portion: 'verify' }),
];

const part = (of: string, name: string, fromMs: number, toMs: number, check?: Check): Told[] => [
  [fromMs, { type: 'step.begun', step: of, part: name, key: 'k', touches: 'x' }],
  [toMs, { type: 'step.settled', step: of, part: name, awsCalls: 0, ...(check && { check }) }],
];

const rows: Check = { holds: true, said: 'orders has 2000 rows.' };
const noRow: Check = { holds: false, said: 'orders has no row, expected at least 1000: 1000 fewer (100 %).' };
const control: Check = { holds: true, said: 'One altered value was found out.' };
const blind: Check = { holds: false, said: 'The verifier accepted what is false of orders.', provesNothing: true };

interface Restore {
  objectives?: Partial<Objectives>;
  /** Checks of the verification; without any it says nothing. */
  checks?: readonly Check[];
  /** By the word of the backup, of its rows. */
  backupAt?: number;
  /** The backup says only when it was uploaded. */
  uploaded?: boolean;
  rowsAt?: number;
  /** What took the longest. */
  restoreMs?: number;
  /** The verification breaks off with this. */
  error?: { code: string; message: string; provesNothing?: true };
}

/** From 1 s on: find 1 s, launch 1 s, boot 2 s, the restore itself, and 1 s for each check. */
function toldOf({ checks = [rows, control], backupAt, uploaded, rowsAt, restoreMs = 6_000, error }: Restore): Told[] {
  const standsMs = 5_000 + restoreMs;
  const endMs = standsMs + Math.max(1, checks.length) * 1_000;
  const dated = (ms: number | undefined) => (ms === undefined ? {} : { recoveryPointAt: markAt(ms).at });
  const broken = checks.filter(({ holds }) => !holds);
  const failure = error ?? {
    code: 'checks-failed',
    message: broken.map(({ said }) => said).join(' '),
    ...(broken.some(({ provesNothing }) => provesNothing) && { provesNothing: true as const }),
  };
  const kind = failure.provesNothing ? 'inconclusive' : 'failed';
  const ends: Told[] =
    error || broken.length > 0
      ? [
          [endMs, { type: 'step.failed', step: 'contents', part: 'finish', error: failure, awsCalls: 0 }],
          [
            endMs,
            {
              type: 'run.turned',
              turn: { kind, message: `step contents failed: ${failure.message}`, step: 'contents' },
            },
          ],
        ]
      : [[endMs, { type: 'step.succeeded', step: 'contents', outputs: dated(rowsAt) }]];
  return [
    phase(1_000, 'recover'),
    ...part('find', 'backup', 1_000, 2_000, { holds: true, said: 'A backup was found.' }),
    [
      2_000,
      {
        type: 'step.succeeded',
        step: 'find',
        outputs: { ...dated(backupAt), ...(uploaded && { recoveryPointFrom: 'upload' }) },
      },
    ],
    [2_000, { type: 'step.begun', step: 'launch', part: 'it', key: 'k', identity: { name: 'x' }, touches: 'x' }],
    [3_000, { type: 'step.settled', step: 'launch', part: 'it', awsCalls: 0 }],
    [3_000, { type: 'step.succeeded', step: 'launch', outputs: {} }],
    ...part('restored', 'running', 3_000, 5_000),
    ...part('restored', 'ready', 5_000, standsMs),
    [standsMs, { type: 'step.succeeded', step: 'restored', outputs: {} }],
    phase(standsMs, 'verify'),
    ...checks.flatMap((check, n) =>
      part('contents', `check-${n + 1}`, standsMs + n * 1_000, standsMs + (n + 1) * 1_000, check),
    ),
    ...ends,
    phase(endMs, 'undo'),
    ...undone(endMs, 'launch'),
    [endMs + 100, { type: 'run.closing' }],
  ];
}

function judged(restore: Restore): Judgement {
  const plan = planOf({ steps, objectives: restore.objectives });
  return judge({ plan, entries: logOf(plan, toldOf(restore)), samples: [], readbacks: [] });
}

describe('a restore that went well', () => {
  test('says what stands, how old it is, how long it took by portion, and what was added', () => {
    const objectives = { rtoMs: 45 * minuteMs, rpoMs: 26 * hourMs, declared: { decisionMs: 30 * minuteMs } };
    const result = judged({ objectives, backupAt: 1_000 - 7 * hourMs });
    expect(result).toMatchObject({ verdict: 'pass', exitCode: 0, undo: 'complete', recoveryLabel: 'aided' });
    expect(result.reasons).toEqual([
      'All 3 checks hold: backup, check-1 and check-2.',
      'The data was 7 h old when recovery began (objective 26 h).',
      'The restore took 12 s: find 1 s, launch 1 s, boot 2 s, restore 6 s and verify 2 s.',
      'With 30 min declared for people who had no part in this run, recovery takes 30 min 12 s (objective 45 min).',
    ]);
  });

  test('does not pass with declared time on top of it that the objective has no room for', () => {
    const objectives = { rtoMs: 45 * minuteMs, declared: { decisionMs: 30 * minuteMs } };
    const result = judged({ objectives, restoreMs: 40 * minuteMs });
    expect(result).toMatchObject({ verdict: 'fail', exitCode: 1 });
    expect(result.reasons).toEqual([
      'Recovery took 1 h 11 min, 30 min of it declared for people who had no part in this run; ' +
        'the objective rto is 45 min. That is 25 min 6 s too long. ' +
        'Restoring the data took the most: 40 min of 40 min 6 s measured.',
    ]);
    expect(judged({ objectives: { rtoMs: 45 * minuteMs }, restoreMs: 40 * minuteMs }).exitCode).toBe(0);
  });

  test('fails when its data is older than promised, and says by how much', () => {
    const result = judged({ objectives: { rpoMs: 26 * hourMs }, backupAt: 1_000 - 30 * hourMs });
    expect(result.exitCode).toBe(1);
    expect(result.reasons).toEqual(['The recovery point was 30 h old; the objective is 26 h. That is 4 h too much.']);
  });
});

describe('a backup that says only when it was uploaded', () => {
  const objectives = { rpoMs: 26 * hourMs };
  const uploaded = (ageMs: number, more: Restore = {}) =>
    judged({ objectives, backupAt: 1_000 - ageMs, uploaded: true, ...more });

  test('keeps no promise, because its data is older than that by nobody knows how much', () => {
    const result = uploaded(7 * hourMs);
    expect(result).toMatchObject({ verdict: 'inconclusive', exitCode: 3 });
    expect(result.reasons).toEqual([
      expect.stringMatching(
        /^How old the restored data is is not known: .*uploaded.*The objective rpo \(26 h\) is not proven/,
      ),
    ]);
    expect(result.recovery.rpo).toMatchObject({ exercised: true, lowerMs: 7 * hourMs });
    expect(result.recovery.rpo).not.toHaveProperty('upperMs');
    expect(result.recovery.rpo).not.toHaveProperty('recoveryPointAgeMs');
  });

  test('breaks one, because its data is no younger than that', () => {
    const result = uploaded(30 * hourMs);
    expect(result.exitCode).toBe(1);
    expect(result.reasons).toEqual([
      'The recovery point was at least 30 h old; the objective is 26 h. That is at least 4 h too much.',
    ]);
    expect(uploaded(30 * hourMs, { checks: [rows, noRow] }).exitCode).toBe(1);
  });

  test('is overruled by its newest row', () => {
    const result = uploaded(7 * hourMs, { rowsAt: 1_000 - 8 * hourMs });
    expect(result).toMatchObject({ verdict: 'pass', recovery: { rpo: { upperMs: 8 * hourMs } } });
    expect(uploaded(7 * hourMs, { rowsAt: 1_000 - 30 * hourMs }).exitCode).toBe(1);
    // What was written after the upload can't be in the backup.
    expect(uploaded(30 * hourMs, { rowsAt: 1_000 - hourMs }).exitCode).toBe(3);
  });

  test('is told as a lower bound where nothing is promised', () => {
    const result = judged({ backupAt: 1_000 - 7 * hourMs, uploaded: true });
    expect(result.verdict).toBe('pass');
    expect(result.reasons[1]).toMatch(/^The data was at least 7 h old when recovery began: its backup says when/);
  });
});

describe('a restore that proves nothing', () => {
  test('is one of which nothing was checked', () => {
    const result = judged({ checks: [] });
    expect(result).toMatchObject({ verdict: 'inconclusive', exitCode: 3 });
    expect(result.reasons[0]).toContain('Nothing was checked of what was restored');
    expect(result.recovery.measured).toBeDefined();
  });

  test('is one without a verification at all', () => {
    const plan = planOf({ steps: steps.slice(0, 3) });
    const told = toldOf({ checks: [] }).filter(([, event]) => !('step' in event) || event.step !== 'contents');
    const entries = logOf(
      plan,
      told.filter(([, event]) => !(event.type === 'phase.started' && event.phase === 'verify')),
    );
    expect(judge({ plan, entries, samples: [], readbacks: [] }).exitCode).toBe(3);
  });

  test('is one that found nothing to restore', () => {
    const plan = planOf({ steps });
    const told: Told[] = [
      phase(1_000, 'recover'),
      ...steps.map(({ id }): Told => [1_000, { type: 'step.skipped', step: id, why: 'no target' }]),
      [2_000, { type: 'run.closing' }],
    ];
    const result = judge({ plan, entries: logOf(plan, told), samples: [], readbacks: [] });
    expect(result.exitCode).toBe(3);
    expect(result.reasons[0]).toBe('Nothing was restored: restored found no target. Check how the target is selected.');
  });

  test('is not one that restores nothing, or whose recovery users see', () => {
    const plan = planOf({ steps: [step('promote', 'recover')] });
    const told: Told[] = [phase(1_000, 'recover'), [2_000, { type: 'step.succeeded', step: 'promote', outputs: {} }]];
    expect(judge({ plan, entries: logOf(plan, told), samples: [], readbacks: [] }).exitCode).toBe(0);
    const seen = planOf({ steps: [step('lose', 'inject'), ...steps.slice(0, 3)], probes: [probe('read')] });
    const samples = watched('read', 20_000, [[1_000, 9_000]]);
    const reasons = judge({ plan: seen, entries: logOf(seen, toldOf({ checks: [] })), samples, readbacks: [] }).reasons;
    expect(reasons.join()).not.toContain('Nothing was checked');
  });

  test('is one whose negative control did not fail', () => {
    const result = judged({ checks: [rows, blind] });
    expect(result).toMatchObject({ verdict: 'inconclusive', exitCode: 3 });
    expect(result.reasons).toEqual([
      'Check check-2 of step contents could not decide: The verifier accepted what is false of orders.',
    ]);
  });

  test('is one that looked at the source, or was not let in: the drill is at fault', () => {
    const error = {
      code: 'login-refused',
      message: 'the copy refuses the login of drill',
      provesNothing: true,
    } as const;
    const result = judged({ checks: [], error });
    expect(result).toMatchObject({ verdict: 'inconclusive', exitCode: 3 });
    expect(result.reasons).toEqual([
      'Step contents failed: the copy refuses the login of drill. That is a fault of the drill: it says nothing about the backup.',
    ]);
  });
});

test('a verification in recover that waits for the server is not taken for what brings the backup back', () => {
  const portion = { connects: 'restore', rows: 'verify' } as const;
  const own = [...steps.slice(0, 3), step('contents', 'recover', { effect: 'observes', portion })];
  const broken = toldOf({ checks: [noRow], backupAt: 0 }).filter(
    ([, event]) => event.type !== 'phase.started' || event.phase !== 'verify',
  );
  const verdictOf = (told: readonly Told[]): Judgement => {
    const plan = planOf({ steps: own, objectives: { rtoMs: hourMs, rpoMs: hourMs } });
    return judge({ plan, entries: logOf(plan, told), samples: [], readbacks: [] });
  };
  expect(verdictOf(broken).recovery.rpo).toMatchObject({
    exercised: false,
    why: expect.stringContaining('not all checks of the restored data hold') as string,
  });
});

test('what was done before recovery began is no portion of it', () => {
  const early = step('snapshot', 'baseline', { effect: 'creates', portion: 'find' });
  const plan = planOf({ steps: [early, ...steps] });
  const told: Told[] = [
    ...part('snapshot', 'it', 100, 900),
    [900, { type: 'step.succeeded', step: 'snapshot', outputs: {} }],
    ...toldOf({}),
  ];
  const { recovery } = judge({ plan, entries: logOf(plan, told), samples: [], readbacks: [] });
  expect(recovery.portions).toContainEqual({ name: 'find', durationMs: 1_000 });
});

describe('a restore whose data is not what it must be', () => {
  test('fails, says which checks do not hold and how, and measures no recovery', () => {
    const result = judged({ objectives: { rtoMs: hourMs }, checks: [rows, noRow, control] });
    expect(result).toMatchObject({ verdict: 'fail', exitCode: 1 });
    expect(result.reasons).toEqual([
      'Check check-2 of step contents does not hold: orders has no row, expected at least 1000: 1000 fewer (100 %).',
    ]);
    expect(result.recovery.measured).toBeUndefined();
    expect(result.recovery.portions).toContainEqual({ name: 'restore', durationMs: 6_000 });
  });

  test('fails also where another check could not decide, and tells of both', () => {
    const result = judged({ checks: [noRow, blind] });
    expect(result.exitCode).toBe(1);
    expect(result.reasons).toHaveLength(2);
  });

  test('fails with what was found before the verification broke off', () => {
    const error = { code: 'timed-out', message: 'the copy stopped answering' };
    const result = judged({ checks: [noRow], error });
    expect(result.exitCode).toBe(1);
    expect(result.reasons.join(' ')).toMatch(/orders has no row.*stopped answering/);
  });
});

describe('the recovery point of a restore', () => {
  test('is the newest word, and every word stands beside it', () => {
    const { recovery } = judged({ backupAt: -hourMs, rowsAt: -2 * hourMs });
    expect(recovery.rpo).toMatchObject({
      exercised: true,
      recoveryPointAgeMs: 2 * hourMs + 1_000,
      recoveryPoints: [
        { step: 'find', by: 'backup', at: markAt(-hourMs).at },
        { step: 'contents', by: 'data', at: markAt(-2 * hourMs).at },
      ],
    });
    expect(recovery.rpo).not.toHaveProperty('doubt');
  });

  test('is in doubt when rows are younger than their backup, and then proves no objective that the backup itself breaks', () => {
    const dates = { backupAt: -30 * hourMs, rowsAt: -hourMs };
    const passed = judged({ ...dates, objectives: { rpoMs: 31 * hourMs } });
    expect(passed.exitCode).toBe(0);
    expect(passed.recovery.rpo!.doubt).toMatch(/contents found is 29 h younger .* find: one of the two dates is wrong/);
    expect(passed.reasons).toContain(passed.recovery.rpo!.doubt);
    expect(judged({ ...dates, objectives: { rpoMs: 26 * hourMs } })).toMatchObject({ exitCode: 3 });
    expect(judged({ backupAt: -hourMs, rowsAt: -hourMs + 60_000 }).recovery.rpo).not.toHaveProperty('doubt');
  });

  test('is not known when it lies ahead: such a date would make the oldest backup look fresh', () => {
    const result = judged({ backupAt: 1_000 + hourMs, objectives: { rpoMs: hourMs } });
    expect(result.exitCode).toBe(3);
    expect(result.reasons[0]).toMatch(/How old the restored data is is not known.* 1 h after recovery began/);
    expect(result.recovery.rpo).toMatchObject({ exercised: false });
    expect(result.recovery.rpo).not.toHaveProperty('upperMs');
    expect(judged({ backupAt: 2_000, objectives: { rpoMs: hourMs } }).recovery.rpo).toMatchObject({ upperMs: 0 });
  });
});

describe('any restore', () => {
  const check = fc.constantFrom(rows, control, noRow, blind);
  const some = fc.record({
    checks: fc.array(check, { maxLength: 5 }),
    backupAt: fc.option(fc.integer({ min: -100 * hourMs, max: hourMs }), { nil: undefined }),
    rowsAt: fc.option(fc.integer({ min: -100 * hourMs, max: hourMs }), { nil: undefined }),
    restoreMs: fc.integer({ min: 0, max: 2 * hourMs }),
    objectives: fc.record({
      rtoMs: fc.option(fc.integer({ min: 0, max: 3 * hourMs }), { nil: undefined }),
      rpoMs: fc.option(fc.integer({ min: 0, max: 100 * hourMs }), { nil: undefined }),
      declared: fc.record({ decisionMs: fc.integer({ min: 0, max: hourMs }) }),
    }),
  });

  test('passes only on checks that all hold, within what was promised, and with all of the time counted', () => {
    fc.assert(
      fc.property(some, (restore) => {
        const { exitCode, recovery, reasons } = judged(restore);
        const { rtoMs = Infinity, rpoMs, declared } = restore.objectives;
        expect(reasons.length).toBeGreaterThan(0);
        if (recovery.rto) expect(recovery.rto.upperMs).toBe(recovery.measured!.upperMs + declared.decisionMs);
        if (exitCode !== 0) return;
        expect(restore.checks.length).toBeGreaterThan(0);
        expect(restore.checks.every(({ holds }) => holds)).toBe(true);
        expect(recovery.rto!.upperMs).toBeLessThanOrEqual(rtoMs);
        if (rpoMs !== undefined) expect(recovery.rpo!.upperMs).toBeLessThanOrEqual(rpoMs);
      }),
    );
  });

  test('never gets a better exit code by one more check that does not hold', () => {
    const rank = [0, 3, 1, 4, 5];
    fc.assert(
      fc.property(some, fc.constantFrom(noRow, blind), fc.nat(5), (restore, broken, at) => {
        const worse = { ...restore, checks: restore.checks.toSpliced(at, 0, broken) };
        const before = rank.indexOf(judged(restore).exitCode);
        const after = rank.indexOf(judged(worse).exitCode);
        expect(after).toBeGreaterThanOrEqual(restore.checks.every(({ holds }) => holds) ? 1 : before);
        expect(after).toBeGreaterThan(0);
      }),
    );
  });

  test('measures nothing when its verification failed, and says where time went all the same', () => {
    fc.assert(
      fc.property(some, (restore) => {
        const { recovery } = judged(restore);
        const failed = restore.checks.some(({ holds }) => !holds);
        expect(recovery.measured === undefined).toBe(failed);
        const spentMs = recovery.portions!.reduce((sum, { durationMs }) => sum + durationMs, 0);
        if (recovery.measured) expect(spentMs).toBeLessThanOrEqual(recovery.measured.upperMs + 1e-6);
      }),
    );
  });
});
