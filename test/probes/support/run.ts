/** A run that a prober can watch: a plan of given probes, its log in memory, and the prober's own world around it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../src/app/system-clock.ts';
import { markNow } from '../../../src/domain/clock.ts';
import type { Drill, Probe } from '../../../src/domain/drill.ts';
import type { EventBody } from '../../../src/domain/event.ts';
import type { Plan, PositionWatch } from '../../../src/domain/plan.ts';
import { samplesIn } from '../../../src/domain/sample-chain.ts';
import type { Sample } from '../../../src/domain/sample.ts';
import type { ProberRun } from '../../../src/probes/prober.ts';
import { MemoryLog, emptyHead } from '../../support/memory-log.ts';
import { MemorySamples } from './store.ts';

export const clock = systemClock();
export const runId = 'run-1';

export const probeOf = (name: string, uses: string, params: Probe['with'], more: Partial<Probe> = {}): Probe => ({
  name,
  uses,
  with: params,
  everyMs: 50,
  timeoutMs: 250,
  expect: 'recovers',
  canary: uses.endsWith('/canary'),
  ttl: 'honour',
  connection: 'fresh',
  ...more,
});

export const planOf = (probes: readonly Probe[], positions: readonly PositionWatch[] = []): Plan => ({
  runId,
  drill: { guardrails: { maxDurationMs: 60_000 }, objectives: { steadyMs: 200 } } as unknown as Drill,
  environment: 'lab',
  targets: {},
  steps: [],
  probes,
  positions,
  previews: [],
  findings: [],
  planHash: '',
});

export class Run {
  readonly log = new MemoryLog();
  readonly samples = new MemorySamples();
  readonly plan: Plan;
  readonly notes: string[] = [];
  owned = true;
  #dir: string | undefined;

  constructor(plan: Plan) {
    this.plan = plan;
  }

  async start(): Promise<this> {
    this.#dir = await mkdtemp(join(tmpdir(), 'firedrill-probes-'));
    await this.tell({ type: 'run.started', plan: this.plan, startedBy: 'me', toolVersion: '0' });
    return this;
  }

  async tell(event: EventBody): Promise<void> {
    const head = (await this.log.read(runId)).at(-1) ?? emptyHead;
    await this.log.append(runId, head, { ...event, mark: markNow(clock) });
  }

  get spoolDir(): string {
    if (this.#dir === undefined) throw new Error('the run has not started');
    return join(this.#dir, 'spool');
  }

  /** What the prober is given. */
  get run(): ProberRun {
    const { log, samples, plan, spoolDir } = this;
    const ownerAlive = () => Promise.resolve(this.owned);
    const note = (problem: string) => void this.notes.push(problem);
    return { runId, plan, log, samples, clock, ownerAlive, spoolDir, env: {}, ownerlessMs: 0, note };
  }

  async end(): Promise<void> {
    this.owned = false; // A prober that a failed test has left ends by itself.
    if (this.#dir !== undefined) await rm(this.#dir, { recursive: true, force: true });
  }
}

/** What the prober has handed in so far, about once a second. */
export const keptBy = ({ samples }: Run): Sample[] => samples.kept.flatMap(samplesIn);

/** Looks every few milliseconds until something is so. */
export async function until(what: () => boolean, withinMs = 200_000): Promise<void> {
  const endNs = clock.monoNs() + BigInt(withinMs) * 1_000_000n;
  while (!what()) {
    if (clock.monoNs() > endNs) throw new Error(`not within ${withinMs} ms: ${what.toString()}`);
    await clock.sleep(5);
  }
}
