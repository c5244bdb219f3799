/**
 * From a run's log to the run record (finished runs) and to the view of a run that is still on. Both are pure folds: the same
 * log gives the same record, on every machine.
 */
import type { Mark } from '../domain/clock.ts';
import { msBetween } from '../domain/clock.ts';
import { FiredrillError } from '../domain/errors.ts';
import type { LogEntry, Turn } from '../domain/event.ts';
import type { Phase } from '../domain/drill.ts';
import type { Finding, Plan } from '../domain/plan.ts';
import type { Addendum, FindingRecord, ResourceRecord, RunRecord, StepRecord } from '../domain/record.ts';
import { isRestore } from '../domain/restore.ts';
import { storyOf } from './fold.ts';
import type { PartStory, RetryStory, RunStory, StepStory } from './story.ts';
import { cameToNothing, isDeleted, isUnderWay } from './story.ts';
import { notAwsOf } from './place.ts';
import { wholeRecovery } from './whole-ms.ts';

type Described = Pick<
  RunRecord,
  | 'schemaVersion'
  | 'runId'
  | 'drill'
  | 'title'
  | 'kind'
  | 'environment'
  | 'notAws'
  | 'startedAt'
  | 'accounts'
  | 'regions'
  | 'definitionHash'
  | 'planHash'
  | 'toolVersion'
  | 'startedBy'
  | 'approvals'
  | 'consent'
  | 'objectives'
  | 'steps'
  | 'findings'
>;

/** A resource of a run that is still on: what becomes of it may be open. */
type LedgerLine = Omit<ResourceRecord, 'state'> & { state: ResourceRecord['state'] | 'standing' };

/** What a run waits for. */
export interface Waiting {
  step: string;
  uses: string;
  touches: string;
  since: Mark;
  /** Set when people must decide. */
  question?: string;
}

/** A run at any moment, finished or not. A run without `record` has no verdict yet. */
export interface RunView extends Described {
  state: 'forward' | 'turned' | 'closing' | 'finished';
  phase?: Phase | 'undo';
  /** Time since it started, to its newest entry. */
  elapsedMs: number;
  waitingFor: readonly Waiting[];
  probes: Readonly<Record<string, { state: 'good' | 'bad' | 'unknown'; why?: string }>>;
  turn?: Turn;
  resources: readonly LedgerLine[];
  /** How often a process took the run over from another. */
  takeovers: number;
  /** Entries after `run.finished`; the record tells what came of them. */
  addenda: number;
  record?: RunRecord;
}

/**
 * The record of a finished run. What was taken back after `run.finished` shows in `addenda`, `steps` and `resources`; verdict,
 * reasons and hash are those of the end.
 * @throws FiredrillError `run-unfinished` when the run has not finished
 */
export function toRecord(entries: readonly LogEntry[], events: RunRecord['events']): RunRecord {
  const story = storyOf(entries);
  const { finished, retries } = story;
  if (!finished) {
    throw new FiredrillError('run-unfinished', `run ${story.runId} has not finished, so it has no record yet`, {
      remedy: `Follow it with "firedrill runs show ${story.runId}".`,
    });
  }
  const { judgement } = finished;
  const { killed } = judgement;
  const gone = retries.some(({ ended }) => ended?.gone);
  const lived = killed ? storyOf(beforeClearing(entries)) : story;
  return {
    ...describe(lived),
    verdict: judgement.verdict,
    undo: judgement.undo,
    recoveryLabel: judgement.recoveryLabel,
    exitCode: judgement.exitCode,
    ...(killed && { killed }),
    reasons: judgement.reasons,
    endedAt: (killed ? lived.newest : finished.mark).at,
    recordHash: finished.hash,
    recovery: wholeRecovery(judgement.recovery),
    probes: judgement.probes,
    resources: ledgerOf(story).map(({ state, ...line }) => ({
      ...line,
      // What stood in a lab went with it.
      state: killed || gone ? 'deleted' : state === 'standing' ? 'leaked' : state,
    })),
    ...(retries.length > 0 && { addenda: retries.map(addendum) }),
    events,
  };
}

/** What a run that was killed did itself: who ends its log claims it first, and tries none of its steps again. */
const beforeClearing = (entries: readonly LogEntry[]): readonly LogEntry[] =>
  entries.slice(
    0,
    Math.max(
      1,
      entries.findLastIndex(({ event }) => event.type === 'run.claimed'),
    ),
  );

const addendum = ({ by, started, undone, ended }: RetryStory): Addendum => ({
  by,
  startedAt: started.at,
  endedAt: ended?.mark.at,
  undone,
  undo: ended?.undo,
  left: ended?.left,
  ...(ended?.gone && { gone: true }),
});

/** A run as it stands, from what its log holds so far. */
export function toView(entries: readonly LogEntry[], events: RunRecord['events']): RunView {
  const story = storyOf(entries);
  const end = entries.findIndex(({ event }) => event.type === 'run.finished');
  const probes = Object.fromEntries(story.probeChanges.map(({ probe, state, why }) => [probe, { state, why }]));
  return {
    ...describe(story),
    state: story.finished ? 'finished' : story.closing ? 'closing' : story.turn ? 'turned' : 'forward',
    phase: story.phases.at(-1)?.name,
    elapsedMs: Math.round(msBetween(story.started, story.finished?.mark ?? story.newest).ms),
    waitingFor: story.finished ? [] : waitingIn(story),
    probes,
    turn: story.turn,
    resources: ledgerOf(story),
    takeovers: Math.max(0, story.claims - 1),
    addenda: end < 0 ? 0 : entries.length - end - 1,
    record: story.finished && toRecord(entries, events),
  };
}

