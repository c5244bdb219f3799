/**
 * What a record says of a restore: which checks its data passed, how old it was, and where the time went. Figures and sentences for
 * every reporter; no layout, no escaping.
 */
import type { Portion } from '../domain/catalogue.ts';
import type { Check } from '../domain/part.ts';
import type { CheckRecord, RunRecord, StepRecord } from '../domain/record.ts';
import { atMost, capital, counted, declaredMs, duration, interval, listed, moment, sentence } from './quantities.ts';

/** `shows nothing`: it holds, but nothing stood against it, or what it found speaks against the backup elsewhere. */
export type CheckOutcome = 'holds' | 'shows nothing' | 'does not hold' | 'could not decide';

export interface CheckLine extends CheckRecord {
  step: string;
  outcome: CheckOutcome;
}

/** Every check that was made, in order. */
export const checkLines = ({ steps }: Pick<RunRecord, 'steps'>): CheckLine[] =>
  steps.flatMap(({ id, checks = [] }) => checks.map((check) => ({ ...check, step: id, outcome: outcomeOf(check) })));

export function outcomeOf({
  holds,
  provesNothing,
  notShown,
}: Pick<Check, 'holds' | 'provesNothing' | 'notShown'>): CheckOutcome {
  if (holds) return notShown ? 'shows nothing' : 'holds';
  return provesNothing ? 'could not decide' : 'does not hold';
}

export const checkMarks = {
  holds: '✓',
  'shows nothing': '–',
  'does not hold': '✗',
  'could not decide': '?',
} as const satisfies Record<CheckOutcome, string>;
export const checkTones = {
  holds: 'good',
  'shows nothing': 'quiet',
  'does not hold': 'bad',
  'could not decide': 'busy',
} as const satisfies Record<CheckOutcome, string>;

/** `rows`, or `contents: rows` where steps have checks of one name. */
export function checkName({ step, name }: CheckLine, lines: readonly CheckLine[]): string {
  return lines.some((line) => line.step !== step && line.name === name) ? `${step}: ${name}` : name;
}

/** Why a step failed, fit to stand beside its checks: what they found is told by each of them. */
export function failureOf({ error, checks = [] }: Pick<StepRecord, 'error' | 'checks'>): StepRecord['error'] {
  if (error?.code !== 'checks-failed' || checks.length === 0) return error;
  return { ...error, message: brokenWords(checks), remedy: undefined };
}

/** `2 of 10 checks do not hold`, `1 of 10 checks could not decide`, `2 of 10 checks do not hold, and 1 could not decide`. */
export function brokenWords(checks: readonly Pick<Check, 'holds' | 'provesNothing'>[]): string {
  const count = (which: CheckOutcome): number => checks.filter((check) => outcomeOf(check) === which).length;
  const [broken, undecided] = [count('does not hold'), count('could not decide')];
  const of = `of ${counted(checks.length, 'check')}`;
  if (broken === 0) return `${undecided} ${of} could not decide`;
  const words = `${broken} ${of} ${broken === 1 ? 'does' : 'do'} not hold`;
  return undecided === 0 ? words : `${words}, and ${undecided} could not decide`;
}

/** A stretch of the recovery, measured or declared. */
export interface TimeShare {
  name: Portion | 'other' | 'people';
  /** For a legend. */
  means: string;
  ms: number;
}

export interface TimeSpent {
  shares: readonly TimeShare[];
  /** Measured plus declared; absent where the restore did not succeed. */
  totalMs?: number;
  promisedMs?: number;
  /** Length of a drawing that holds the shares and the promise. */
  scaleMs: number;
  /** What the shares don't say themselves. */
  note?: string;
}

/** Where the time of a restore went; undefined where no step says. */
export function timeSpent(record: RunRecord): TimeSpent | undefined {
  const { recovery, objectives } = record;
  const { portions = [], measured, rto } = recovery;
  if (portions.length === 0) return undefined;
  const spentMs = portions.reduce((sum, { durationMs }) => sum + durationMs, 0);
  const restMs = measured ? measured.upperMs - spentMs : 0;
  const peopleMs = declaredMs(recovery);
  const shares: TimeShare[] = [
    ...portions.map(({ name, durationMs }) => ({ name, means: portionWords[name], ms: durationMs })),
    ...(restMs >= 100 && restMs >= (measured?.upperMs ?? 0) / 200
      ? [{ name: 'other', means: 'between steps, and steps of no portion', ms: restMs } as const]
      : []),
    ...(peopleMs > 0
      ? [{ name: 'people', means: 'declared: nobody had to notice or decide in this run', ms: peopleMs } as const]
      : []),
  ];
  // What broke off keeps no promise, however short it was.
  const promisedMs = measured && objectives.rtoMs;
  const drawnMs = shares.reduce((sum, { ms }) => sum + ms, 0);
  return {
    shares,
    totalMs: rto?.upperMs,
    promisedMs,
    scaleMs: Math.max(1, drawnMs, promisedMs ?? 0),
    note:
      measured === undefined
        ? `${capital(brokenOffWhy(record))}, so this is no recovery time.`
        : spentMs > measured.upperMs + 1
          ? 'Steps that ran together count one by one, so the parts are more than the whole.'
          : undefined,
  };
}

