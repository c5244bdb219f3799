/** Runs as they happen, for every reporter's tests: one that passes, one that fails, an aborted, a stuck and an unfinished one. */
import type { EventBody, LogEntry } from '../../src/domain/event.ts';
import type { Judgement, Recovery } from '../../src/domain/record.ts';
import type { Sample } from '../../src/domain/sample.ts';
import type { PlanSketch, StepSketch } from './log-builder.ts';
import { LogBuilder, markAt, planOf, probeNamed, samplesOf } from './log-builder.ts';

export interface Run {
  entries: LogEntry[];
  samples: Sample[];
}

const rds = (region: string, id: string): string => `arn:aws:rds:${region}:000000000000:db:${id}`;
const oldPrimary = rds('eu-central-1', 'orders-db-kept-r1');
const oldPassive = rds('eu-west-1', 'orders-db-kept-r1');

const failoverSteps: StepSketch[] = [
  { id: 'steady', uses: 'probes/steady', phase: 'baseline', implicit: true },
  { id: 'close', uses: 'rds/await-lag', phase: 'baseline' },
  { id: 'lose', uses: 'ec2/isolate-subnets', phase: 'inject', effect: 'changes', fault: true },
  { id: 'alarm', uses: 'cloudwatch/await-alarm', phase: 'detect' },
  { id: 'go', uses: 'approval', phase: 'decide', with: { ask: 'Fail over?' } },
  { id: 'fence', uses: 'rds/fence-primary', phase: 'recover', effect: 'changes', fences: 'active-db', stays: true },
  { id: 'promote', uses: 'rds/promote-replica', phase: 'recover', effect: 'changes', pivot: 'passive-db', stays: true },
  { id: 'flip', uses: 'route53/change-record', phase: 'recover', effect: 'changes' },
  { id: 'recovered', uses: 'probes/steady', phase: 'recover', implicit: true },
  { id: 'heal', uses: 'undo', phase: 'failback', effect: 'undo', undoes: 'lose' },
  { id: 'keep-old', uses: 'rds/set-aside', phase: 'failback', effect: 'changes', stays: true },
  { id: 'rebuild', uses: 'rds/create-replica', phase: 'failback', effect: 'creates', stays: true },
  {
    id: 'stop-writes',
    uses: 'rds/fence-primary',
    phase: 'failback',
    effect: 'changes',
    fences: 'passive-db',
    stays: true,
  },
  { id: 'caught-up', uses: 'rds/await-lag', phase: 'failback' },
  {
    id: 'promote-back',
    uses: 'rds/promote-replica',
    phase: 'failback',
    effect: 'changes',
    pivot: 'active-db',
    stays: true,
  },
  { id: 'flip-back', uses: 'undo', phase: 'failback', effect: 'undo', undoes: 'flip' },
  { id: 'keep-passive', uses: 'rds/set-aside', phase: 'failback', effect: 'changes', stays: true },
  { id: 'rebuild-passive', uses: 'rds/create-replica', phase: 'failback', effect: 'creates', stays: true },
];

const failover = (over: Partial<PlanSketch> = {}): PlanSketch => ({
  runId: 'r1',
  name: 'regional-failover',
  title: 'Orders survive losing a region within 20 min, at most 1 min of writes lost',
  objectives: {
    rtoMs: 1_200_000,
    rpoMs: 60_000,
    failback: { rtoMs: 300_000, rpoMs: 0 },
    declared: { decisionMs: 600_000 },
  },
  findings: [
    {
      severity: 'note',
      code: 'control-plane-stays',
      message: 'The provider’s own control plane goes on in these subnets',
    },
    {
      severity: 'note',
      code: 'double-cost',
      message: 'After failback two old databases stay beside the new ones until somebody deletes them.',
    },
  ],
  steps: failoverSteps,
  ...over,
});

