/**
 * Tells a run's log as CloudEvents: which type, about what, and what of it is for others. Captured state, outputs and keys
 * stay in the log. Every log event becomes exactly one CloudEvent. Pure.
 *
 *   log event          type (firedrill. ...)
 *   run.*              run.started, run.claimed, run.turned, run.closing, run.finished
 *   phase.started      phase.started
 *   step.begun         step.started for the step's first part, part.started for the others; approval.requested for a question
 *   step.applied       part.applied
 *   step.settled       part.settled
 *   step.undoing       step.undoing, part.undoing in the same way
 *   step.undone        part.undone, step.undone with the last of the parts that changed something
 *   step.succeeded, step.failed, step.skipped, step.undo-failed: the same
 *   approval.given     approval.given, approval.refused
 *   probe.changed, samples.sealed: the same
 *   undo.retried, undo.ended (after the end): the same
 */
import type { LogEntry, RunEvent } from '../domain/event.ts';
import type { JsonObject } from '../domain/json.ts';
import type { Plan } from '../domain/plan.ts';

export interface CloudEvent {
  specversion: '1.0';
  /** `runId:seq`: with `source` unique for ever. */
  id: string;
  source: string;
  type: string;
  /** `runId`, or `runId/stepId` for what is about a step. */
  subject: string;
  /** ISO 8601, UTC. */
  time: string;
  datacontenttype: 'application/json';
  data: EventData;
}

export type EventData = JsonObject & {
  runId: string;
  seq: number;
  hash: string;
  prevHash: string;
  drill: string;
  environment: string;
  phase?: string;
  outcome: string;
};

/** What an event says besides where it stands. */
interface Telling {
  type: string;
  step?: string;
  /** Default: the last word of the type. */
  outcome?: string;
  more?: JsonObject;
}

interface StepStory {
  begun: Set<string>;
  /** Parts that changed or created something, and are not undone. */
  changed: Set<string>;
  undoing: boolean;
}

export class Story {
  #seq = 0;
  #plan: Plan | undefined;
  #phase: string | undefined;
  readonly #steps = new Map<string, StepStory>();

  /** Sequence number of the last entry that was told. */
  get seq(): number {
    return this.#seq;
  }

  /** Entries have to be told from the run's first, in order. */
  tell({ runId, seq, hash, prev, event }: LogEntry): CloudEvent {
    if (seq !== this.#seq + 1) throw new Error(`entry ${seq} of run ${runId} was told after ${this.#seq}`);
    this.#seq = seq;
    if (event.type === 'run.started') this.#plan = event.plan;
    if (event.type === 'phase.started') this.#phase = event.phase;
    const { type, step, outcome = type.slice(type.lastIndexOf('.') + 1), more } = this.#telling(event);
    const drill = this.#plan?.drill.name ?? '';
    const phase = this.#plan?.steps.find(({ id }) => id === step)?.phase ?? this.#phase;
    return {
      specversion: '1.0',
      id: `${runId}:${seq}`,
      source: `/firedrill/${encodeURIComponent(drill)}`,
      type: `firedrill.${type}`,
      subject: step === undefined ? runId : `${runId}/${step}`,
      time: event.mark.at,
      datacontenttype: 'application/json',
      data: {
        runId,
        seq,
        hash,
        prevHash: prev,
        drill,
        environment: this.#plan?.environment ?? 'other',
        phase,
        outcome,
        step,
        ...more,
      },
    };
  }

  #telling(event: RunEvent): Telling {
    switch (event.type) {
      case 'run.started':
        return { type: event.type, more: startOf(event) };
      case 'run.claimed':
        return { type: event.type, more: { owner: event.owner, attempt: event.attempt } };
      case 'run.turned':
        return { type: event.type, outcome: event.turn.kind, more: { why: event.turn.message, by: event.turn.by } };
      case 'run.closing':
      case 'phase.started':
        return { type: event.type };
      case 'run.finished': {
        const { verdict, undo, recoveryLabel, exitCode, reasons, recovery } = event.judgement;
        const more = { undo, recoveryLabel, exitCode, reasons, recovery: recovery as unknown as JsonObject };
        return { type: event.type, outcome: verdict, more };
      }
      case 'undo.retried':
        for (const step of this.#steps.values()) step.undoing = false;
        return { type: event.type, more: { by: event.by } };
      case 'undo.ended':
        return { type: event.type, outcome: event.undo, more: { left: event.left, gone: event.gone } };
      case 'samples.sealed':
        return { type: event.type, more: { chunks: event.chunks, samplesHash: event.hash } };
      case 'probe.changed': {
        const { probe, state, why } = event;
        return { type: event.type, outcome: state, more: { probe, why } };
      }
      case 'approval.given': {
        const { step, by, comment, automatic, refused } = event;
        return { type: refused ? 'approval.refused' : event.type, step, more: { by, comment, automatic } };
      }
      case 'step.skipped':
        return { type: event.type, step: event.step, more: { why: event.why } };
      case 'step.succeeded':
        return { type: event.type, step: event.step };
      default:
        return this.#partTelling(event);
    }
  }

  #partTelling(event: Extract<RunEvent, { part: string }>): Telling {
    const { step, part } = event;
    const story = this.#storyOf(step);
    switch (event.type) {
      case 'step.begun': {
        const type = event.asks ? 'approval.requested' : story.begun.size === 0 ? 'step.started' : 'part.started';
        story.begun.add(part);
        if (event.after !== undefined || event.identity !== undefined) story.changed.add(part);
        const asks = event.asks && { question: event.asks.question, fourEyes: event.asks.fourEyes };
        return { type, step, more: { part, touches: event.touches, pivot: event.pivot, ...asks } };
      }
      case 'step.applied':
        return { type: 'part.applied', step, more: { part, arn: event.arn } };
      case 'step.settled':
        return {
          type: 'part.settled',
          step,
          more: { part, awsCalls: event.awsCalls, check: event.check && { ...event.check } },
        };
      case 'step.failed': {
        const { code, message, remedy } = event.error;
        return { type: event.type, step, more: { part, awsCalls: event.awsCalls, error: { code, message, remedy } } };
      }
      case 'step.undoing': {
        const type = story.undoing ? 'part.undoing' : 'step.undoing';
        story.undoing = true;
        return { type, step, more: { part, by: event.by } };
      }
      case 'step.undone': {
        story.changed.delete(part);
        return { type: story.changed.size === 0 ? 'step.undone' : 'part.undone', step, more: { part } };
      }
      case 'step.undo-failed': {
        const { code, message, remedy } = event.error;
        return { type: event.type, step, more: { part, error: { code, message, remedy } } };
      }
    }
  }

  #storyOf(step: string): StepStory {
    const known = this.#steps.get(step) ?? { begun: new Set(), changed: new Set(), undoing: false };
    this.#steps.set(step, known);
    return known;
  }
}

/** Of the plan only names: what it would touch is in the log. */
const startOf = ({
  plan,
  startedBy,
  consent,
  toolVersion,
}: Extract<RunEvent, { type: 'run.started' }>): JsonObject => ({
  title: plan.drill.title,
  startedBy,
  consent: consent && { ...consent },
  toolVersion,
  planHash: plan.planHash,
  definitionHash: plan.drill.definitionHash,
  targets: Object.keys(plan.targets),
  probes: plan.probes.map(({ name }) => name),
  steps: plan.steps.map(({ id, phase, uses }) => ({ id, phase, uses })),
});
