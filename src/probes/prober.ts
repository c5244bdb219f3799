/**
 * The eyes of a run: a process of its own that asks every probe of the plan from the run's start to its close, whatever becomes
 * of the orchestrator. It outlives a takeover, is replaced when it is killed, and ends by itself.
 *
 *   probes --open loop--> spool (disk) --chunks, once a second--> store      streaks --4 a second--> store
 *                                                                            (what the driver waits for)
 *   log says closing --> let open questions end, read canaries back, hand in, seal, remove the canaries
 *
 * The seal comes before canaries are removed: a prober that is killed in between has said what survived.
 */
import { randomUUID } from 'node:crypto';
import type { Clock } from '../domain/clock.ts';
import { markNow, msBetween } from '../domain/clock.ts';
import { FiredrillError } from '../domain/errors.ts';
import type { LogEntry } from '../domain/event.ts';
import type { Plan } from '../domain/plan.ts';
import type { Log, SampleStore } from '../domain/ports.ts';
import type { CanaryReadback } from '../domain/sample.ts';
import { positionProbe } from '../domain/sample.ts';
import { openPositions, openProbe } from './index.ts';
import { untilEnd } from './lifetime.ts';
import { readBack } from './readback.ts';
import { pause } from './schedule.ts';
import { Spool, adoptSpools } from './spool.ts';
import { Stalls } from './stalls.ts';
import { Streak } from './streak.ts';
import type { Watched } from './watcher.ts';
import { watch, withTimeout } from './watcher.ts';

export interface ProberRun {
  runId: string;
  plan: Plan;
  log: Log;
  samples: SampleStore;
  clock: Clock;
  /** Whether some process drives the run right now. */
  ownerAlive(): Promise<boolean>;
  /** Directory on this host for samples that aren't stored yet. Made when it isn't there. */
  spoolDir: string;
  /** FIREDRILL_RESOLVER and secrets are looked up here. */
  env: NodeJS.ProcessEnv;
  /** How long the run may be without an owner. Default 15 min; a rehearsal, which nobody takes over, says 0. */
  ownerlessMs?: number;
  /** Takes problems that don't stop the prober. Default: standard error. */
  note?(problem: string): void;
}

const statusEveryMs = 250;
const uploadEveryMs = 1_000;
const cleanUpMs = 5_000;
/** The store may be away when the run closes. Nobody waits longer for the seal. */
const handInMs = 60_000;
const dayMs = 86_400_000;
const minPositionTimeoutMs = 1_000;

/**
 * Watches one run until it closes. Only one prober may watch a run at a time: the caller holds the lock.
 * @throws UsageError when a probe of the plan can't be opened
 * @throws FiredrillError `samples-not-stored` when the store stayed away; they are in the spool then
 */
export async function probe(run: ProberRun): Promise<void> {
  const { runId, log, samples, clock } = run;
  const entries = await log.read(runId);
  await adoptSpools(run.spoolDir, runId, samples);
  if (has(entries, 'run.finished')) return;
  const watched = openAll(run);
  try {
    // What a prober that has sealed didn't get to: its word stands, reading back again would find what it had removed.
    if (has(entries, 'run.closing') && (await samples.seals(runId)).length > 0) await cleanUp(watched, run);
    else await observe(run, watched, firstNumber(entries, clock));
  } finally {
    for (const { live } of watched) live.close();
  }
}

