/** An app on a store of its own, and runs in it that nobody had to wait for. */
import type { App } from '../../../src/app/app.ts';
import { openApp } from '../../../src/app/app.ts';
import { judgeRun } from '../../../src/app/drive-run.ts';
import { identify } from '../../../src/app/process-identity.ts';
import type { EventBody, ProcessIdentity } from '../../../src/domain/event.ts';
import { markNow } from '../../../src/domain/clock.ts';
import type { Clock, Mark } from '../../../src/domain/clock.ts';
import type { Plan } from '../../../src/domain/plan.ts';
import { packChunk, chainStart } from '../../../src/domain/sample-chain.ts';
import type { Sample } from '../../../src/domain/sample.ts';
import { Journal } from '../../../src/run/journal.ts';
import { temporaryHome } from '../../postgres/temporary.ts';
import { planOf } from '../../report/log-builder.ts';
import { emptyHead } from '../../support/memory-log.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

export interface TestApp {
  app: App;
  /** Environment in which commands find the same store. */
  env: NodeJS.ProcessEnv;
  close(): Promise<void>;
}

export async function openTestApp(): Promise<TestApp> {
  const temporary = await temporaryHome();
  const env = { FIREDRILL_HOME: temporary.home, FIREDRILL_LOG_LEVEL: 'silent' };
  const app = await openApp(env);
  return {
    app,
    env,
    async close() {
      await app.close();
      await temporary.remove();
    },
  };
}

/** A drill that loses something and finds that the service comes back by itself. */
export const planFor = (runId: string, more: Partial<Plan> = {}): Plan => ({
  ...planOf({
    runId,
    name: 'lose-a-zone',
    title: 'The service survives losing a zone',
    probes: undefined,
    objectives: { rtoMs: 60_000, steadyMs: 2_000 },
    steps: [{ id: 'lose', uses: 'ec2/isolate-subnets', phase: 'inject', effect: 'changes', fault: true }],
  }),
  ...more,
});

/** The mark of what has just begun, also for whoever looks only minutes later because the machine held him up. */
export function justNow(clock: Clock): Mark {
  const mark = markNow(clock);
  return { ...mark, ns: String(BigInt(mark.ns) + 600_000_000_000n) };
}

export async function begin(app: App, plan: Plan, endpoint?: string, lab?: ProcessIdentity): Promise<void> {
  const started = { type: 'run.started', plan, startedBy: 'ada@host', toolVersion: '1.2.3', endpoint, lab } as const;
  await app.log.append(plan.runId, emptyHead, { ...started, mark: markNow(new VirtualClock()) });
}

const part = { step: 'lose', part: 'acl' };
/** What happens in the run, and how long each thing takes, milliseconds. */
const story: readonly (readonly [ms: number, event: EventBody])[] = [
  [3_000, { type: 'phase.started', phase: 'inject' }],
  [0, { type: 'step.begun', ...part, key: 'k', before: 'open', after: 'shut', touches: 'acl-1' }],
  [100, { type: 'step.applied', ...part }],
  [100, { type: 'step.settled', ...part, awsCalls: 3 }],
  [0, { type: 'step.succeeded', step: 'lose', outputs: {} }],
  [12_000, { type: 'phase.started', phase: 'undo' }],
  [0, { type: 'step.undoing', ...part }],
  [200, { type: 'step.undone', ...part }],
  [4_000, { type: 'run.closing' }],
];

/** One sample every 100 ms; the service is away from 3.5 s to 8 s. */
function samplesOf(clock: VirtualClock): Sample[] {
  const endMs = Number(clock.monoNs()) / 1e6;
  return Array.from({ length: Math.floor(endMs / 100) }, (_, n): Sample => ({
    probe: 'read',
    seq: n,
    clockId: clock.clockId,
    sentNs: (BigInt(n) * 100_000_000n).toString(),
    doneNs: (BigInt(n) * 100_000_000n + 5_000_000n).toString(),
    outcome: n >= 35 && n < 80 ? 'bad' : 'good',
    at: new Date(Date.UTC(2026, 0, 1) + n * 100).toISOString(),
  }));
}

const denied = { code: 'access-denied', message: 'not allowed', remedy: 'Put acl-1 back by hand.' };

/** The same, with what it changed left as it is. */
const stuckStory = story.map(([ms, event]): (typeof story)[number] =>
  event.type === 'step.undone' ? [ms, { type: 'step.undo-failed', ...part, error: denied }] : [ms, event],
);

/** A run that could not undo what it had changed. */
export const stuckRun = (app: App, runId: string, more: Partial<Plan> = {}, lab?: ProcessIdentity): Promise<void> =>
  finishedRun(app, runId, more, stuckStory, lab);

/** A run whose process was killed after so many events of it. */
export async function killedRun(app: App, runId: string, events: number, more: Partial<Plan> = {}): Promise<void> {
  await begin(app, planFor(runId, more));
  const journal = await Journal.claim(app.log, new VirtualClock(), runId, 'process-1');
  for (const [, event] of story.slice(0, events)) await journal.append(event);
}

/** A process that was there once: this one's pid before it. */
export const goneProcess = async (app: App): Promise<ProcessIdentity> => ({
  ...(await identify(app.clock, process.pid))!,
  startTicks: '1',
});

/** A run from its beginning to its verdict, with raw samples in chunks and a seal. */
export async function finishedRun(
  app: App,
  runId: string,
  more: Partial<Plan> = {},
  told: typeof story = story,
  lab?: ProcessIdentity,
): Promise<void> {
  const clock = new VirtualClock();
  const plan = planFor(runId, more);
  await begin(app, { ...plan, probes: plan.probes.filter(({ canary }) => !canary) }, undefined, lab);
  const journal = await Journal.claim(app.log, clock, runId, 'process-1');
  for (const [ms, event] of told) {
    if (ms > 0) await clock.sleep(ms);
    await journal.append(event);
  }
  const samples = samplesOf(clock);
  let prev = chainStart;
  const size = Math.ceil(samples.length / 3);
  for (let n = 0; n < 3; n += 1) {
    const lines = samples.slice(n * size, (n + 1) * size).map((sample) => `${JSON.stringify(sample)}\n`);
    const chunk = packChunk(lines.join(''), { runId, prober: 'p', n, prev });
    await app.samples.putChunk(chunk);
    prev = chunk.hash;
  }
  await app.samples.seal(runId, 'p', { prober: 'p', chunks: 3, hash: prev, readbacks: [] });
  await journal.append({ type: 'samples.sealed', chunks: 3, hash: prev });
  await journal.append({ type: 'run.finished', judgement: await judgeRun(app, journal.entries) });
}
