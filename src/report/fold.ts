/**
 * The log of a run as reports read it: what every step, part and probe did, when, and who decided. It grows by one entry at a
 * time, so that a live display and a finished report are the same fold. It judges nothing and refuses nothing: whether a
 * history is legal is the run stage's business.
 */
import type { Mark } from '../domain/clock.ts';
import { msBetween } from '../domain/clock.ts';
import type { ErrorReport } from '../domain/errors.ts';
import { FiredrillError } from '../domain/errors.ts';
import type { LogEntry, RunEvent, Turn } from '../domain/event.ts';
import type { Phase } from '../domain/drill.ts';
import type { Ask, Check } from '../domain/part.ts';
import type { Plan, PlannedStep } from '../domain/plan.ts';
import type { Consent, Judgement, StepState, UndoState } from '../domain/record.ts';

export interface PartStory {
  name: string;
  state: Exclude<StepState, 'none' | 'skipped'>;
  touches: string;
  /** It alters or creates something, so it can stand in the estate. */
  effect: boolean;
  creates: boolean;
  fate?: 'adopted' | 'kept';
  pivot: boolean;
  arn?: string;
  asks?: Ask;
  begun: Mark;
  applied?: Mark;
  settled?: Mark;
  /** What it found that has to hold. */
  check?: Check;
  undone?: Mark;
}

export interface StepStory {
  step: PlannedStep;
  state: StepState;
  parts: PartStory[];
  attempts: number;
  awsCalls: number;
  started?: Mark;
  /** When it succeeded or failed, whichever came first. */
  ended?: Mark;
  succeeded: boolean;
  skippedWhy?: string;
  /** When its effect began to be taken back, and when the last part of it was. */
  undoing?: Mark;
  undone?: Mark;
  /** The step that took it back, where a step of the drill did. */
  undoneBy?: string;
  /** Why it failed. */
  failure?: ErrorReport;
  /** Why parts can't be undone, in the order in which they were tried last: what fails first stands in the way of the others. */
  undoErrors: Map<string, ErrorReport>;
  /** Why it can't be undone, else why it failed. */
  error?: ErrorReport;
}

interface ProbeChange {
  probe: string;
  state: 'good' | 'bad' | 'unknown';
  /** Start of the first request of the new state. */
  since: Mark;
  why?: string;
}

interface ApprovalStory {
  step: string;
  by: string;
  at: string;
  comment?: string;
  automatic: boolean;
  refused: boolean;
}

/** An undo that was retried after the run's end. */
export interface RetryStory {
  by: string;
  started: Mark;
  /** Parts that it took back, as `step/part`. */
  undone: string[];
  /** Absent while it goes on, and when it was broken off. */
  ended?: { mark: Mark; undo: UndoState; left: readonly string[] };
}

export interface RunStory {
  runId: string;
  plan: Plan;
  startedBy: string;
  consent?: Consent;
  toolVersion: string;
  started: Mark;
  /** Mark and hash of the newest entry. */
  newest: Mark;
  head: { seq: number; hash: string };
  claims: number;
  owner?: string;
  phases: { name: Phase | 'undo'; started: Mark }[];
  steps: Map<string, StepStory>;
  approvals: ApprovalStory[];
  probeChanges: ProbeChange[];
  turn?: Turn;
  turned?: Mark;
  closing?: Mark;
  sealed?: { chunks: number; hash: string };
  finished?: { judgement: Judgement; mark: Mark; hash: string };
  /** What was taken back after the end, a retry each. */
  retries: RetryStory[];
}

/** The story of a log. @throws FiredrillError `log-incomplete` when it doesn't begin with `run.started` */
export function storyOf(entries: readonly LogEntry[]): RunStory {
  const [first, ...rest] = entries;
  const story = beginStory(first);
  for (const entry of rest) tell(story, entry);
  return story;
}

/** @throws FiredrillError `log-incomplete` */
export function beginStory(entry: LogEntry | undefined): RunStory {
  if (entry?.event.type !== 'run.started') {
    throw new FiredrillError('log-incomplete', 'the log of a run must begin with run.started', {
      found: entry?.event.type ?? 'no entry at all',
      remedy: 'Read the log from its first entry.',
    });
  }
  const { plan, startedBy, consent, toolVersion, mark } = entry.event;
  const stories = plan.steps.map((step): [string, StepStory] => [
    step.id,
    { step, state: 'none', parts: [], attempts: 0, awsCalls: 0, succeeded: false, undoErrors: new Map() },
  ]);
  return {
    runId: entry.runId,
    plan,
    startedBy,
    consent,
    toolVersion,
    started: mark,
    newest: mark,
    head: { seq: entry.seq, hash: entry.hash },
    claims: 0,
    phases: [],
    steps: new Map(stories),
    approvals: [],
    probeChanges: [],
    retries: [],
  };
}