async function observe(run: ProberRun, watched: readonly Watched[], firstN: number): Promise<void> {
  const { runId, plan, log, samples, clock, ownerlessMs = 15 * 60_000 } = run;
  const spool = new Spool(run.spoolDir, runId, randomUUID(), samples);
  const stalls = new Stalls(clock);
  const asking = new AbortController();
  const storing = new AbortController();
  const context = { clock, stalls, firstN, write: spool.add.bind(spool) };
  const watching = Promise.all(watched.map((each) => watch(each, context, asking.signal)));
  const background = Promise.all([
    stalls.watch(storing.signal),
    repeat(clock, statusEveryMs, storing.signal, () => putStatus(run, spool.prober, watched)),
    repeat(clock, uploadEveryMs, storing.signal, () =>
      spool.upload().catch((error: unknown) => note(run, 'samples are not stored yet', error)),
    ),
  ]);
  try {
    const life = {
      runId,
      log,
      clock,
      ownerAlive: () => run.ownerAlive(),
      ownerlessMs,
      deadlineMs: 2 * plan.drill.guardrails.maxDurationMs + dayMs,
      note: (problem: string, error: unknown) => note(run, problem, error),
    };
    const end = await untilEnd(life, failureOf(watching));
    asking.abort();
    await watching;
    const readbacks = end === 'closing' ? await readAllBack(watched, clock) : [];
    storing.abort();
    await background;
    await handIn(spool, run);
    // A run without an owner may be taken up again, and its driver takes a seal for the last word. One that is judged stays as judged.
    if (end === 'closing') await samples.seal(runId, spool.prober, { prober: spool.prober, ...spool.chain, readbacks });
    if (end === 'closing' || end === 'finished') await cleanUp(watched, run);
    await spool.remove();
  } finally {
    asking.abort();
    storing.abort();
  }
}

function openAll({ runId, plan, clock, env }: ProberRun): Watched[] {
  const context = { runId, plan, clock, env };
  const probes = plan.probes.map((probe) => ({
    probe,
    live: openProbe(probe, context),
    streak: new Streak(probe, clock.clockId),
  }));
  const positions = openPositions(context).map(({ watch: { target, everyMs }, live }) => ({
    probe: { name: positionProbe(target), everyMs, timeoutMs: Math.max(everyMs, minPositionTimeoutMs) },
    live,
  }));
  return [...probes, ...positions];
}

const has = (entries: readonly LogEntry[], type: LogEntry['event']['type']): boolean =>
  entries.some(({ event }) => event.type === type);

/**
 * Questions are numbered from the milliseconds since the run began. Nothing is asked more than once a millisecond, so every
 * number of an earlier prober is smaller, and no canary is written twice.
 */
function firstNumber([first]: readonly LogEntry[], clock: Clock): number {
  return first ? Math.max(0, Math.ceil(msBetween(first.event.mark, markNow(clock)).ms)) : 0;
}

/** A rejection that nobody can miss, while other things are awaited. Never resolves. */
const failureOf = (work: Promise<unknown>): Promise<never> =>
  new Promise((_, reject) => {
    work.catch(reject);
  });

async function repeat(clock: Clock, everyMs: number, signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  while (await pause(clock, everyMs, signal)) await work();
}

async function putStatus(run: ProberRun, prober: string, watched: readonly Watched[]): Promise<void> {
  const statuses = watched.flatMap(({ streak }) => streak?.status() ?? []);
  try {
    await run.samples.putStatus(run.runId, prober, statuses);
  } catch (error) {
    note(run, 'how the probes stand could not be stored', error);
  }
}

const readAllBack = (watched: readonly Watched[], clock: Clock): Promise<CanaryReadback[]> =>
  Promise.all(watched.flatMap(({ probe, live }) => (live.readBack ? [readBack(probe.name, live, clock)] : [])));

async function handIn(spool: Spool, run: ProberRun): Promise<void> {
  const { clock } = run;
  const startNs = clock.monoNs();
  const never = new AbortController().signal;
  for (;;) {
    try {
      return await spool.upload();
    } catch (cause) {
      if (Number(clock.monoNs() - startNs) / 1e6 > handInMs) {
        throw new FiredrillError('samples-not-stored', `the samples of run ${run.runId} could not be stored`, {
          remedy: `They are in ${run.spoolDir}; the next prober of the run on this host stores them.`,
          cause,
        });
      }
      note(run, 'samples are not stored yet', cause);
    }
    await pause(clock, uploadEveryMs, never);
  }
}

async function cleanUp(watched: readonly Watched[], run: ProberRun): Promise<void> {
  for (const { probe, live } of watched) {
    if (!live.cleanUp) continue;
    try {
      await withTimeout(run.clock, cleanUpMs, (signal) => live.cleanUp!(signal));
    } catch (error) {
      note(run, `canaries of probe ${probe.name} stay where they were written`, error);
    }
  }
}

function note(run: ProberRun, problem: string, error: unknown): void {
  const text = `${problem}: ${error instanceof Error ? error.message : String(error)}`;
  if (run.note) run.note(text);
  else process.stderr.write(`${text}\n`);
}
