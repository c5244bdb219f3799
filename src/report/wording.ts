/**
 * What a run record says, in sentences that a reader outside the team understands. Every reporter takes its words from here,
 * so that the terminal, the page and the file for CI never tell different stories. No layout, no escaping.
 */
import type { ResourceRecord, RunRecord, StepRecord, StepState, Verdict } from '../domain/record.ts';
import { needsPerson, undoNow, wentWithLab } from './afterwards.ts';
import { saidIn } from './output.ts';
import { atMost, capital, counted, declaredMs, duration, interval, sentence } from './quantities.ts';
import { brokenSummary, restoreSummary } from './restored.ts';

/** The verdict in one word for people; a run whose way back is incomplete says that first. */
export const verdictWord = (record: Pick<RunRecord, 'verdict' | 'undo' | 'exitCode' | 'addenda' | 'killed'>): string =>
  needsPerson(record) ? 'needs a person' : record.killed ? 'unfinished' : verdictWords[record.verdict];

const verdictWords: Record<Verdict, string> = {
  pass: 'passed',
  fail: 'failed',
  inconclusive: 'inconclusive',
  aborted: 'aborted',
};

/** How long the drill took, from its first to its last event, milliseconds. */
export const tookMs = (record: Pick<RunRecord, 'startedAt' | 'endedAt'>): number =>
  Date.parse(record.endedAt) - Date.parse(record.startedAt);

/** The story for readers who know neither the drill nor its tools. */
export function summary(record: RunRecord): string[] {
  if (record.killed) return killedSummary(record);
  const happened =
    record.kind === 'restore'
      ? restoreSummary(record)
      : [outage(record), loss(record), failback(record), helped(record)];
  return [...happened, wayBack(record)].filter((sentence) => sentence !== undefined);
}

/** Whatever its steps had come to, nobody judged it: it is told as no result. */
function killedSummary(record: RunRecord): string[] {
  const broken = brokenSummary(record);
  const reached = record.steps.findLast(({ startedAt }) => startedAt !== undefined);
  const where = reached ? `at step ${reached.id}` : 'before its first step';
  return [
    `The ${record.environment === 'lab' ? 'rehearsal' : 'run'} was killed ${where}, so it is unfinished: nothing was measured and nothing judged.`,
    ...(broken === undefined ? [] : [`Until then, ${broken}`]),
    'Its lab is gone, and all that the drill had changed in it.',
  ];
}

function outage({ recovery, objectives, verdict }: RunRecord): string {
  const { measured, rto } = recovery;
  const promised = objectives.rtoMs === undefined ? '' : `; promised: at most ${duration(objectives.rtoMs)}`;
  if (!measured) {
    if (rto) return `Recovery took ${interval(rto)}${promised}.`;
    return verdict === 'aborted'
      ? 'The drill was stopped before recovery, so nothing was measured.'
      : 'How long the service was unavailable could not be measured.';
  }
  if (measured.upperMs === 0) return `Users saw no interruption${promised}.`;
  const again = measured.episodes > 1 ? ` It failed ${counted(measured.episodes, 'time')} within that span.` : '';
  // Without a probe nobody was without a service: what was measured is the work itself.
  const watched = Object.keys(measured.perProbe).length > 0;
  const first = `${watched ? 'The service was unavailable for' : 'Recovery took'} ${interval(measured)}`;
  const declared = declaredMs(recovery);
  if (declared === 0 || !rto) return `${first}${promised}.${again}`;
  return (
    `${first}.${again} With the ${duration(declared)} declared for people, who had no part in this run, ` +
    `recovery takes ${interval(rto)}${promised}.`
  );
}

