/**
 * The state of a run as a fold of its log, and the one transition function. `next` throws on an event that can't follow the
 * state, so an illegal history can't be recorded: the driver asks it before it appends.
 *
 *   part: none -> begun -> applied -> settled ; none|begun|applied -> failed        (observing skips applied)
 *         begun|applied|settled|failed|undo-failed -> undoing -> undone | undo-failed
 *   run:  forward -> turned -> closing -> finished -> (retrying -> finished | gone)*
 */
import type { Mark } from '../domain/clock.ts';
import type { ErrorReport } from '../domain/errors.ts';
import { FiredrillError } from '../domain/errors.ts';
import type { LogEntry, RunEvent, Turn } from '../domain/event.ts';
import type { Json, JsonObject } from '../domain/json.ts';
import type { Check } from '../domain/part.ts';
import type { Plan, PlannedStep } from '../domain/plan.ts';
import type { Phase } from '../domain/drill.ts';
import type { StepState } from '../domain/record.ts';

export type PartPhase = Exclude<StepState, 'none' | 'skipped'>;

export interface PartRun {
  name: string;
  state: PartPhase;
  key: string;
  begun: Mark;
  before?: Json;
  after?: Json;
  identity?: JsonObject;
  found?: Json;
  /** Its write was accepted, whatever became of it then. */
  accepted?: boolean;
  /** Its effect was seen to be there, whatever became of it then. */
  seen?: boolean;
  pivot: boolean;
  outputs?: JsonObject;
  check?: Check;
  error?: ErrorReport;
}

export interface Approval {
  by: string;
  automatic: boolean;
  refused: boolean;
}

export interface StepRun {
  step: PlannedStep;
  /** In the order in which they began. */
  parts: readonly PartRun[];
  /** Set by `step.succeeded`. */
  succeeded: boolean;
  skipped: boolean;
  failed: boolean;
  outputs: JsonObject;
  /** When its first part began, and when it succeeded. */
  startedAt?: Mark;
  succeededAt?: Mark;
  approvals: readonly Approval[];
}

export interface RunState {
  runId: string;
  plan: Plan;
  startedBy: string;
  startedAt: Mark;
  head: { seq: number; hash: string };
  attempt: number;
  phases: readonly (Phase | 'undo')[];
  phaseStartedAt: Readonly<Partial<Record<Phase | 'undo', Mark>>>;
  steps: ReadonlyMap<string, StepRun>;
  /** Ids of steps in the order in which they first began: undo goes the other way. */
  order: readonly string[];
  turn?: Turn;
  /** A step of failback failed: what follows is not forward any more. */
  failbackFailed: boolean;
  inboxSeen: number;
  closing: boolean;
  sealed: boolean;
  finished: boolean;
  /** An addendum is open: what still stood at the end is being taken back. Nothing else may follow the end. */
  retrying: boolean;
}

/** An event that can't follow the state. It is a defect, never a user's mistake. */
export class IllegalEventError extends FiredrillError {
  override name = 'IllegalEventError';
  constructor(runId: string, event: RunEvent, why: string) {
    super('illegal-event', `run ${runId}: ${event.type} can't be recorded here: ${why}`, {
      remedy: 'This is a defect of firedrill. Please report it with the output of "firedrill runs show RUN --log".',
    });
  }
}

/** The state after the run's first event, which must be `run.started`. */
export function begin(entry: LogEntry): RunState {
  const { event, runId } = entry;
  if (event.type !== 'run.started') throw new IllegalEventError(runId, event, 'a run begins with run.started');
  const steps = event.plan.steps.map((step): [string, StepRun] => [
    step.id,
    { step, parts: [], succeeded: false, skipped: false, failed: false, outputs: {}, approvals: [] },
  ]);
  return {
    runId,
    plan: event.plan,
    startedBy: event.startedBy,
    startedAt: event.mark,
    head: { seq: entry.seq, hash: entry.hash },
    attempt: 0,
    phases: [],
    phaseStartedAt: {},
    steps: new Map(steps),
    order: [],
    failbackFailed: false,
    inboxSeen: 0,
    closing: false,
    sealed: false,
    finished: false,
    retrying: false,
  };
}

/** Folds a whole log. @returns undefined for a run that has no entry */
export function fold(entries: readonly LogEntry[]): RunState | undefined {
  const [first, ...rest] = entries;
  if (!first) return undefined;
  let state = begin(first);
  for (const entry of rest) state = advance(state, entry);
  return state;
}

/** The state after one more entry. */
export function advance(state: RunState, entry: LogEntry): RunState {
  return { ...next(state, entry.event), head: { seq: entry.seq, hash: entry.hash } };
}