/** Baseline to the end of recover: the fault comes at 6 s, users are served again at 12.6 s. */
function failOver(log: LogBuilder, automatic = true): LogBuilder {
  log.phase(10, 'baseline');
  log.probe(400, 'read', 'good', 200).probe(420, 'write', 'good', 220);
  log.step(20, 5_100, 'steady', { touches: 'read, write' }, 0);
  log.step(5_110, 5_300, 'close', { touches: rds('eu-west-1', 'orders-db') }, 2);
  log.phase(5_950, 'inject').begin(6_000, 'lose', { name: 'subnet-0a', touches: 'subnet-0a1b' });
  log.add(6_060, { type: 'step.applied', step: 'lose', part: 'subnet-0a' });
  log.add(6_080, { type: 'step.settled', step: 'lose', part: 'subnet-0a', awsCalls: 4 });
  log.begin(6_090, 'lose', { name: 'subnet-0c', touches: 'subnet-0c3d' });
  log.add(6_130, { type: 'step.applied', step: 'lose', part: 'subnet-0c' });
  log.add(6_150, { type: 'step.settled', step: 'lose', part: 'subnet-0c', awsCalls: 4 });
  log.add(6_150, { type: 'step.succeeded', step: 'lose', outputs: {} });
  log.phase(6_160, 'detect').begin(6_170, 'alarm', { touches: 'orders-down' });
  log.probe(6_710, 'read', 'bad', 6_200, 'timeout').probe(6_730, 'write', 'bad', 6_220, 'timeout');
  log.add(8_300, { type: 'step.settled', step: 'alarm', part: 'main', awsCalls: 12 });
  log.add(8_300, { type: 'step.succeeded', step: 'alarm', outputs: {} });
  log.phase(8_310, 'decide').begin(8_320, 'go', { touches: 'a person' });
  log.add(8_400, {
    type: 'approval.given',
    step: 'go',
    by: automatic ? 'firedrill rehearse' : 'grace@example.com',
    comment: automatic ? undefined : 'Alarm confirmed with network team',
    automatic,
  });
  log.add(8_400, { type: 'step.settled', step: 'go', part: 'main', awsCalls: 0 });
  log.add(8_400, { type: 'step.succeeded', step: 'go', outputs: {} });
  log.phase(8_410, 'recover');
  log.step(8_420, 9_400, 'fence', { touches: rds('eu-central-1', 'orders-db') }, 6);
  log.step(9_410, 11_900, 'promote', { touches: rds('eu-west-1', 'orders-db') }, 9);
  return log.step(11_910, 12_400, 'flip', { touches: 'www.orders.test A' }, 5);
}

function goBack(log: LogBuilder): LogBuilder {
  log.phase(18_000, 'failback').undo(18_010, 18_400, 'lose', { by: 'heal', name: 'subnet-0a', last: false });
  log.undo(18_010, 18_500, 'lose', { by: 'heal', name: 'subnet-0c' });
  log.step(18_520, 19_900, 'keep-old', { touches: oldPrimary, fate: 'kept' }, 4);
  log.step(19_910, 26_200, 'rebuild', {
    touches: rds('eu-central-1', 'orders-db'),
    arn: rds('eu-central-1', 'orders-db'),
    fate: 'adopted',
  });
  log.step(26_210, 26_900, 'stop-writes', { touches: rds('eu-west-1', 'orders-db') }, 5);
  log.probe(27_000, 'write', 'bad', 26_820, 'status 503');
  log.step(26_910, 27_000, 'caught-up', { touches: rds('eu-central-1', 'orders-db') });
  log.step(27_010, 27_800, 'promote-back', { touches: rds('eu-central-1', 'orders-db') }, 7);
  log.undo(27_810, 28_200, 'flip', { by: 'flip-back' });
  log.probe(33_260, 'write', 'good', 28_220);
  log.step(28_210, 29_500, 'keep-passive', { touches: oldPassive, fate: 'kept' }, 4);
  return log.step(29_510, 36_000, 'rebuild-passive', {
    touches: rds('eu-west-1', 'orders-db'),
    arn: rds('eu-west-1', 'orders-db'),
    fate: 'adopted',
  });
}

const recovery: Recovery = {
  measured: {
    lowerMs: 6_200,
    upperMs: 6_620,
    clock: 'monotonic',
    episodes: 1,
    perProbe: { read: { lowerMs: 6_000, upperMs: 6_400 }, write: { lowerMs: 6_200, upperMs: 6_600 } },
  },
  declared: { decisionMs: 600_000 },
  rto: { lowerMs: 606_200, upperMs: 606_620 },
  rpo: { exercised: true, upperMs: 240, lostWrites: 3, ackedWrites: 412, indeterminateWrites: 2 },
  phases: [
    { name: 'detect', startMs: 0, endMs: 2_310 },
    { name: 'decide', startMs: 2_310, endMs: 2_410 },
    { name: 'recover', startMs: 2_410, endMs: 6_400 },
    { name: 'settle', startMs: 6_410, endMs: 11_900 },
  ],
  failback: {
    rto: { lowerMs: 1_200, upperMs: 1_600 },
    rpo: { exercised: true, upperMs: 0, lostWrites: 0, ackedWrites: 120, indeterminateWrites: 0 },
  },
};

const kept = [
  { probe: 'read', kept: true },
  { probe: 'write', kept: true },
];