export const portionWords: Record<Portion, string> = {
  find: 'finding or taking the backup',
  launch: 'launching the instance',
  boot: 'booting',
  restore: 'restoring the data',
  verify: 'verifying it',
};

/** The story of a restore for readers who know neither the drill nor its tools, but for what became of what it made. */
export const restoreSummary = (record: RunRecord): string[] =>
  [stands(record), age(record), took(record)].filter((text) => text !== undefined);

/** Which checks don't hold, and which could not decide; undefined where all hold. */
export function brokenSummary(record: RunRecord): string | undefined {
  const lines = checkLines(record);
  const of = `of ${counted(lines.length, 'check of the restored data', 'checks of the restored data')}`;
  const told = (which: CheckOutcome, all: string, words: (n: number) => string): string[] => {
    const some = lines.filter(({ outcome }) => outcome === which);
    if (some.length === 0) return [];
    return [`${some.length}${all} ${words(some.length)}: ${listed(some.map((line) => checkName(line, lines)))}`];
  };
  const broken = told('does not hold', ` ${of}`, (n) => `${n === 1 ? 'does' : 'do'} not hold`);
  const undecided = told('could not decide', broken.length > 0 ? '' : ` ${of}`, () => 'could not decide');
  return broken.length + undecided.length === 0 ? undefined : `${[...broken, ...undecided].join('; ')}.`;
}

/** What kept a restore from being measured. */
function brokenOffWhy({ steps, verdict }: Pick<RunRecord, 'steps' | 'verdict'>): string {
  const stopped = verdict === 'aborted';
  // Phases follow each other: what is to be looked at was brought back.
  if (!isLookedAt(steps)) {
    return stopped ? 'the drill was stopped before the backup was restored' : 'the restore did not succeed';
  }
  const outcomes = new Set(checkLines({ steps }).map(({ outcome }) => outcome));
  if (outcomes.has('does not hold')) return 'not all checks of the restored data hold';
  if (outcomes.has('could not decide')) return 'not all checks of the restored data could decide';
  return stopped
    ? 'the drill was stopped before the restored data was checked to the end'
    : 'the restored data was not checked to the end';
}

const isLookedAt = (steps: RunRecord['steps']): boolean =>
  steps.some(({ phase, startedAt }) => phase === 'verify' && startedAt !== undefined);

function stands(record: RunRecord): string {
  const broken = brokenSummary(record);
  const lines = checkLines(record);
  if (broken !== undefined) {
    const disproved = lines.some(({ outcome }) => outcome === 'does not hold');
    return disproved || !isLookedAt(record.steps) ? broken : `The backup was restored, but ${broken}`;
  }
  if (record.recovery.measured && lookedAtData(record)) {
    const late = record.verdict === 'aborted' ? ' The drill was stopped only after that.' : '';
    return `The backup was restored, and ${holdingWords(lines)}.${late}`;
  }
  const stuck = record.steps.find(({ phase, state, error }) => error && state !== 'settled' && ownPhases.has(phase));
  if (stuck) return `The backup was not restored and checked to the end: step ${stuck.id} failed.`;
  return record.verdict === 'aborted' && !record.recovery.measured
    ? 'The drill was stopped before the backup was restored and checked.'
    : 'Nothing was checked of what was restored.';
}

/** `all 3 checks hold`, `2 checks hold; nothing is shown by checksums`. */
export function holdingWords(lines: readonly CheckLine[]): string {
  const idle = lines.filter(({ outcome }) => outcome === 'shows nothing');
  if (idle.length === 0) return lines.length === 1 ? 'the one check holds' : `all ${lines.length} checks hold`;
  if (idle.length === lines.length)
    return lines.length === 1 ? 'the one check shows nothing' : 'no check shows anything';
  const names = listed(idle.map((line) => checkName(line, lines)));
  const holding = lines.length - idle.length;
  return `${counted(holding, 'check')} ${holding === 1 ? 'holds' : 'hold'}; nothing is shown by ${names}`;
}

/** Rather than at its file, or at what a script says of it. */
export function lookedAtData(record: RunRecord): boolean {
  const { steps, recovery } = record;
  const looked =
    recovery.portions?.some(({ name }) => name === 'verify') === true ||
    steps.some(({ phase, checks = [] }) => phase === 'verify' && checks.length > 0);
  return looked && checkLines(record).some(({ outcome }) => outcome === 'holds');
}

const ownPhases: ReadonlySet<string> = new Set(['recover', 'verify']);

