/** Builds logs of runs by hand: a plan from a few words, then events at given milliseconds, chained by hash. */
import { createHash } from 'node:crypto';
import type { Mark } from '../../src/domain/clock.ts';
import type { Drill, Objectives, Phase, Probe } from '../../src/domain/drill.ts';
import type { EventBody, LogEntry } from '../../src/domain/event.ts';
import { canonical } from '../../src/domain/json.ts';
import type { Json } from '../../src/domain/json.ts';
import type { Plan, PlannedStep } from '../../src/domain/plan.ts';
import type { Judgement } from '../../src/domain/record.ts';
import type { Sample } from '../../src/domain/sample.ts';

const clockId = 'boot-1';
const epochMs = Date.parse('2026-03-14T09:00:00.000Z');
const epochNs = 5_000_000_000_000n;

export const markAt = (ms: number): Mark => ({
  clockId,
  ns: (epochNs + BigInt(Math.round(ms * 1e6))).toString(),
  at: new Date(epochMs + ms).toISOString(),
});

export interface StepSketch extends Partial<PlannedStep> {
  id: string;
  uses: string;
  phase: Phase;
}

const plannedStep = (sketch: StepSketch, group: number): PlannedStep => ({
  with: {},
  timeoutMs: 600_000,
  at: { file: 'drill.yaml', line: group + 30, column: 5 },
  group,
  effect: 'observes',
  stays: false,
  fault: false,
  asks: sketch.uses === 'approval',
  implicit: false,
  ...sketch,
});

export const probeNamed = (name: string, canary = false): Probe => ({
  name,
  uses: canary ? 'http/canary' : 'http/get',
  with: {},
  everyMs: 200,
  timeoutMs: 500,
  expect: 'recovers',
  canary,
  ttl: 'honour',
  connection: 'fresh',
});

export interface PlanSketch {
  runId: string;
  name: string;
  title: string;
  environment?: Plan['environment'];
  regions?: readonly string[];
  objectives?: Partial<Objectives>;
  assume?: Drill['assume'];
  probes?: readonly Probe[];
  steps: readonly StepSketch[];
  findings?: Plan['findings'];
}

export function planOf(sketch: PlanSketch): Plan {
  const probes = sketch.probes ?? [probeNamed('read'), probeNamed('write', true)];
  const steps = sketch.steps.map(plannedStep);
  const drill: Drill = {
    apiVersion: 'firedrill/v1',
    name: sketch.name,
    title: sketch.title,
    file: `drills/${sketch.name}.yaml`,
    definitionHash: hashOf(`definition of ${sketch.name}`),
    values: sketch.environment === 'aws' ? 'prod' : 'lab',
    locations: Object.fromEntries(
      (sketch.regions ?? ['eu-central-1', 'eu-west-1']).map((region, n) => [
        n === 0 ? 'active' : 'passive',
        { name: n === 0 ? 'active' : 'passive', account: accountOf(sketch), region, production: false },
      ]),
    ),
    targets: {},
    probes: Object.fromEntries(probes.map((probe) => [probe.name, probe])),
    objectives: { failback: {}, steadyMs: 5_000, declared: {}, ...sketch.objectives },
    assume: sketch.assume ?? {},
    guardrails: { maxDurationMs: 7_200_000, stopOn: [], blackout: [] },
    steps: { baseline: [], inject: [], detect: [], decide: [], recover: [], verify: [], failback: [] },
    schedule: [],
    notify: [],
  };
  return {
    runId: sketch.runId,
    drill,
    environment: sketch.environment ?? 'lab',
    targets: {},
    steps,
    probes,
    positions: [],
    previews: [],
    findings: sketch.findings ?? [],
    planHash: hashOf(`plan of ${sketch.name}`),
  };
}

/** A lab has the account that AWS gives nobody. */
const accountOf = ({ environment = 'lab' }: PlanSketch): string =>
  environment === 'lab' ? '000000000000' : '111122223333';

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

interface PartSketch {
  name?: string;
  touches: string;
  arn?: string;
  fate?: 'adopted' | 'kept';
}

/** Events at given milliseconds since the start of the run; the log has them in the order of time. */
export class LogBuilder {
  readonly plan: Plan;
  readonly #events: { ms: number; body: EventBody }[] = [];

