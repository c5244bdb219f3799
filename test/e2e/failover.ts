/**
 * A failover drill that a person runs and approves, watched by everybody who can tell whether the run says the truth: a client of
 * the site, a writer on every database, and a database that remembers which rows were there.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunRecord } from '../../src/domain/record.ts';
import type { CanaryReadback, Sample } from '../../src/domain/sample.ts';
import { runIdIn } from './cli.ts';
import type { Home, Outcome, Running } from './cli.ts';
import type { LabUp } from './lab.ts';
import { patience, patienceMs, patientDrill } from './shipped.ts';
import { rememberCleanedUp, survivors, watchPrimaries } from './sql.ts';
import { TruthClient, outageIn, truthRun } from './truth.ts';
import type { Asked, TrueOutage } from './truth.ts';

/** As drills/regional-failover.yaml has it. */
const periodMs = 200;
const leastTimeoutMs = 500;
const steadyMs = 2_000;

/**
 * How far apart the bounds of an outage may lie: two periods, and the least timeout there is. A prober that was held up has
 * asked less often, and says so.
 */
export function widestMs(samples: readonly Sample[]): number {
  const sentMs = samples.filter(({ outcome }) => outcome !== 'unknown').map(({ sentNs }) => Number(sentNs) / 1e6);
  const gaps = sentMs.toSorted((a, b) => a - b).map((ms, n, all) => ms - (all[n - 1] ?? ms));
  return 2 * Math.max(periodMs, ...gaps) + leastTimeoutMs;
}

/** The shipped drill; probes ask for the address every time, as the truth does, and no human time is declared. */
export const failoverDrill = (home: Home): Promise<string> =>
  patientDrill(home, 'regional-failover', (text) =>
    text.replaceAll(`${patience} }`, `${patience}, ttl: ignore }`).replace(/^ {2}declared:.*\n/m, ''),
  );

export interface Watched {
  home: Home;
  lab: LabUp;
  outcome: Outcome;
  record: RunRecord;
  /** Of the failover, by what was asked, and of both together. */
  truth: Record<Asked | 'any', TrueOutage | undefined>;
  /** Numbers of writes that the truth's client saw acknowledged, and of those that are not there any more. */
  truthWrites: { acked: number; lost: number[] };
  /** The probe's writes: what its samples say was acknowledged, and what of it is not there any more, by SQL. */
  probeWrites: { acked: number; lost: number[] };
  /** What the probes saw. */
  samples: readonly Sample[];
  splits: string[];
  writable: string[];
  /** How often the truth was asked for in the end, milliseconds. */
  truthPeriodMs: number;
}

/** Runs the drill in the home's lab and watches it until it is over. */
export async function watchFailover(home: Home, lab: LabUp, drill: string): Promise<Watched> {
  await rememberCleanedUp(lab);
  const truth = await TruthClient.start(lab, patienceMs);
  const primaries = watchPrimaries(lab);
  const started = performance.now();
  const run = home.start('run', drill, '--values', 'lab', '--json');
  const [conducted] = await Promise.allSettled([Promise.race([conduct(home, run), tooLong(run)])]);
  await truth.stop();
  const seen = await primaries.stop();
  if (conducted.status === 'rejected') throw conducted.reason;
  const { wentBack, outcome } = conducted.value;
  const record = JSON.parse(outcome.stdout) as RunRecord;
  const stretch = { fromMs: started, toMs: wentBack, steadyMs };
  const of = (...kinds: readonly Asked[]) =>
    outageIn(
      truth.samples.filter(({ asked }) => kinds.includes(asked)),
      stretch,
    );
  const truthAcked = truth.samples.filter(({ asked, outcome: was }) => asked === 'write' && was === 'good');
  const truthThere = await survivors(lab, truthRun);
  const samples = await samplesOf(home, record.runId);
  return {
    home,
    lab,
    outcome,
    record,
    truth: { read: of('read'), write: of('write'), any: of('read', 'write') },
    truthWrites: {
      acked: truthAcked.length,
      lost: truthAcked.map(({ n }) => n).filter((n) => !truthThere.has(n)),
    },
    probeWrites: await probeWrites(samples, lab, record.runId),
    samples,
    ...seen,
    truthPeriodMs: truth.periodMs,
  };
}

async function conduct(home: Home, run: Running): Promise<{ wentBack: number; outcome: Outcome }> {
  await approveAsPerson(home, run);
  await run.says(/ failback$/m);
  return { wentBack: performance.now(), outcome: await run.ended };
}

/** Far more than a failover and its failback take, milliseconds. */
const boundMs = 500_000;

/** What a run that doesn't end has said so far is all there is to find out why. */
async function tooLong(run: Running): Promise<never> {
  const bound = new AbortController();
  void run.ended.then(() => bound.abort());
  await sleep(boundMs, undefined, { signal: bound.signal }).catch(() => run.ended);
  if (bound.signal.aborted) return new Promise(() => {});
  throw new Error(`the run has not ended within ${boundMs} ms:\n${run.said()}`);
}

/** A second command, by a person who was asked. */
export async function approveAsPerson(home: Home, run: Running): Promise<void> {
  await run.says(/firedrill approve r/);
  const { code, stderr } = await home.run('approve', runIdIn(run.said()), '--comment', 'traffic is low');
  if (code !== 0) throw new Error(`approve: exit ${code}\n${stderr}`);
}

async function samplesOf(home: Home, runId: string): Promise<Sample[]> {
  const { stdout } = await home.run('report', runId, '--format', 'samples');
  const rows = stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Sample | CanaryReadback);
  return rows.filter((row) => 'outcome' in row);
}

async function probeWrites(samples: readonly Sample[], lab: LabUp, runId: string): Promise<Watched['probeWrites']> {
  const acked = samples.flatMap(({ probe, outcome, seq }) => (probe === 'write' && outcome === 'good' ? [seq] : []));
  const there = await survivors(lab, runId);
  return { acked: acked.length, lost: acked.filter((n) => !there.has(n)) };
}
