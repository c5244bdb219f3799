/** Builds runs to be judged: a plan, a log with marks at chosen milliseconds, and samples of a chosen truth. */
import type { Mark } from '../../../src/domain/clock.ts';
import type { Drill, Objectives, Phase, Probe } from '../../../src/domain/drill.ts';
import type { EventBody, LogEntry, RunEvent } from '../../../src/domain/event.ts';
import type { Plan, PlannedStep, PositionWatch } from '../../../src/domain/plan.ts';
import type { Outcome, Sample } from '../../../src/domain/sample.ts';

export const clockId = 'boot-1';
/** The monotonic clock doesn't begin at 0, and wall time has nothing to do with it. */
const bootNs = 7_000_000_000_000n;
const wallMs = Date.parse('2026-03-01T12:00:00.000Z');

export const nsAt = (ms: number): string => (bootNs + BigInt(Math.round(ms * 1e6))).toString();
export const markAt = (ms: number): Mark => ({ clockId, ns: nsAt(ms), at: new Date(wallMs + ms).toISOString() });

export const probe = (name: string, more: Partial<Probe> = {}): Probe => ({
  name,
  uses: more.canary ? 'http/canary' : 'http/get',
  with: {},
  everyMs: 100,
  timeoutMs: 500,
  expect: 'recovers',
  canary: false,
  ttl: 'honour',
  connection: 'fresh',
  ...more,
});

export const step = (id: string, phase: Phase, more: Partial<PlannedStep> = {}): PlannedStep => ({
  id,
  phase,
  uses: 'some/action',
  with: {},
  timeoutMs: 60_000,
  at: { file: 'drill.yaml', line: 1, column: 1 },
  group: 0,
  effect: 'changes',
  stays: false,
  fault: phase === 'inject',
  asks: false,
  implicit: false,
  ...more,
});

export interface World {
  probes?: readonly Probe[];
  steps?: readonly PlannedStep[];
  objectives?: Partial<Objectives>;
  positions?: readonly PositionWatch[];
}

export function planOf({ probes = [], steps = [], objectives = {}, positions = [] }: World): Plan {
  const drill = {
    name: 'test',
    title: 'a drill',
    objectives: { failback: {}, steadyMs: 1_000, declared: {}, ...objectives },
  } as unknown as Drill;
  return {
    runId: 'run-1',
    drill,
    environment: 'lab',
    targets: {},
    steps,
    probes,
    positions,
    previews: [],
    findings: [],
    planHash: '',
  };
}

export type Told = [ms: number, event: EventBody];

/** A log of these events; `run.started` at 0 comes by itself. */
export function logOf(plan: Plan, told: readonly Told[]): LogEntry[] {
  const events: Told[] = [[0, { type: 'run.started', plan, startedBy: 'me', toolVersion: '0' }], ...told];
  return events.map(([ms, body], index) => {
    const event: RunEvent = { ...body, mark: markAt(ms) };
    return { runId: plan.runId, seq: index + 1, prev: '', hash: '', body: '', event };
  });
}

export const phase = (ms: number, name: Phase | 'undo'): Told => [ms, { type: 'phase.started', phase: name }];

/** A step that changes something: begun at `ms`, applied 10 ms later, settled and succeeded 20 ms later. */
export const changed = (ms: number, id: string, { pivot = false, outputs = {} } = {}): Told[] => [
  [ms, { type: 'step.begun', step: id, part: 'it', key: id, before: 1, after: 2, touches: id, pivot }],
  [ms + 10, { type: 'step.applied', step: id, part: 'it' }],
  [ms + 20, { type: 'step.settled', step: id, part: 'it', awsCalls: 1 }],
  [ms + 20, { type: 'step.succeeded', step: id, outputs }],
];

export const undone = (ms: number, id: string): Told[] => [
  [ms, { type: 'step.undoing', step: id, part: 'it' }],
  [ms + 20, { type: 'step.undone', step: id, part: 'it' }],
];

export const failed = (ms: number, id: string, message = 'no'): Told[] => [
  [ms, { type: 'step.failed', step: id, part: 'it', error: { code: 'x', message }, awsCalls: 1 }],
  [ms, { type: 'run.turned', turn: { kind: 'failed', message: `step ${id} failed: ${message}`, step: id } }],
];

export const sample = (
  name: string,
  seq: number,
  sentMs: number,
  outcome: Outcome,
  more: Partial<Sample> = {},
): Sample => ({
  probe: name,
  seq,
  clockId,
  sentNs: nsAt(sentMs),
  doneNs: nsAt(sentMs + 5),
  at: markAt(sentMs).at,
  outcome,
  ...more,
});

/** Open-loop samples every 100 ms from 0 to `untilMs`, bad where the truth says that the service is out. */
export function watched(name: string, untilMs: number, outages: readonly (readonly [number, number])[]): Sample[] {
  return Array.from({ length: Math.ceil(untilMs / 100) }, (_, n) => {
    const sentMs = n * 100 + 0.5;
    const out = outages.some(([from, to]) => sentMs >= from && sentMs < to);
    return sample(name, n, sentMs, out ? 'bad' : 'good', out ? { why: 'refused' } : {});
  });
}