  constructor(plan: Plan, startedBy = 'ada@example.com') {
    this.plan = plan;
    this.add(0, { type: 'run.started', plan, startedBy, toolVersion: '0.1.0' });
    this.add(1, { type: 'run.claimed', owner: 'node-a', attempt: 1 });
  }

  add(ms: number, body: EventBody): this {
    this.#events.push({ ms, body });
    return this;
  }

  get entries(): LogEntry[] {
    const { runId } = this.plan;
    const entries: LogEntry[] = [];
    for (const { ms, body } of this.#events.toSorted((a, b) => a.ms - b.ms)) {
      const seq = entries.length + 1;
      const prev = entries.at(-1)?.hash ?? '0'.repeat(64);
      const event = { ...body, mark: markAt(ms) };
      const text = canonical(event as unknown as Json);
      entries.push({ runId, seq, prev, hash: hashOf(`${prev}\n${runId}\n${seq}\n${text}`), body: text, event });
    }
    return entries;
  }

  phase(ms: number, phase: Phase | 'undo'): this {
    return this.add(ms, { type: 'phase.started', phase });
  }

  begin(ms: number, id: string, { name = 'main', touches, fate }: PartSketch): this {
    const step = this.plan.steps.find((each) => each.id === id)!;
    return this.add(ms, {
      type: 'step.begun',
      step: id,
      part: name,
      key: `${this.plan.runId}.${id}.${name}`,
      touches,
      fate,
      ...(step.effect === 'changes' && { before: 'as it was', after: 'as it shall be' }),
      ...(step.effect === 'creates' && { identity: { name: `${id}-${this.plan.runId}` } }),
      ...(step.pivot !== undefined && { pivot: true }),
      ...(step.uses === 'approval' && {
        asks: { question: canonical(step.with['ask']).slice(1, -1), fourEyes: false },
      }),
    });
  }

  /** A whole step of one part that goes well. */
  step(fromMs: number, toMs: number, id: string, part: PartSketch, awsCalls = 2): this {
    const { name = 'main', arn } = part;
    const effect = this.plan.steps.find((each) => each.id === id)!.effect;
    this.begin(fromMs, id, part);
    if (effect !== 'observes') this.add((fromMs + toMs) / 2, { type: 'step.applied', step: id, part: name, arn });
    this.add(toMs, { type: 'step.settled', step: id, part: name, awsCalls });
    return this.add(toMs, { type: 'step.succeeded', step: id, outputs: {} });
  }

  /** Takes one part of a step back; with `by`, for an undo step of the drill, which succeeds with its last part. */
  undo(
    fromMs: number,
    toMs: number,
    id: string,
    { by, name = 'main', last = true }: { by?: string; name?: string; last?: boolean } = {},
  ): this {
    this.add(fromMs, { type: 'step.undoing', step: id, part: name, by });
    this.add(toMs, { type: 'step.undone', step: id, part: name });
    return by !== undefined && last ? this.add(toMs, { type: 'step.succeeded', step: by, outputs: {} }) : this;
  }

  probe(ms: number, probe: string, state: 'good' | 'bad' | 'unknown', sinceMs: number, why?: string): this {
    return this.add(ms, { type: 'probe.changed', probe, state, sinceNs: markAt(sinceMs).ns, clockId, why });
  }

  finish(ms: number, judgement: Judgement): LogEntry[] {
    this.add(ms - 20, { type: 'samples.sealed', chunks: 61, hash: hashOf('samples') });
    this.add(ms, { type: 'run.finished', judgement });
    return this.entries;
  }
}

export interface Spell {
  fromMs: number;
  toMs: number;
  outcome: Sample['outcome'];
  why?: string;
}

/** Samples of one probe every 200 ms: good, but for the given spells. */
export function samplesOf(probe: string, untilMs: number, spells: readonly Spell[], offsetMs = 0): Sample[] {
  const samples: Sample[] = [];
  for (let ms = offsetMs, seq = 0; ms < untilMs; ms += 200, seq += 1) {
    const spell = spells.find(({ fromMs, toMs }) => ms >= fromMs && ms < toMs);
    const outcome = spell?.outcome ?? 'good';
    const { ns: sentNs, at } = markAt(ms);
    const doneNs = markAt(ms + (outcome === 'good' ? 4 : 500)).ns;
    samples.push({ probe, seq, clockId, sentNs, doneNs, outcome, at, why: spell?.why });
  }
  return samples;
}
