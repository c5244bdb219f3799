/**
 * Restores as they happen: one that stands, one whose data is not what it must be or could not be compared, one that was not let
 * in, one that was stopped, one nobody checked.
 */
import type { Check } from '../../src/domain/part.ts';
import type { ErrorReport } from '../../src/domain/errors.ts';
import type { LogEntry } from '../../src/domain/event.ts';
import { judge } from '../../src/measure/judge.ts';
import type { PlanSketch, StepSketch } from './log-builder.ts';
import { LogBuilder, markAt, planOf } from './log-builder.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

const steps: StepSketch[] = [
  { id: 'find', uses: 's3/find-backup', phase: 'recover', portion: 'find' },
  { id: 'launch', uses: 'ec2/launch-instance', phase: 'recover', effect: 'creates', portion: 'launch' },
  {
    id: 'restored',
    uses: 'ec2/await-ready',
    phase: 'recover',
    portion: { running: 'boot', ready: 'restore' },
  },
  {
    id: 'contents',
    uses: 'postgres/verify',
    phase: 'verify',
    portion: 'verify',
    with: { manifest: '$(steps.find.outputs.manifest)' },
  },
];

const sketch: PlanSketch = {
  runId: 'd1',
  name: 'restore-dump-to-fresh-instance',
  title: 'Last night’s dump of orders stands on a fresh instance within 45 minutes, complete and checked',
  regions: ['eu-central-1'],
  probes: [],
  objectives: { rtoMs: 45 * minuteMs, rpoMs: 26 * hourMs, declared: { decisionMs: 30 * minuteMs } },
  findings: [
    {
      severity: 'note',
      code: 'instance-cost',
      step: 'launch',
      message: 'One t3.small runs, and is paid for, until the drill ends',
    },
  ],
  steps,
};

/** Rungs as `postgres/verify` tells them: name, sentence, milliseconds. */
const rungs: readonly (readonly [name: string, said: string, ms: number])[] = [
  ['connects', 'orders at 10.0.1.17:5432 lets drill_verifier in, read only.', 90],
  ['not-the-source', 'The server started 6.2 s ago, after recovery began (8 min 31 s ago).', 40],
  ['version', 'The engine is PostgreSQL 18.4, as expected (18).', 10],
  ['schema', 'All 4 tables with their 31 columns, 6 indexes and 3 foreign keys are as in orders-schema.json.', 160],
  ['rows', 'orders has 2000 rows; customers has 640 rows; returns is empty, as declared.', 1_400],
  ['checksums', 'orders (id, customer_id, total) is as in the manifest of 2026-03-14 01:00:05 UTC.', 4_700],
  [
    'freshness',
    'The newest canary.written_at of 9120 rows is 2026-03-14 01:00:04 UTC, 8 h old when recovery began.',
    200,
  ],
  ['queries', '‘select count(*) from orders where total < 0’ answers 0, as expected.', 30],
  [
    'negative-control',
    'One altered value of orders and a floor of 2001 rows where there are 2000 were both found out, as they must be.',
    2_100,
  ],
];

export interface RestoreSketch {
  /** Rungs that turn out otherwise. */
  checks?: Readonly<Record<string, Check>>;
  /** The verification breaks off here. */
  broken?: { after: string; error: ErrorReport };
  verified?: boolean;
  rowsAtMs?: number;
  /** The backup says only when it was uploaded. */
  uploaded?: boolean;
  /** Whether a check looked at the newest row. */
  rowsDated?: boolean;
  /** How long the data takes. */
  restoreMs?: number;
  /** Somebody stops the drill during this rung; its step comes to its end before that takes hold. */
  stoppedAt?: string;
  /** The rungs that the drill asks for. */
  asked?: readonly string[];
  /** Whether it has a manifest to compare with. */
  compares?: boolean;
  over?: Partial<PlanSketch>;
}

