/**
 * What the log says that matters to a judge: when the fault came, when recovery and failback began, what was turned, decided,
 * failed and undone. Instants are on the run's axis. It measures nothing.
 */
import type { ErrorReport } from '../domain/errors.ts';
import type { LogEntry, RunEvent, Turn } from '../domain/event.ts';
import type { Check } from '../domain/part.ts';
import type { Json, JsonObject } from '../domain/json.ts';
import type { Phase } from '../domain/drill.ts';
import type { Plan, PlannedStep } from '../domain/plan.ts';
import type { Axis, Instant } from './axis.ts';

export interface PartStory {
  name: string;
  state: 'begun' | 'applied' | 'settled' | 'failed' | 'undoing' | 'undone' | 'undo-failed';
  /** It alters or creates something. */
  effect: boolean;
  creates: boolean;
  pivot: boolean;
  begun?: Instant;
  applied?: Instant;
  settled?: Instant;
  /** What it found that has to hold. */
  check?: Check;
  error?: ErrorReport;
}

export interface StepStory {
  step: PlannedStep;
  parts: PartStory[];
  skipped: boolean;
  started?: Instant;
  succeeded?: Instant;
  failed?: Instant;
  /** Why it failed. */
  failure?: ErrorReport;
  /** What its parts gave so far, also where others failed. */
  outputs: JsonObject;
}

export interface Story {
  plan: Plan;
  steps: readonly StepStory[];
  phases: ReadonlyMap<Phase | 'undo', Instant>;
  turn?: Turn & { at: Instant };
  approvals: readonly { step: string; automatic: boolean; refused: boolean }[];
  closing?: Instant;
  /** Wall time of the start of recover, ISO 8601: a backup's age is counted from it. */
  recoverAt?: string;
  /** Newest mark before the run finished. */
  end: Instant;
}

/** A log up to the run's end; what was taken back later belongs to no verdict. */
export function beforeEnd(entries: readonly LogEntry[]): readonly LogEntry[] {
  const end = entries.findIndex(({ event }) => event.type === 'run.finished');
  return end < 0 ? entries : entries.slice(0, end);
}

export function storyOf(plan: Plan, entries: readonly LogEntry[], axis: Axis): Story {
  const steps = new Map(plan.steps.map((step): [string, StepStory] => [step.id, emptyStep(step)]));
  const phases = new Map<Phase | 'undo', Instant>();
  const approvals: { step: string; automatic: boolean; refused: boolean }[] = [];
  let turn: Story['turn'];
  let closing: Instant | undefined;
  let recoverAt: string | undefined;
  let end: Instant = { ms: 0, clockId: entries[0]?.event.mark.clockId ?? '' };
  for (const { event } of entries) {
    if (event.type === 'run.finished') break;
    const at = axis.ofMark(event.mark);
    end = at;
    if (event.type === 'phase.started') {
      phases.set(event.phase, at);
      if (event.phase === 'recover') recoverAt = event.mark.at;
    } else if (event.type === 'run.turned') turn ??= { ...event.turn, at };
    else if (event.type === 'run.closing') closing ??= at;
    else if (event.type === 'approval.given')
      approvals.push({ step: event.step, automatic: event.automatic, refused: event.refused ?? false });
    else if ('step' in event) tellStep(steps.get(event.step), event, at);
  }
  return { plan, steps: [...steps.values()], phases, turn, approvals, closing, recoverAt, end };
}

const emptyStep = (step: PlannedStep): StepStory => ({ step, parts: [], skipped: false, outputs: {} });

type StepEvent = Extract<RunEvent, { type: `step.${string}` }>;

function tellStep(step: StepStory | undefined, event: StepEvent, at: Instant): void {
  if (!step) return;
  if (event.type === 'step.skipped') step.skipped = true;
  else if (event.type === 'step.succeeded') {
    step.succeeded = at;
    step.outputs = event.outputs;
  } else tellPart(step, event, at);
}

