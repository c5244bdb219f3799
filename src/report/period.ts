/**
 * What many runs say together, drill by drill: how many there were, the worst of each figure, and what a streak without a miss
 * proves. Never a percentile: ten drills have no 99th. What did not take place on AWS stands apart and proves nothing about AWS.
 */
import type { RunRecord } from '../domain/record.ts';
import { drillsNeeded, provenShare } from './availability.ts';
import { atMost, counted, day, duration, percentDown } from './quantities.ts';

export interface DrillHistory {
  drill: string;
  title: string;
  kind: RunRecord['kind'];
  environment: RunRecord['environment'];
  notAws: RunRecord['notAws'];
  /** Oldest first. */
  runs: readonly RunRecord[];
  passed: number;
  failed: number;
  /** Inconclusive or aborted: they count neither for nor against. */
  withoutResult: number;
  worstRtoMs?: number;
  worstRpoMs?: number;
  /** The newest run that passed. */
  newestPass?: RunRecord;
  /** Newest promise. */
  promisedRtoMs?: number;
  promisedRpoMs?: number;
  streak: Streak;
}

/** Passed runs in a row up to now. It starts again with a miss and with every change of the definition. */
interface Streak {
  n: number;
  /** Share of events that keep the promise, at 95 % confidence; 0 without a streak. */
  share: number;
  startedAfter: 'nothing' | 'the last miss' | 'the last change of the drill';
}

export interface Period {
  from: string;
  to: string;
  drills: readonly DrillHistory[];
}

/** @param records at least one, in any order */
export function periodOf(records: readonly RunRecord[]): Period {
  const sorted = records.toSorted((a, b) => Date.parse(a.startedAt) - Date.parse(b.startedAt));
  const groups = new Map<string, RunRecord[]>();
  for (const record of sorted) {
    const key = [record.environment, record.notAws, record.kind, record.drill].join('\n');
    groups.set(key, [...(groups.get(key) ?? []), record]);
  }
  return {
    from: sorted[0]?.startedAt ?? '',
    to: sorted.at(-1)?.startedAt ?? '',
    drills: [...groups.values()].map(historyOf).toSorted(byEvidence),
  };
}

/** Evidence before what is none, failovers before restores. */
const byEvidence = (a: DrillHistory, b: DrillHistory): number =>
  Number(a.notAws !== undefined) - Number(b.notAws !== undefined) ||
  Number(a.kind === 'restore') - Number(b.kind === 'restore') ||
  (a.drill < b.drill ? -1 : 1);

function historyOf(runs: readonly RunRecord[]): DrillHistory {
  const newest = runs.at(-1)!;
  const of = (verdict: RunRecord['verdict']): number => runs.filter((run) => run.verdict === verdict).length;
  const passed = of('pass');
  const failed = of('fail');
  return {
    drill: newest.drill,
    title: newest.title,
    kind: newest.kind,
    environment: newest.environment,
    notAws: newest.notAws,
    runs,
    passed,
    failed,
    withoutResult: runs.length - passed - failed,
    worstRtoMs: worst(runs.map(({ recovery }) => recovery.rto?.upperMs)),
    worstRpoMs: worst(runs.map(({ recovery }) => (recovery.rpo?.exercised ? recovery.rpo.upperMs : undefined))),
    newestPass: runs.findLast(({ verdict }) => verdict === 'pass'),
    promisedRtoMs: newest.objectives.rtoMs,
    promisedRpoMs: newest.objectives.rpoMs,
    streak: streakOf(runs),
  };
}

function worst(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : known.reduce((a, b) => Math.max(a, b));
}

function streakOf(runs: readonly RunRecord[]): Streak {
  let n = 0;
  let startedAfter: Streak['startedAfter'] = 'nothing';
  let definition = runs[0]?.definitionHash;
  for (const { verdict, definitionHash } of runs) {
    if (definitionHash !== definition) {
      definition = definitionHash;
      n = 0;
      startedAfter = 'the last change of the drill';
    }
    if (verdict === 'pass') n += 1;
    if (verdict === 'fail') {
      n = 0;
      startedAfter = 'the last miss';
    }
  }
  return { n, share: provenShare(n), startedAfter };
}

/** What the history proves, in one or two sentences. */
export function provenWords({ environment, notAws, kind, streak, newestPass }: DrillHistory): string {
  if (notAws !== undefined) {
    const runs = environment === 'lab' ? 'Rehearsals' : 'Runs against what is not AWS';
    return newestPass
      ? `${runs} show that the procedure works. They prove nothing about AWS.`
      : `${runs} prove nothing about AWS.`;
  }
  if (streak.n === 0) return 'Nothing is proven: the newest run with a result missed its promise, or there was none.';
  const proven = percentDown(streak.share, 0);
  const next = [0.5, 0.75, 0.9, 0.95, 0.99].find((share) => share > streak.share)!;
  const missing = drillsNeeded(next) - streak.n;
  const proviso = streak.startedAfter === 'the last miss' ? ', provided that its cause is gone' : '';
  const since = streak.startedAfter === 'nothing' ? '' : ` since ${streak.startedAfter}`;
  const row = streak.n === 1 ? '1 run' : `${streak.n} runs in a row`;
  return (
    `${row} without a miss${since} ${streak.n === 1 ? 'shows' : 'show'} at 95 % confidence that at least ${proven} % of such ` +
    `${kind === 'restore' ? 'restores' : 'events'} keep the promise${proviso}. ${counted(missing, 'more run')} without a miss would show ${next * 100} %.`
  );
}