function age({ recovery: { rpo }, objectives: { rpoMs } }: RunRecord): string | undefined {
  if (!rpo) return undefined;
  const promised = rpoMs === undefined ? '' : `; promised: ${atMost(rpoMs)}`;
  const { recoveryPointAgeMs, lowerMs, exercised, why = 'no step said so' } = rpo;
  if (recoveryPointAgeMs === undefined && lowerMs === undefined) return `How old the data was is not known: ${why}.`;
  const figure =
    recoveryPointAgeMs === undefined ? `at least ${duration(lowerMs!, 'down')}` : duration(recoveryPointAgeMs, 'up');
  const old = `${figure} old when recovery began${promised}`;
  if (!exercised) return `The backup was ${old}. That its data is there was not shown.`;
  return lowerMs === undefined ? `The data was ${old}.` : `The data was ${old}. How old exactly is not known: ${why}.`;
}

function took(record: RunRecord): string | undefined {
  const { recovery, objectives, verdict } = record;
  const { rtoMs } = objectives;
  const { measured, rto, portions = [] } = recovery;
  if (!measured) {
    return verdict === 'aborted' ? undefined : `How long it takes was not measured, because ${brokenOffWhy(record)}.`;
  }
  const promised = rtoMs === undefined ? '' : `; promised: at most ${duration(rtoMs)}`;
  const longest = portions.reduce<(typeof portions)[number] | undefined>(
    (best, each) => (best && best.durationMs >= each.durationMs ? best : each),
    undefined,
  );
  const most =
    longest && portions.length > 1
      ? `, most of it for ${portionWords[longest.name]} (${duration(longest.durationMs, 'up')})`
      : '';
  const first = `The restore took ${interval(measured)}${most}`;
  const peopleMs = declaredMs(recovery);
  if (peopleMs === 0 || !rto) return `${first}${promised}.`;
  return (
    `${first}. With the ${duration(peopleMs)} declared for people, who had no part in this run, ` +
    `recovery takes ${interval(rto)}${promised}.`
  );
}

/** Where the recovery point is known from: every word that was said of it, and once where steps say the same. */
export const recoveryPointNote = ({ recoveryPoints = [], why }: NonNullable<RunRecord['recovery']['rpo']>): string =>
  [
    ...recoveryPoints
      .filter(({ at, by }, n) => !recoveryPoints.slice(0, n).some((word) => word.by === by && word.at === at))
      .map(({ step, at, by }) => `${pointWords[by]} ${moment(at)} (${step})`),
    ...(why === undefined ? [] : [why]),
  ].join('; ');

const pointWords = { backup: 'backup of', upload: 'backup uploaded', data: 'newest data of' };

/** What a verification can look at, by the name of its check. */
const aspects: Readonly<Record<string, string>> = {
  schema: 'keys, constraints and indexes (schema)',
  rows: 'numbers of rows (rows)',
  checksums: 'values (checksums)',
  freshness: 'the age of the newest row (freshness)',
  queries: 'what the application would ask (queries)',
};

/** What a drill did not ask of the data that it restored. Of a verification that broke off, its end says what is open. */
export function notAskedFor({ kind, steps, recovery }: RunRecord): string[] {
  if (kind !== 'restore') return [];
  const looking = steps.filter(
    ({ phase, state, error, checks = [] }) =>
      phase === 'verify' &&
      (state === 'settled' || error?.code === 'checks-failed') &&
      checks.some(({ name }) => Object.hasOwn(aspects, name)),
  );
  return looking.flatMap(({ id, checks = [], comparesWith }) => {
    const names = new Set(checks.map(({ name }) => name));
    // Equal values are as many, and an age that nobody looked at is told where the backup claims one.
    if (names.has('checksums')) names.add('rows');
    if (recovery.rpo) names.add('freshness');
    const missing = Object.keys(aspects).filter((name) => !names.has(name));
    const where = looking.length > 1 ? ` of step ${id}` : '';
    return [
      ...(missing.length > 0
        ? [`What no check${where} looked at: ${listed(missing.map((name) => aspects[name]!))}.`]
        : []),
      ...(comparesWith === undefined
        ? [
            `Tables that the drill${where && `, in step ${id},`} does not name: without a manifest or a source, nothing says what they should hold.`,
          ]
        : []),
    ];
  });
}

/** What a restore leaves open of the age of its data. */
export function ageNotProven({ rpo }: RunRecord['recovery']): string[] {
  const { recoveryPoints = [], doubt, exercised, lowerMs, why } = rpo ?? {};
  if (doubt !== undefined) return [`The age of the data: ${doubt}`];
  if (exercised && lowerMs !== undefined) return [`The age of the data: ${sentence(why ?? 'no step said so')}`];
  const own = exercised && recoveryPoints.length > 0 && recoveryPoints.every(({ by }) => by === 'backup');
  return own
    ? ['The age of the data itself: the backup says how old it is, and no check looked at its newest row.']
    : [];
}
