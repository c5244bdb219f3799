/** Drills and catalogue entries as planning sees them, short to write. */
import { z } from 'zod';
import type { ActionSpec } from '../../src/domain/catalogue.ts';
import type { Drill, Phase, Probe, Step } from '../../src/domain/drill.ts';
import { phases } from '../../src/domain/drill.ts';
import type { ResolvedTarget } from '../../src/domain/plan.ts';

const spec = (name: string, more: Partial<ActionSpec>): ActionSpec => ({
  name,
  describes: name,
  params: z.strictObject({}),
  effect: 'changes',
  timeoutMs: 60_000,
  ...more,
});

const specs = new Map(
  [
    spec('cut', { fault: true }),
    spec('fence', { fences: 'database' }),
    spec('promote', { promotes: 'replica' }),
    spec('flip', {}),
    spec('set-aside', { setsAside: 'database' }),
    spec('create-replica', { effect: 'creates', binds: { as: 'as', source: 'source' } }),
    spec('ask', { effect: 'observes', asks: true }),
    spec('look', { effect: 'observes' }),
    spec('undo', { effect: 'undo' }),
  ].map((each) => [each.name, each]),
);

export const specOf = (name: string): ActionSpec => specs.get(name)!;

type Sketch = Pick<Step, 'id' | 'uses'> & Partial<Step>;

export const probe = (name: string, more: Partial<Probe> = {}): Probe => ({
  name,
  uses: 'http/get',
  with: {},
  everyMs: 200,
  timeoutMs: 500,
  expect: 'recovers',
  canary: false,
  ttl: 'honour',
  connection: 'fresh',
  ...more,
});

export function drillOf(
  sketch: Partial<Record<Phase, readonly (Sketch | readonly Sketch[])[]>>,
  more: Partial<Drill> = {},
): Drill {
  const steps = Object.fromEntries(
    phases.map((phase) => [
      phase,
      (sketch[phase] ?? []).map((entry) =>
        (Array.isArray(entry) ? entry : [entry]).map((step) => complete(step as Sketch, phase)),
      ),
    ]),
  ) as unknown as Drill['steps'];
  return {
    apiVersion: 'firedrill/v1',
    name: 'drill',
    title: 'A drill',
    file: 'drill.yaml',
    definitionHash: 'd',
    values: 'lab',
    locations: { home: { name: 'home', account: '000000000000', region: 'eu-central-1', production: false } },
    targets: {},
    probes: { read: probe('read') },
    objectives: { rtoMs: 60_000, failback: {}, steadyMs: 5_000, declared: {} },
    assume: {},
    guardrails: { maxDurationMs: 7_200_000, stopOn: [], blackout: [] },
    steps,
    schedule: [],
    notify: [],
    ...more,
  };
}

const complete = (step: Sketch, phase: Phase): Step => ({
  phase,
  with: {},
  timeoutMs: 60_000,
  at: { file: 'drill.yaml', line: 1, column: 1 },
  ...step,
});

export const resolved = (name: string, more: Partial<ResolvedTarget> = {}): ResolvedTarget => ({
  name,
  type: 'rds/instance',
  location: 'home',
  account: '000000000000',
  region: 'eu-central-1',
  select: { id: name },
  items: [{ id: name, arn: `arn:${name}`, facts: { az: 'eu-central-1a' } }],
  ...more,
});