const passing: Judgement = {
  verdict: 'pass',
  undo: 'rolled-forward',
  recoveryLabel: 'aided',
  exitCode: 0,
  reasons: [],
  recovery,
  probes: kept,
};

const samples = (untilMs: number, writeBack = true): Sample[] => [
  ...samplesOf('read', untilMs, [{ fromMs: 6_200, toMs: 12_500, outcome: 'bad', why: 'timeout' }]),
  ...samplesOf(
    'write',
    untilMs,
    [
      { fromMs: 6_200, toMs: 6_600, outcome: 'indeterminate', why: 'timeout' },
      { fromMs: 6_600, toMs: 9_000, outcome: 'bad', why: 'timeout' },
      { fromMs: 9_000, toMs: 9_400, outcome: 'unknown', why: 'prober stalled' },
      { fromMs: 9_400, toMs: 12_600, outcome: 'bad', why: 'timeout' },
      ...(writeBack ? [{ fromMs: 26_800, toMs: 28_200, outcome: 'bad' as const, why: 'status 503' }] : []),
    ],
    20,
  ),
];

/** A regional failover and its failback, everything in time. */
export function passedRun(over: Partial<PlanSketch> = {}, judgement: Partial<Judgement> = {}): Run {
  const aws = over.environment === 'aws';
  const log = failOver(new LogBuilder(planOf(failover(over))), !aws);
  log.probe(17_600, 'read', 'good', 12_600).probe(17_620, 'write', 'good', 12_620);
  log.step(12_410, 17_900, 'recovered', { touches: 'read, write' }, 0);
  const entries = goBack(log)
    .add(36_500, { type: 'run.closing' })
    .finish(37_000, { ...passing, ...judgement });
  return { entries, samples: samples(36_500) };
}

/** Too slow, and a write too many lost; the way back worked. */
export function failedRun(): Run {
  const objectives = { rtoMs: 5_000, rpoMs: 100, failback: { rtoMs: 300_000 }, declared: {} };
  const slow = { ...recovery, declared: {}, rto: { lowerMs: 6_200, upperMs: 6_620 } };
  return passedRun(
    { runId: 'r2', objectives },
    {
      verdict: 'fail',
      exitCode: 1,
      reasons: [
        'RTO missed: up to 6.7 s, promised 5 s',
        'RPO missed: 240 ms of acknowledged writes are gone, promised 100 ms',
      ],
      recovery: slow,
      probes: [
        { probe: 'read', kept: true },
        { probe: 'write', kept: false, why: 'write did not recover in time' },
      ],
    },
  );
}

/** A person stops it while it waits for the alarm; what began is undone. */
export function abortedRun(): Run {
  const log = new LogBuilder(planOf(failover({ runId: 'r3' })));
  log.phase(10, 'baseline').step(20, 5_100, 'steady', { touches: 'read, write' }, 0);
  log.add(5_110, { type: 'step.skipped', step: 'close', why: 'its target is empty and may be' });
  log.phase(5_950, 'inject').step(6_000, 6_150, 'lose', { touches: 'subnet-0a1b' }, 4);
  log.phase(6_160, 'detect').begin(6_170, 'alarm', { touches: 'orders-down' });
  log.probe(6_710, 'read', 'bad', 6_200, 'timeout');
  log.add(7_000, {
    type: 'run.turned',
    turn: { kind: 'aborted', message: 'aborted by grace@example.com: wrong day', by: 'grace@example.com' },
  });
  log.phase(7_010, 'undo').undo(7_020, 7_600, 'lose');
  log.add(7_700, { type: 'run.closing' });
  const entries = log.finish(8_000, {
    verdict: 'aborted',
    undo: 'complete',
    recoveryLabel: 'unaided',
    exitCode: 4,
    reasons: ['aborted by grace@example.com: wrong day'],
    recovery: { declared: {}, phases: [{ name: 'detect', startMs: 0, endMs: 1_010 }] },
    probes: [],
  });
  return {
    entries,
    samples: samplesOf('read', 7_700, [{ fromMs: 6_200, toMs: 7_500, outcome: 'bad', why: 'timeout' }]),
  };
}