function loss({ recovery: { rpo }, objectives }: RunRecord): string | undefined {
  if (!rpo) return undefined;
  if (!rpo.exercised) return `Whether writes would be lost was not tested: ${rpo.why ?? 'replication was never cut'}.`;
  const promised = objectives.rpoMs === undefined ? '' : `; promised: ${atMost(objectives.rpoMs)}`;
  if (rpo.upperMs === undefined)
    return `How many writes were lost is not known: ${rpo.why ?? 'they were not read back'}.`;
  const { lostWrites = 0, ackedWrites = 0 } = rpo;
  if (lostWrites === 0) return `None of ${counted(ackedWrites, 'acknowledged write')} was lost${promised}.`;
  const were = lostWrites === 1 ? 'was' : 'were';
  return (
    `${lostWrites.toLocaleString('en-US')} of ${counted(ackedWrites, 'acknowledged write')} ${were} lost, ` +
    `${duration(rpo.upperMs, 'up')} worth of data${promised}.`
  );
}

function failback({ recovery, objectives }: RunRecord): string | undefined {
  const { rto, rpo } = recovery.failback ?? {};
  if (!rto) return undefined;
  const promised = objectives.failbackMs === undefined ? '' : `; promised: ${atMost(objectives.failbackMs)}`;
  const { exercised = false, lostWrites = 0 } = rpo ?? {};
  const lost = exercised && lostWrites > 0 ? ` It lost ${counted(lostWrites, 'write')}.` : '';
  const cut = rto.upperMs === 0 ? 'did not interrupt the service' : `interrupted the service for ${interval(rto)}`;
  return `Going back ${cut}${promised}.${lost}`;
}

function helped({ recoveryLabel, recovery }: RunRecord): string | undefined {
  if (!recovery.measured) return undefined;
  if (recoveryLabel === 'unaided') return 'The system recovered by itself; the drill gave no help.';
  if (recoveryLabel === 'simulated-provider') {
    return "The drill did what the provider would do by itself, so the provider's own detection was not tested.";
  }
  return undefined;
}

function wayBack(record: RunRecord): string {
  const { resources } = record;
  const undo = undoNow(record);
  if (wentWithLab(record)) return 'The run could not undo everything that it had changed; the rest went with its lab.';
  if (record.undo === 'incomplete' && undo !== 'incomplete') {
    return 'The run could not undo everything that it had changed; the rest was taken back after it.';
  }
  const kept = resources.filter(({ state }) => state === 'kept').length;
  const keeps =
    kept === 0 ? '' : ` ${capital(counted(kept, 'resource'))} ${kept === 1 ? 'was' : 'were'} kept on purpose.`;
  switch (undo) {
    case 'complete':
      return record.kind === 'restore'
        ? `What the drill had made for it was deleted again.${keeps}`
        : `Everything that the drill changed was undone.${keeps}`;
    case 'rolled-forward':
      return `The service runs in its original place again, reached forward through failback.${keeps}`;
    case 'none':
      return 'Nothing had been changed, so nothing had to be undone.';
    case 'incomplete':
      return `The way back is incomplete. A person must act.${keeps}`;
  }
}

/** What a person has to do now; empty unless the way back is incomplete. */
export function mustDo(record: RunRecord): string[] {
  if (!needsPerson(record)) return [];
  const stuck = record.steps
    .filter(({ state, error }) => state === 'undo-failed' || (state === 'failed' && error))
    .map(
      ({ id, error }) =>
        `${id}: ${sentence(saidIn(error?.message ?? 'could not be undone'))}${error?.remedy ? ` ${error.remedy}` : ''}`,
    );
  const leaked = record.resources
    .filter(({ state }) => state === 'leaked')
    .map(({ arn, createdBy }) => `Delete ${arn}, which step ${createdBy} left behind.`);
  const named = [...stuck, ...leaked];
  if (named.length > 0) return named;
  return [...(record.addenda?.at(-1)?.left ?? record.reasons.slice(0, 1))];
}

/** What stays after the run and costs money or attention, the unexpected first. */
export const left = (record: RunRecord): ResourceRecord[] =>
  (['leaked', 'kept', 'adopted'] as const).flatMap((fate) => record.resources.filter(({ state }) => state === fate));

export const leftTitle = ({ environment, notAws }: RunRecord): string => {
  if (environment === 'lab') return 'Left behind, in the lab';
  return notAws === undefined ? 'Left in the account' : 'Left behind, not on AWS';
};

