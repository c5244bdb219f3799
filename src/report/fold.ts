/**
 * Folds the log of a run into its story. It grows by one entry at a time, so that a live display and a finished report are the
 * same fold. It judges nothing and refuses nothing: whether a history is legal is the run stage's business.
 */
import type { Mark } from '../domain/clock.ts';
import { msBetween } from '../domain/clock.ts';
import { FiredrillError } from '../domain/errors.ts';
import type { LogEntry } from '../domain/event.ts';
import { tellStep } from './fold-step.ts';
import type { RunStory, StepStory } from './story.ts';
import { isUnderWay } from './story.ts';

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
      const { undo, left, gone, mark } = event;
      if (gone) story.retries.push({ by: 'firedrill', started: mark, undone: [] });
      story.retries.at(-1)!.ended = { mark, undo, left, gone };
      return;
    }
    default:
      tellStep(story, event);
      if (event.type === 'step.undone') story.retries.at(-1)?.undone.push(`${event.step}/${event.part}`);
  }
}

/** An earlier instant on the clock of a mark; its wall time follows from the distance. */
function sinceMark(mark: Mark, clockId: string, ns: string): Mark {
  if (clockId !== mark.clockId) return { clockId, ns, at: mark.at };
  const { ms } = msBetween({ ...mark, ns }, mark);
  return { clockId, ns, at: new Date(Date.parse(mark.at) - ms).toISOString() };
}
