/**
 * What a run was, as reports read it: every step, part and probe, when, and who decided; and what can be said of a step by
 * looking at it. How a log grows into it: fold.ts.
 */
import type { Mark } from '../domain/clock.ts';
import type { ErrorReport } from '../domain/errors.ts';
import type { Turn } from '../domain/event.ts';
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
  /** It failed before it was applied, with an answer: what it would do was refused. */
  refused?: boolean;
  /** Its undo found nothing to take back. */
  nothing?: boolean;
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

/** An undo that was retried after the run's end, or the word that nothing is left to undo. */
export interface RetryStory {
  by: string;
  started: Mark;
  /** Parts that it took back, as `step/part`. */
  undone: string[];
  /** Absent while it goes on, and when it was broken off. */
  ended?: { mark: Mark; undo: UndoState; left: readonly string[]; gone?: true };
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

export const isUnderWay = (step: StepStory): boolean => step.started !== undefined && step.ended === undefined;

/** It was taken back by deleting what it had created, and had changed nothing else. */
export const isDeleted = ({ state, parts }: StepStory): boolean =>
  state === 'undone' && parts.every(({ effect, creates }) => creates || !effect) && parts.some(wasMade);

/** A creation of which nothing came: it was refused, and its undo saw nothing of it either. */
export const cameToNothing = ({ creates, applied, refused = false, nothing = false }: PartStory): boolean =>
  creates && applied === undefined && refused && nothing;

/** It came into being, as far as the log knows: a creation that was refused leaves nothing to delete. */
const wasMade = ({ creates, applied }: PartStory): boolean => creates && applied !== undefined;
