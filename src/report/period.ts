/**
 * What many runs say together, drill by drill: how many there were, the worst of each figure, and what a streak without a miss
 * proves. Never a percentile: ten drills have no 99th. Rehearsals stand apart and prove nothing about AWS.
 */
import type { RunRecord } from '../domain/record.ts';
import { drillsNeeded, provenShare } from './availability.ts';
import { counted, day, duration, percentDown } from './quantities.ts';
import { atMost } from './wording.ts';

export interface DrillHistory {
  drill: string;
  title: string;
  environment: RunRecord['environment'];
  /** Oldest first. */
  runs: readonly RunRecord[];
  passed: number;
  failed: number;
  /** Inconclusive or aborted: they count neither for nor against. */
  withoutResult: number;
  worstRtoMs?: number;
  worstRpoMs?: number;
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
    const key = `${record.environment}\n${record.drill}`;
    groups.set(key, [...(groups.get(key) ?? []), record]);
  }
  return {
    from: sorted[0]?.startedAt ?? '',
    to: sorted.at(-1)?.startedAt ?? '',
    drills: [...groups.values()].map(historyOf).toSorted(byEvidence),
  };
}

const byEvidence = (a: DrillHistory, b: DrillHistory): number =>
  Number(a.environment === 'lab') - Number(b.environment === 'lab') || (a.drill < b.drill ? -1 : 1);

function historyOf(runs: readonly RunRecord[]): DrillHistory {
  const newest = runs.at(-1)!;
  const of = (verdict: RunRecord['verdict']): number => runs.filter((run) => run.verdict === verdict).length;
  const passed = of('pass');
  const failed = of('fail');
  return {
    drill: newest.drill,
    title: newest.title,
    environment: newest.environment,
    runs,
    passed,
    failed,
    withoutResult: runs.length - passed - failed,
    worstRtoMs: worst(runs.map(({ recovery }) => recovery.rto?.upperMs)),
    worstRpoMs: worst(runs.map(({ recovery }) => (recovery.rpo?.exercised ? recovery.rpo.upperMs : undefined))),
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
export function provenWords({ environment, streak }: DrillHistory): string {
  if (environment === 'lab') return 'Rehearsals show that the procedure works. They prove nothing about AWS.';
  if (streak.n === 0) return 'Nothing is proven: the newest run with a result missed its promise, or there was none.';
  const proven = percentDown(streak.share, 0);
  const next = [0.5, 0.75, 0.9, 0.95, 0.99].find((share) => share > streak.share)!;
  const missing = drillsNeeded(next) - streak.n;
  const proviso = streak.startedAfter === 'the last miss' ? ', provided that its cause is gone' : '';
  const since = streak.startedAfter === 'nothing' ? '' : ` since ${streak.startedAfter}`;
  const row = streak.n === 1 ? '1 run' : `${streak.n} runs in a row`;
  return (
    `${row} without a miss${since} ${streak.n === 1 ? 'shows' : 'show'} at 95 % confidence that at least ${proven} % of such ` +
    `events keep the promise${proviso}. ${counted(missing, 'more run')} without a miss would show ${next * 100} %.`
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
export function worstWords({ worstRtoMs, promisedRtoMs, worstRpoMs, promisedRpoMs }: DrillHistory): string[] {
  const promised = (ms: number | undefined): string => (ms === undefined ? '' : ` (promised ${atMost(ms)})`);
  return [
    ...(worstRtoMs === undefined ? [] : [`longest recovery ${duration(worstRtoMs, 'up')}${promised(promisedRtoMs)}`]),
    ...(worstRpoMs === undefined
      ? []
      : [`largest loss ${worstRpoMs === 0 ? 'none' : duration(worstRpoMs, 'up')}${promised(promisedRpoMs)}`]),
  ];
}

export interface TrendRow {
  day: string;
  runId: string;
  verdict: string;
  rto: string;
  rpo: string;
  startedBy: string;
}

/** One row a run, newest first. */
export const trendOf = ({ runs }: DrillHistory): TrendRow[] =>
  runs.toReversed().map(({ startedAt, runId, verdict, recovery, startedBy }) => ({
    day: day(startedAt),
    runId,
    verdict,
    rto: recovery.rto ? duration(recovery.rto.upperMs, 'up') : 'not measured',
    rpo: rpoText(recovery.rpo),
    startedBy,
  }));

function rpoText(rpo: RunRecord['recovery']['rpo']): string {
  if (!rpo) return 'not measured';
  if (!rpo.exercised || rpo.upperMs === undefined) return 'not exercised';
  return rpo.upperMs === 0 ? 'none' : duration(rpo.upperMs, 'up');
}

/** Above all drills: how many were run, and how many keep what is promised now. */
export function periodHeadline({ drills }: Period): string {
  const real = drills.filter(({ environment }) => environment !== 'lab');
  const runs = real.reduce((sum, { runs }) => sum + runs.length, 0);
  if (real.length === 0) return 'Only rehearsals took place; nothing was shown outside the lab.';
  const keeping = real.filter(({ streak }) => streak.n > 0).length;
  return `${counted(runs, 'run')} of ${counted(real.length, 'drill')}: ${keeping} of ${real.length} kept the promise in their newest result.`;
}