/** The network could not be given back: exit 5, on AWS. */
export function stuckRun(): Run {
  const steps: StepSketch[] = [
    { id: 'cut', uses: 'ec2/isolate-subnets', phase: 'inject', effect: 'changes', fault: true },
    { id: 'copy', uses: 'ec2/launch-instance', phase: 'recover', effect: 'creates' },
  ];
  const sketch = {
    runId: 'r4',
    name: 'az-kill',
    title: 'Orders lose a zone',
    environment: 'aws' as const,
    probes: [probeNamed('read')],
    steps,
  };
  const log = new LogBuilder(planOf({ ...sketch, objectives: { rtoMs: 120_000 } }));
  log.phase(10, 'inject').step(1_000, 1_200, 'cut', { touches: 'subnet-0a1b' });
  log.phase(1_300, 'recover').begin(1_400, 'copy', { touches: 'orders-restore' });
  log.add(1_700, {
    type: 'step.applied',
    step: 'copy',
    part: 'main',
    arn: 'arn:aws:ec2:eu-central-1:000000000000:instance/i-0f',
  });
  log.probe(1_800, 'read', 'bad', 1_400, 'refused');
  log.add(9_000, {
    type: 'step.failed',
    step: 'copy',
    part: 'main',
    error: { code: 'timed-out', message: 'the instance never became ready', remedy: 'Look at its console output.' },
    awsCalls: 9,
  });
  log.add(9_010, { type: 'run.turned', turn: { kind: 'failed', message: 'copy failed', step: 'copy' } });
  log.phase(9_020, 'undo').add(9_030, { type: 'step.undoing', step: 'copy', part: 'main' });
  log.add(10_000, {
    type: 'step.undo-failed',
    step: 'copy',
    part: 'main',
    error: {
      code: 'access-denied',
      message: 'ec2:TerminateInstances was denied',
      remedy: 'Allow it to the drill role.',
    },
  });
  log.add(10_010, { type: 'step.undoing', step: 'cut', part: 'main' });
  log.add(11_000, {
    type: 'step.undo-failed',
    step: 'cut',
    part: 'main',
    error: {
      code: 'changed-by-someone-else',
      message: 'subnet-0a1b was changed by someone else',
      remedy: 'Give it back its network ACL acl-1 by hand.',
    },
  });
  log.add(11_100, { type: 'run.closing' });
  const entries = log.finish(12_000, {
    verdict: 'fail',
    undo: 'incomplete',
    recoveryLabel: 'aided',
    exitCode: 5,
    reasons: ['copy failed: the instance never became ready', 'undo incomplete: copy, cut'],
    recovery: { declared: {}, phases: [] },
    probes: [{ probe: 'read', kept: false, why: 'read never recovered' }],
  });
  return {
    entries,
    samples: samplesOf('read', 11_000, [{ fromMs: 1_400, toMs: 11_000, outcome: 'bad', why: 'refused' }]),
  };
}

/** Still on: it waits for a person's decision. */
export function unfinishedRun(): Run {
  const { entries } = passedRun({ runId: 'r5' });
  const asked = entries.findIndex(({ event }) => event.type === 'step.begun' && event.step === 'go');
  return { entries: entries.slice(0, asked + 1), samples: [] };
}

/** The stuck run after grace had it taken back again, of which `left` steps did not come back. */
export function retried({ entries }: Pick<Run, 'entries'>, left: readonly string[] = []): LogEntry[] {
  const main = (step: string) => ({ step, part: 'main' });
  const error = { code: 'access-denied', message: 'denied again', remedy: 'Allow it to the drill role.' };
  const bodies: EventBody[] = [
    { type: 'undo.retried', by: 'grace', owner: 'node-b' },
    ...['copy', 'cut'].flatMap((step): EventBody[] => [
      { type: 'step.undoing', ...main(step) },
      left.includes(step) ? { type: 'step.undo-failed', ...main(step), error } : { type: 'step.undone', ...main(step) },
    ]),
    {
      type: 'undo.ended',
      undo: left.length > 0 ? 'incomplete' : 'complete',
      left: left.map((step) => `Part main of step ${step} could not be undone: denied again.`),
    },
  ];
  return later(entries, bodies);
}

/** The stuck run after its lab was seen to be gone. */
export const goneWithLab = ({ entries }: Pick<Run, 'entries'>): LogEntry[] =>
  later(entries, [{ type: 'undo.ended', undo: 'incomplete', left: [], gone: true }]);

function later(entries: readonly LogEntry[], bodies: readonly EventBody[]): LogEntry[] {
  const end = entries.at(-1)!;
  const addendum = bodies.map((body, n): LogEntry => {
    const event = { ...body, mark: markAt(60_000 + n * 500) };
    return {
      ...end,
      seq: end.seq + 1 + n,
      hash: `${n}`.repeat(64),
      prev: end.hash,
      body: JSON.stringify(event),
      event,
    };
  });
  return [...entries, ...addendum];
}