const fates: Record<ResourceRecord['state'], string> = {
  deleted: 'created by the drill and deleted again',
  adopted: 'created by the drill, part of the estate now',
  kept: 'kept on purpose',
  leaked: 'left behind',
};

/** What became of it; where somebody has to delete it, also that it costs what it costs until then. What is not AWS costs nothing. */
export function fateOf(
  { state }: ResourceRecord,
  { notAws, killed, addenda }: Pick<RunRecord, 'notAws' | 'killed' | 'addenda'>,
): string {
  if (killed || wentWithLab({ addenda })) return 'created by the drill and gone with its lab';
  const stays = notAws === undefined && (state === 'kept' || state === 'leaked');
  return stays ? `${fates[state]}: it stays, with what it costs, until somebody deletes it` : fates[state];
}

interface StateWord {
  word: string;
  mark: string;
  tone: 'good' | 'bad' | 'quiet' | 'busy';
}

const stateWords: Record<StepState, StateWord> = {
  none: { word: 'not reached', mark: '·', tone: 'quiet' },
  begun: { word: 'not finished', mark: '…', tone: 'busy' },
  applied: { word: 'not finished', mark: '…', tone: 'busy' },
  settled: { word: 'done', mark: '✓', tone: 'good' },
  failed: { word: 'failed', mark: '✗', tone: 'bad' },
  undoing: { word: 'undo not finished', mark: '…', tone: 'busy' },
  undone: { word: 'undone', mark: '↩', tone: 'good' },
  'undo-failed': { word: 'undo failed', mark: '✗', tone: 'bad' },
  skipped: { word: 'skipped', mark: '–', tone: 'quiet' },
};

/**
 * How a step ended. What a step of the drill took back was not undone: the drill meant it to last until then. Nor was what was
 * created for a while only.
 */
export function endOf({ state, undoneBy, deleted }: StepRecord): StateWord {
  const plain = stateWords[state];
  if (state !== 'undone' || (undoneBy === undefined && !deleted)) return plain;
  const word = deleted ? 'deleted again' : 'taken back';
  return { ...plain, word: undoneBy === undefined ? word : `${word} by ${undoneBy}` };
}

/** Steps as a reader wants them: in order, by phase. */
export function stepsByPhase(steps: readonly StepRecord[]): { phase: StepRecord['phase']; steps: StepRecord[] }[] {
  const groups: { phase: StepRecord['phase']; steps: StepRecord[] }[] = [];
  for (const step of steps) {
    const last = groups.at(-1);
    if (last?.phase === step.phase) last.steps.push(step);
    else groups.push({ phase: step.phase, steps: [step] });
  }
  return groups;
}

/** `detect 2.1 s`, `decide 0.1 s` ...; none where portions say more. */
export const phaseWords = ({ recovery }: RunRecord): { name: string; took: string }[] =>
  (recovery.portions ? [] : recovery.phases).map(({ name, startMs, endMs }) => ({
    name,
    took: duration(Math.max(0, endMs - startMs)),
  }));

/** What the spans don't say themselves. */
export const phaseNote = ({ recovery }: RunRecord): string | undefined =>
  !recovery.portions && recovery.phases.some(({ name }) => name === 'settle')
    ? 'Settle holds the time for which the service had to stay good to count as recovered.'
    : undefined;

/** Where to look next. */
export const seeMore = ({
  runId,
  kind,
  killed,
}: Pick<RunRecord, 'runId' | 'kind' | 'killed'>): { command: string; gives: string }[] => [
  {
    command: `firedrill report ${runId} --format html --out ${runId}.html`,
    gives: kind === 'restore' ? 'the same as a page to hand on' : 'the outage on a time line',
  },
  { command: `firedrill runs show ${runId}`, gives: 'every event of the run' },
  {
    command: `firedrill verify ${runId}`,
    gives: killed ? 'whether its log is as it was written' : `the figures again, from the ${sourceOf(kind)}`,
  },
];

/** What the figures of a run are computed from. */
export const sourceOf = (kind: RunRecord['kind']): string => (kind === 'restore' ? 'log' : 'raw samples');