/** Adds one entry to the story. */
export function tell(story: RunStory, { event, seq, hash }: LogEntry): void {
  story.head = { seq, hash };
  story.newest = event.mark;
  switch (event.type) {
    case 'run.started':
      return;
    case 'run.claimed':
      story.claims += 1;
      story.owner = event.owner;
      if (story.claims > 1) for (const step of story.steps.values()) if (isUnderWay(step)) step.attempts += 1;
      return;
    case 'phase.started':
      story.phases.push({ name: event.phase, started: event.mark });
      return;
    case 'approval.given': {
      const { step, by, comment, automatic, refused = false, mark } = event;
      story.approvals.push({ step, by, at: mark.at, comment, automatic, refused });
      return;
    }
    case 'probe.changed': {
      const { probe, state, why, sinceNs, clockId, mark } = event;
      story.probeChanges.push({ probe, state, why, since: sinceMark(mark, clockId, sinceNs) });
      return;
    }
    case 'run.turned':
      story.turn = event.turn;
      story.turned = event.mark;
      return;
    case 'run.closing':
      story.closing = event.mark;
      return;
    case 'samples.sealed':
      story.sealed = { chunks: event.chunks, hash: event.hash };
      return;
    case 'run.finished':
      story.finished ??= { judgement: event.judgement, mark: event.mark, hash };
      return;
    case 'undo.retried':
      story.retries.push({ by: event.by, started: event.mark, undone: [] });
      return;
    case 'undo.ended': {
      const { undo, left, mark } = event;
      story.retries.at(-1)!.ended = { mark, undo, left };
      return;
    }
    default:
      tellStep(story, event);
      if (event.type === 'step.undone') story.retries.at(-1)?.undone.push(`${event.step}/${event.part}`);
  }
}

export const isUnderWay = (step: StepStory): boolean => step.started !== undefined && step.ended === undefined;

/** An earlier instant on the clock of a mark; its wall time follows from the distance. */
function sinceMark(mark: Mark, clockId: string, ns: string): Mark {
  if (clockId !== mark.clockId) return { clockId, ns, at: mark.at };
  const { ms } = msBetween({ ...mark, ns }, mark);
  return { clockId, ns, at: new Date(Date.parse(mark.at) - ms).toISOString() };
}

type StepEvent = Extract<RunEvent, { type: `step.${string}` }>;

function tellStep(story: RunStory, event: StepEvent): void {
  const step = story.steps.get(event.step);
  if (!step) return;
  if (event.type === 'step.skipped') {
    step.skippedWhy = event.why;
  } else if (event.type === 'step.succeeded') {
    start(step, event.mark);
    step.succeeded = true;
    step.ended ??= event.mark;
  } else {
    tellPart(step, event);
    if (event.type === 'step.undoing' && event.by !== undefined) {
      const asker = story.steps.get(event.by);
      if (asker) {
        start(asker, event.mark);
        asker.state = stateOf(asker);
      }
    }
  }
  step.state = stateOf(step);
}

function start(step: StepStory, mark: Mark): void {
  step.started ??= mark;
  step.attempts ||= 1;
}

function tellPart(step: StepStory, event: Extract<StepEvent, { part: string }>): void {
  const { mark } = event;
  let part = step.parts.find(({ name }) => name === event.part);
  if (!part) {
    part = { name: event.part, state: 'begun', touches: '', effect: false, creates: false, pivot: false, begun: mark };
    step.parts.push(part);
  }
  switch (event.type) {
    case 'step.begun':
      start(step, mark);
      part.state = 'begun';
      part.touches = event.touches;
      part.creates = event.identity !== undefined;
      part.fate = event.fate;
      part.effect = part.creates || event.after !== undefined;
      part.pivot = event.pivot ?? false;
      part.asks = event.asks;
      return;
    case 'step.applied':
      part.state = 'applied';
      part.applied = mark;
      part.arn = event.arn;
      return;
    case 'step.settled':
      part.state = 'settled';
      part.settled = mark;
      part.check = event.check;
      step.awsCalls += event.awsCalls;
      return;
    case 'step.failed':
      start(step, mark);
      part.state = 'failed';
      step.awsCalls += event.awsCalls;
      step.failure ??= event.error;
      step.error ??= event.error;
      step.ended ??= mark;
      return;
    case 'step.undoing':
      part.state = 'undoing';
      step.undoing ??= mark;
      step.undoneBy = event.by;
      return;
    case 'step.undone':
      part.state = 'undone';
      part.undone = mark;
      step.undoErrors.delete(part.name);
      step.error = firstOf(step.undoErrors) ?? step.failure;
      step.undone = mark;
      return;
    case 'step.undo-failed':
      part.state = 'undo-failed';
      step.undoErrors.delete(part.name);
      step.undoErrors.set(part.name, event.error);
      step.error = firstOf(step.undoErrors);
      return;
  }
}

const firstOf = (errors: ReadonlyMap<string, ErrorReport>): ErrorReport | undefined => [...errors.values()][0];

/** It was taken back by deleting what it had created, and had changed nothing else. */
export const isDeleted = ({ state, parts }: StepStory): boolean =>
  state === 'undone' && parts.every(({ effect, creates }) => creates || !effect) && parts.some(wasMade);

/** It came into being, as far as the log knows: a creation that was refused leaves nothing to delete. */
const wasMade = ({ creates, applied }: PartStory): boolean => creates && applied !== undefined;

/** One state for a step of several parts: the worst that still stands, and `undone` only when no effect stands any more. */
function stateOf(step: StepStory): StepState {
  const has = (state: PartStory['state']): boolean => step.parts.some((part) => part.state === state);
  if (step.skippedWhy !== undefined) return 'skipped';
  if (has('undo-failed')) return 'undo-failed';
  if (has('undoing')) return 'undoing';
  if (has('undone')) {
    const standing = step.parts.some((part) => part.effect && part.state !== 'undone');
    return standing ? 'undoing' : 'undone';
  }
  if (has('failed')) return 'failed';
  if (step.succeeded) return 'settled';
  if (step.started === undefined) return 'none';
  return has('applied') || has('settled') ? 'applied' : 'begun';
}