/** The log of a restore, finished by the judge's own word. */
export function restoreRun({
  checks = {},
  broken,
  verified = true,
  rowsAtMs = -8 * hourMs,
  uploaded = false,
  rowsDated = true,
  restoreMs = 6 * minuteMs,
  stoppedAt,
  asked = rungs.map(([name]) => name),
  compares = true,
  over = {},
}: RestoreSketch = {}): LogEntry[] {
  const own = steps.map((step) => (compares ? step : { ...step, with: {} }));
  const plan = planOf({ ...sketch, ...over, steps: verified ? own : own.slice(0, 3) });
  const log = new LogBuilder(plan);
  const outputs = (ms: number) => ({ recoveryPointAt: markAt(ms).at });
  log.phase(100, 'recover').begin(110, 'find', { name: 'backup', touches: 's3://orders-backups/nightly/' });
  const found = { holds: true, said: 'The data of nightly/orders-2026-03-14.dump (41.2 MB) is 8 h old.' };
  log.add(2_310, { type: 'step.settled', step: 'find', part: 'backup', check: found, awsCalls: 3 });
  const from = { ...outputs(-8 * hourMs + 5_000), ...(uploaded && { recoveryPointFrom: 'upload' }) };
  log.add(2_310, { type: 'step.succeeded', step: 'find', outputs: from });
  const arn = 'arn:aws:ec2:eu-central-1:000000000000:instance/i-0abc';
  log.step(2_330, 41_000, 'launch', { touches: 'orders-restore', arn }, 6);
  log.begin(41_010, 'restored', { name: 'running', touches: 'i-0abc' });
  log.add(96_000, { type: 'step.settled', step: 'restored', part: 'running', awsCalls: 11 });
  log.begin(96_010, 'restored', { name: 'ready', touches: 'i-0abc' });
  let ms = 96_010 + restoreMs;
  log.add(ms, { type: 'step.settled', step: 'restored', part: 'ready', awsCalls: 70 });
  log.add(ms, { type: 'step.succeeded', step: 'restored', outputs: {} });
  if (verified) {
    log.phase(ms + 10, 'verify');
    const failing: string[] = [];
    let error: ErrorReport | undefined;
    for (const [name, said, tookMs] of rungs.filter(([name]) => asked.includes(name))) {
      log.begin(ms + 10, 'contents', { name, touches: 'orders' });
      if (name === stoppedAt)
        log.add(ms + 11, { type: 'run.turned', turn: { kind: 'aborted', message: 'stopped by ada@example.com' } });
      ms += tookMs + 10;
      if (broken?.after === name) {
        error = broken.error;
        break;
      }
      const check = checks[name] ?? { holds: true, said };
      if (!check.holds) failing.push(`${name}: ${check.said}`);
      log.add(ms, { type: 'step.settled', step: 'contents', part: name, check, awsCalls: 0 });
    }
    const provesNothing = Object.values(checks).some((check) => check.provesNothing);
    error ??=
      failing.length === 0
        ? undefined
        : { code: 'checks-failed', message: failing.join(' '), ...(provesNothing && { provesNothing: true }) };
    if (error) {
      const part = broken?.after ?? 'finish';
      const turn = { kind: error.provesNothing ? ('inconclusive' as const) : ('failed' as const), step: 'contents' };
      log.add(ms, { type: 'step.failed', step: 'contents', part, error, awsCalls: 0 });
      log.add(ms, { type: 'run.turned', turn: { ...turn, message: `step contents failed: ${error.message}` } });
    } else {
      log.add(ms, { type: 'step.succeeded', step: 'contents', outputs: rowsDated ? outputs(rowsAtMs) : {} });
    }
  }
  log
    .phase(ms + 20, 'undo')
    .undo(ms + 30, ms + 2_000, 'launch')
    .add(ms + 2_100, { type: 'run.closing' });
  const judgement = judge({ plan, entries: log.entries, samples: [], readbacks: [] });
  return log.finish(ms + 2_200, judgement);
}

/** The table that matters came back empty, and a query says so too. */
export const emptyRestore = (): LogEntry[] =>
  restoreRun({
    over: { runId: 'd2' },
    checks: {
      rows: {
        holds: false,
        said: 'orders has no row, expected the manifest of 2026-03-14 01:00:05 UTC 2000 rows: 2000 fewer (100 %); one that may be empty must be declared so.',
      },
      checksums: { holds: false, said: 'orders (id, customer_id, total) has no row to compare, expected 2000.' },
    },
  });

/** The role’s password of the time of the backup is another one. */
export const refusedRestore = (): LogEntry[] =>
  restoreRun({
    over: { runId: 'd3' },
    broken: {
      after: 'connects',
      error: {
        code: 'login-refused',
        message: 'orders refuses the login of drill_verifier: password authentication failed for user "drill_verifier"',
        remedy: 'Correct user or password. A restored server has the roles and passwords of the time of its backup.',
        provesNothing: true,
      },
    },
  });

/** Its manifest lists no table, so that there was nothing to compare with. */
export const undecidedRestore = (): LogEntry[] =>
  restoreRun({
    over: { runId: 'd7' },
    checks: {
      rows: {
        holds: false,
        said: 'orders can not be compared: the reference says nothing of it.',
        provesNothing: true,
      },
      checksums: { holds: false, said: 'The manifest has no checksum of orders.', provesNothing: true },
    },
  });

/** Stopped while its verification ran, which came to its end before that took hold. */
export const stoppedRestore = (): LogEntry[] => restoreRun({ over: { runId: 'd8' }, stoppedAt: 'negative-control' });

/** Restored in time, and nobody looked. */
export const hollowRestore = (): LogEntry[] => restoreRun({ over: { runId: 'd4' }, verified: false });

/** Everything is there, but it takes 40 minutes, and people need 30 to decide. */
export const slowRestore = (): LogEntry[] => restoreRun({ over: { runId: 'd5' }, restoreMs: 38 * minuteMs });

/** Its process was killed while the data came in; a day later the next command ends its log. */
export function killedRestore(): LogEntry[] {
  const log = new LogBuilder(planOf({ ...sketch, runId: 'd6' }));
  log.phase(100, 'recover').begin(110, 'find', { name: 'backup', touches: 's3://orders-backups/nightly/' });
  const found = { holds: true, said: 'The data of nightly/orders-2026-03-14.dump (41.2 MB) is 8 h old.' };
  log.add(2_310, { type: 'step.settled', step: 'find', part: 'backup', check: found, awsCalls: 3 });
  log.add(2_310, { type: 'step.succeeded', step: 'find', outputs: {} });
  const arn = 'arn:aws:ec2:eu-central-1:000000000000:instance/i-0abc';
  log.step(2_330, 41_000, 'launch', { touches: 'orders-restore', arn }, 6);
  log.begin(41_010, 'restored', { name: 'running', touches: 'i-0abc' });
  const nextDayMs = 24 * hourMs;
  log.add(nextDayMs, { type: 'run.claimed', owner: 'node-b', attempt: 2 });
  log.add(nextDayMs + 1, { type: 'run.closing' });
  const judgement = {
    verdict: 'aborted',
    undo: 'none',
    recoveryLabel: 'aided',
    exitCode: 4,
    reasons: ['The rehearsal was killed before its end. Its lab, with everything in it, is gone.'],
    recovery: { declared: {}, phases: [] },
    probes: [],
    killed: true,
  } as const;
  return log.add(nextDayMs + 2, { type: 'run.finished', judgement }).entries;
}