function tellPart(step: StepStory, event: Extract<StepEvent, { part: string }>, at: Instant): void {
  let part = step.parts.find(({ name }) => name === event.part);
  if (!part) {
    part = { name: event.part, state: 'begun', effect: false, creates: false, pivot: false };
    step.parts.push(part);
  }
  switch (event.type) {
    case 'step.begun':
      step.started ??= at;
      part.begun = at;
      part.creates = event.identity !== undefined;
      part.effect = part.creates || isGiven(event.after);
      part.pivot = event.pivot ?? false;
      return;
    case 'step.applied':
      part.state = 'applied';
      part.applied = at;
      return;
    case 'step.settled':
      part.state = 'settled';
      part.settled = at;
      part.check = event.check;
      step.outputs = { ...step.outputs, ...event.outputs };
      return;
    case 'step.failed':
      part.state = 'failed';
      part.error = event.error;
      step.failed ??= at;
      step.failure ??= event.error;
      return;
    case 'step.undoing':
      part.state = 'undoing';
      return;
    case 'step.undone':
      part.state = 'undone';
      return;
    case 'step.undo-failed':
      part.state = 'undo-failed';
      part.error = event.error;
      return;
  }
}

const isGiven = (value: Json | undefined): boolean => value !== undefined;

/** The steps whose effect is the fault: those of inject that are marked as faults, else all of inject that change something. */
export function faultSteps({ steps }: Story): StepStory[] {
  const inject = steps.filter(({ step }) => step.phase === 'inject' && isEffect(step));
  const marked = inject.filter(({ step }) => step.fault);
  return marked.length > 0 ? marked : inject;
}

export const isEffect = ({ effect }: PlannedStep): boolean => effect === 'changes' || effect === 'creates';

/** A promotion that began, unless a read has proven that it did not take place. */
export const isPassedPivot = ({ step, parts }: StepStory): boolean =>
  step.pivot !== undefined && parts.some(({ pivot, state }) => pivot && state !== 'undone');

export const earliest = (instants: readonly (Instant | undefined)[]): Instant | undefined =>
  instants.reduce((best, instant) => (instant && (!best || instant.ms < best.ms) ? instant : best), undefined);

export const latest = (instants: readonly (Instant | undefined)[]): Instant | undefined =>
  instants.reduce((best, instant) => (instant && (!best || instant.ms > best.ms) ? instant : best), undefined);

/** The stretches of a run that are judged by different rules. Milliseconds on the axis. */
export interface Windows {
  /** First mark of the fault; where the drill injects none, start of recover. Absent when the run never came that far. */
  from?: Instant;
  /** When the fault's first effect was confirmed. */
  faultApplied?: Instant;
  /** When the last part of the fault was confirmed. */
  faultComplete?: Instant;
  /**
   * Where a fault is injected: when recover began to alter something. What breaks from then on may be broken by a fence, a
   * promotion or a changed record. Absent when recover altered nothing.
   */
  aided?: Instant;
  /** Start of failback, of undoing, or of closing. */
  to: Instant;
  verify?: Instant;
  failback?: Instant;
  /** Where judging ends. */
  end: Instant;
}

const effectsOf = (steps: readonly StepStory[]): PartStory[] =>
  steps.flatMap(({ parts }) => parts.filter(({ effect }) => effect));

export function windowsOf(story: Story): Windows {
  const faults = faultSteps(story);
  const parts = effectsOf(faults);
  const applied = parts.map((part) => part.applied);
  const end = story.closing ?? story.end;
  const { phases } = story;
  const aid = story.steps.filter(({ step }) => step.phase === 'recover' && isEffect(step));
  const failback = earliest([phases.get('failback'), phases.get('undo')]);
  return {
    from: faults.length > 0 ? earliest(parts.map(({ begun }) => begun)) : phases.get('recover'),
    faultApplied: earliest(applied),
    faultComplete: latest(applied),
    aided: faults.length > 0 ? earliest(effectsOf(aid).map(({ begun }) => begun)) : undefined,
    to: failback ?? end,
    verify: phases.get('verify'),
    failback,
    end,
  };
}