/** The transition function. @throws IllegalEventError */
export function next(state: RunState, event: RunEvent): RunState {
  const illegal = (why: string) => new IllegalEventError(state.runId, event, why);
  if (state.finished && !isAddendum(state, event)) throw illegal('the run has finished');
  switch (event.type) {
    case 'run.started':
      throw illegal('the run has started already');
    case 'run.claimed':
      return { ...state, attempt: event.attempt };
    case 'phase.started':
      if (state.phases.includes(event.phase)) throw illegal(`phase ${event.phase} has begun already`);
      return {
        ...state,
        phases: [...state.phases, event.phase],
        phaseStartedAt: { ...state.phaseStartedAt, [event.phase]: event.mark },
      };
    case 'run.turned':
      if (state.turn) throw illegal(`it has turned already: ${state.turn.message}`);
      return { ...state, turn: event.turn, inboxSeen: Math.max(state.inboxSeen, event.inbox ?? 0) };
    case 'approval.given': {
      const step = stepOf(state, event.step, illegal);
      const approval = { by: event.by, automatic: event.automatic, refused: event.refused ?? false };
      const inboxSeen = Math.max(state.inboxSeen, event.inbox ?? 0);
      return { ...withStep(state, { ...step, approvals: [...step.approvals, approval] }), inboxSeen };
    }
    case 'probe.changed':
      return state;
    case 'run.closing':
      return { ...state, closing: true };
    case 'samples.sealed':
      if (!state.closing) throw illegal('samples are sealed only when the run is closing');
      return { ...state, sealed: true };
    case 'run.finished':
      if (!state.closing) throw illegal('a run closes before it finishes');
      return { ...state, finished: true };
    case 'undo.retried':
      if (!state.finished) throw illegal('a run that has not finished undoes by itself');
      return { ...state, retrying: true };
    case 'undo.ended':
      if (!state.finished || !(state.retrying || event.gone)) throw illegal('no undo is being retried');
      return { ...state, retrying: false };
    case 'step.skipped': {
      const step = stepOf(state, event.step, illegal);
      if (step.parts.some((part) => part.after !== undefined || part.identity !== undefined)) {
        throw illegal('it has begun to change something');
      }
      return withStep(state, { ...step, skipped: true });
    }
    case 'step.succeeded': {
      const step = stepOf(state, event.step, illegal);
      const open = step.parts.find((part) => part.state !== 'settled');
      if (open) throw illegal(`part ${open.name} is ${open.state}`);
      const broken = step.parts.find(({ check }) => check?.holds === false);
      if (broken) throw illegal(`what ${broken.name} looked at does not hold`);
      return withStep(state, { ...step, succeeded: true, succeededAt: event.mark, outputs: event.outputs });
    }
    default:
      return nextPart(state, event, illegal);
  }
}

/** What may follow the end of a run: an undo that is retried, from its opening to its close, and that the whole estate is gone. */
const isAddendum = (state: RunState, event: RunEvent): boolean =>
  event.type === 'undo.retried' ||
  (event.type === 'undo.ended' && event.gone === true) ||
  (state.retrying && addenda.has(event.type));

const addenda: ReadonlySet<RunEvent['type']> = new Set([
  'step.undoing',
  'step.undone',
  'step.undo-failed',
  'undo.ended',
]);

type PartEvent = Extract<RunEvent, { part: string }>;

/** From which states an event may come. Everything else is illegal. */
const allowedFrom: Record<PartEvent['type'], readonly (PartPhase | 'none')[]> = {
  'step.begun': ['none'],
  'step.applied': ['begun'],
  'step.settled': ['begun', 'applied'],
  'step.failed': ['none', 'begun', 'applied'],
  'step.undoing': ['begun', 'applied', 'settled', 'failed', 'undo-failed'],
  'step.undone': ['undoing'],
  'step.undo-failed': ['undoing'],
};

function nextPart(state: RunState, event: PartEvent, illegal: (why: string) => IllegalEventError): RunState {
  const step = stepOf(state, event.step, illegal);
  const part = step.parts.find(({ name }) => name === event.part);
  const from = part?.state ?? 'none';
  if (!allowedFrom[event.type].includes(from)) throw illegal(`part ${event.part} of ${event.step} is ${from}`);
  const put = (changed: PartRun): StepRun => ({
    ...step,
    startedAt: step.startedAt ?? event.mark,
    parts: part ? step.parts.map((old) => (old === part ? changed : old)) : [...step.parts, changed],
  });
  const base = part ?? { name: event.part, state: 'begun' as const, key: '', begun: event.mark, pivot: false };
  const order = state.order.includes(event.step) ? state.order : [...state.order, event.step];
  switch (event.type) {
    case 'step.begun': {
      const { key, before, after, identity, pivot = false } = event;
      return { ...withStep(state, put({ ...base, state: 'begun', key, before, after, identity, pivot })), order };
    }
    case 'step.applied':
      if (base.after === undefined && base.identity === undefined) throw illegal('an observation applies nothing');
      return withStep(state, put({ ...base, state: 'applied', found: event.found, accepted: true }));
    case 'step.settled':
      if (from === 'begun' && (base.after !== undefined || base.identity !== undefined)) {
        throw illegal(`part ${event.part} of ${event.step} was not applied`);
      }
      return withStep(
        state,
        put({ ...base, state: 'settled', seen: true, outputs: event.outputs, check: event.check }),
      );
    case 'step.failed': {
      const failed = { ...put({ ...base, state: 'failed', error: event.error }), failed: true };
      const failbackFailed = state.failbackFailed || step.step.phase === 'failback';
      return { ...withStep(state, failed), order, failbackFailed };
    }
    case 'step.undoing':
      return withStep(state, put({ ...base, state: 'undoing' }));
    case 'step.undone':
      return withStep(state, put({ ...base, state: 'undone' }));
    case 'step.undo-failed':
      return withStep(state, put({ ...base, state: 'undo-failed', error: event.error }));
  }
}

function stepOf(state: RunState, id: string, illegal: (why: string) => IllegalEventError): StepRun {
  const step = state.steps.get(id);
  if (!step) throw illegal(`the plan has no step ${id}`);
  return step;
}

const withStep = (state: RunState, step: StepRun): RunState => ({
  ...state,
  steps: new Map(state.steps).set(step.step.id, step),
});