/** The steps under way, forward or back, with what they touch and since when. A turn interrupts what went forward before it. */
export function waitingIn(story: RunStory): Waiting[] {
  return [...story.steps.values()].flatMap((step): Waiting[] => {
    const { id, uses } = step.step;
    const back = step.parts.find(({ state }) => state === 'undoing');
    if (back) return [{ step: id, uses: `undo of ${uses}`, touches: back.touches, since: step.undoing! }];
    const interrupted = story.turned && step.started && msBetween(story.turned, step.started).ms < 0;
    if (!isUnderWay(step) || interrupted || step.parts.some(({ state }) => state === 'undone')) return [];
    const part = step.parts.findLast(({ state }) => state === 'begun' || state === 'applied');
    const since = part?.begun ?? step.started!;
    return [{ step: id, uses, touches: part?.touches ?? '', since, question: part?.asks?.question }];
  });
}

function describe(story: RunStory): Described {
  const { plan, runId, startedBy, consent, toolVersion } = story;
  const { drill } = plan;
  const locations = Object.values(drill.locations);
  const { rtoMs, recoveryMs, rpoMs, failback } = drill.objectives;
  return {
    schemaVersion: 1,
    runId,
    drill: drill.name,
    title: drill.title,
    kind: isRestore(plan) ? 'restore' : 'recovery',
    environment: plan.environment,
    notAws: notAwsOf(plan),
    startedAt: story.started.at,
    accounts: unique(locations.map(({ account }) => account)),
    regions: unique(locations.map(({ region }) => region)),
    definitionHash: drill.definitionHash,
    planHash: plan.planHash,
    toolVersion,
    startedBy,
    consent,
    approvals: story.approvals
      .filter(({ refused }) => !refused)
      .map(({ by, at, comment, automatic }) => ({ by, at, comment, automatic })),
    objectives: { rtoMs, recoveryMs, rpoMs, failbackMs: failback.rtoMs, failbackRpoMs: failback.rpoMs },
    steps: [...story.steps.values()].map(stepRecord),
    findings: plan.findings.map((finding) => findingRecord(finding, plan)),
  };
}

/** A finding with the regions of the targets that its step names. */
function findingRecord(finding: Finding, { steps, targets }: Plan): FindingRecord {
  const named = Object.values(steps.find(({ id }) => id === finding.step)?.with ?? {});
  const regions = unique(
    named.flatMap((value) => (typeof value === 'string' && targets[value] ? [targets[value].region] : [])),
  );
  return { ...finding, ...(regions.length > 0 && { regions }) };
}

const unique = (values: readonly string[]): string[] => [...new Set(values)].toSorted();

function stepRecord(story: StepStory): StepRecord {
  const { step, state, attempts, started, ended, undoneBy, awsCalls, error } = story;
  const checks = story.parts.flatMap(({ name, check, begun, settled }) =>
    check && settled
      ? [
          {
            name,
            holds: check.holds,
            said: check.said,
            durationMs: Math.round(msBetween(begun, settled).ms),
            ...(!check.holds && check.provesNothing && { provesNothing: true as const }),
            ...(check.holds && check.notShown && { notShown: true as const }),
          },
        ]
      : [],
  );
  const comparesWith = (['manifest', 'source'] as const).find((name) => step.with[name] !== undefined);
  return {
    id: step.id,
    phase: step.phase,
    uses: step.uses,
    state,
    attempts,
    startedAt: started?.at,
    durationMs: started && ended && Math.round(msBetween(started, ended).ms),
    undoneBy: state === 'undone' ? undoneBy : undefined,
    ...(isDeleted(story) && { deleted: true }),
    awsCalls,
    error,
    ...(checks.length > 0 && { checks, ...(comparesWith && { comparesWith }) }),
  };
}

/**
 * What the run created or set aside, and what became of it, by the word of the parts themselves. What was refused and never
 * seen is not in it: under its name may stand what is somebody else's.
 */
function ledgerOf(story: RunStory): LedgerLine[] {
  return [...story.steps.values()].flatMap((run) =>
    run.parts.flatMap((part): LedgerLine[] => {
      if (cameToNothing(part)) return [];
      if (part.creates) return [resource(run, part, fateOf(story, run, part))];
      return setsAside(part) ? [resource(run, part, 'kept')] : [];
    }),
  );
}

const setsAside = (part: PartStory): boolean =>
  part.fate === 'kept' && part.state !== 'undone' && part.applied !== undefined;

function fateOf(story: RunStory, run: StepStory, part: PartStory): LedgerLine['state'] {
  if (part.state === 'undone') return 'deleted';
  if (part.state === 'settled' && run.step.stays && pivotPassed(story)) return part.fate ?? 'kept';
  if (part.state === 'settled' && run.step.keep !== undefined) return 'kept';
  return story.finished ? 'leaked' : 'standing';
}

const pivotPassed = (story: RunStory): boolean =>
  [...story.steps.values()].some(({ parts }) => parts.some(({ pivot, state }) => pivot && state !== 'undone'));

const resource = ({ step }: StepStory, part: PartStory, state: LedgerLine['state']): LedgerLine => ({
  arn: part.arn ?? part.touches,
  createdBy: step.id,
  state,
});