/** `5 runs: 4 passed, 1 failed`. */
export function countWords({ runs, passed, failed, withoutResult }: DrillHistory): string {
  const parts = [
    ...(passed > 0 ? [`${passed} passed`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(withoutResult > 0 ? [`${withoutResult} without a result`] : []),
  ];
  return `${counted(runs.length, 'run')}: ${parts.join(', ')}`;
}

/** `longest recovery 10 min 7 s (promised at most 20 min)`. */
export function worstWords({ kind, worstRtoMs, promisedRtoMs, worstRpoMs, promisedRpoMs }: DrillHistory): string[] {
  const promised = (ms: number | undefined): string => (ms === undefined ? '' : ` (promised ${atMost(ms)})`);
  const most = kind === 'restore' ? 'oldest data' : 'largest loss';
  return [
    ...(worstRtoMs === undefined ? [] : [`longest recovery ${duration(worstRtoMs, 'up')}${promised(promisedRtoMs)}`]),
    ...(worstRpoMs === undefined
      ? []
      : [`${most} ${worstRpoMs === 0 ? 'none' : duration(worstRpoMs, 'up')}${promised(promisedRpoMs)}`]),
  ];
}

/** When the drill passed last, and how often it was tried since. */
export function newestPassWords({ runs, newestPass }: DrillHistory): string {
  if (!newestPass) return 'never passed in this time';
  const since = runs.length - 1 - runs.indexOf(newestPass);
  const tried = since === 0 ? '' : `, and ${counted(since, 'run')} since then did not`;
  return `passed last on ${day(newestPass.startedAt)} (${newestPass.runId})${tried}`;
}

/** How the measured part of a restore and the age of its data went from the first run that has them to the newest. */
export function changeWords({ kind, runs }: DrillHistory): string[] {
  if (kind !== 'restore') return [];
  const restores = runs.flatMap(({ recovery }) => (recovery.measured ? [recovery.measured.upperMs] : []));
  const ages = runs.flatMap(({ recovery: { rpo } }) =>
    rpo?.exercised && rpo.recoveryPointAgeMs !== undefined ? [rpo.recoveryPointAgeMs] : [],
  );
  return [...change('the measured part', restores), ...change('the age of the data', ages)];
}

function change(what: string, values: readonly number[]): string[] {
  const first = values[0];
  const newest = values.at(-1);
  if (first === undefined || newest === undefined || values.length < 2) return [];
  const [from, to] = [duration(first, 'up'), duration(newest, 'up')];
  return [from === to ? `${what} stayed at ${to}` : `${what} went from ${from} to ${to}`];
}

export interface TrendRow {
  day: string;
  runId: string;
  verdict: string;
  rto: string;
  /** Loss of writes; of a restore, age of the data. */
  rpo: string;
  startedBy: string;
}

/** One row a run, newest first. */
export const trendOf = ({ runs }: DrillHistory): TrendRow[] =>
  runs.toReversed().map(({ startedAt, runId, verdict, killed, recovery, startedBy }) => ({
    day: day(startedAt),
    runId,
    verdict: killed ? 'unfinished' : verdict,
    rto: recovery.rto ? duration(recovery.rto.upperMs, 'up') : 'not measured',
    rpo: rpoText(recovery.rpo),
    startedBy,
  }));

function rpoText(rpo: RunRecord['recovery']['rpo']): string {
  if (!rpo) return 'not measured';
  if (rpo.lowerMs !== undefined) return `at least ${duration(rpo.lowerMs, 'down')}`;
  if (!rpo.exercised || rpo.upperMs === undefined) return rpo.recoveryPoints ? 'not shown' : 'not exercised';
  return rpo.upperMs === 0 ? 'none' : duration(rpo.upperMs, 'up');
}

/** What the last figure of a row is called. */
export const rpoTitle = ({ kind }: DrillHistory): string => (kind === 'restore' ? 'Data age' : 'RPO');

const kindWords: Record<RunRecord['kind'], readonly [one: string, many: string]> = {
  recovery: ['failover drill', 'failover drills'],
  restore: ['restore drill', 'restore drills'],
};

/** Above all drills: how many were run, and how many keep what is promised now; restores apart from failovers. */
export function periodHeadline({ drills }: Period): string {
  const real = drills.filter(({ notAws }) => notAws === undefined);
  if (real.length === 0) return 'Only rehearsals took place; nothing was shown about AWS.';
  const kinds = (['recovery', 'restore'] as const).flatMap((kind) => {
    const own = real.filter((history) => history.kind === kind);
    if (own.length === 0) return [];
    const runs = own.reduce((sum, history) => sum + history.runs.length, 0);
    const keeping = own.filter(({ streak }) => streak.n > 0).length;
    const [one, many] = kindWords[kind];
    return `${counted(runs, 'run')} of ${counted(own.length, one, many)}: ${keeping} of ${own.length} kept the promise in their newest result.`;
  });
  return kinds.join(' ');
}
