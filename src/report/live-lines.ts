/** What is worth a line while a run goes on: one log entry in, at most a line or two out. Pure; colours and redrawing are live.ts. */
import { msBetween } from '../domain/clock.ts';
import type { LogEntry, Turn } from '../domain/event.ts';
import type { RunStory, StepStory } from './story.ts';
import { isDeleted } from './story.ts';
import { duration } from './quantities.ts';
import { saidIn, toldIn } from './output.ts';
import { notAwsOf, placeWords } from './place.ts';
import { brokenWords, checkMarks, outcomeOf } from './restored.ts';
import { verdictWord } from './wording.ts';

export interface LiveLine {
  /** Milliseconds since the run started. */
  atMs: number;
  text: string;
  tone: 'heading' | 'good' | 'bad' | 'warn' | 'quiet' | 'plain';
  /** It announces something that a display which shows what is under way needs no line for. */
  begins?: true;
}

/** @param story of the run, with this entry told */
export function linesFor({ event, runId }: LogEntry, story: RunStory): LiveLine[] {
  const atMs = Math.max(0, msBetween(story.started, event.mark).ms);
  const line = (tone: LiveLine['tone'], text: string): LiveLine => ({ atMs, text, tone });
  const step = 'step' in event ? story.steps.get(event.step) : undefined;
  switch (event.type) {
    case 'run.started':
      return [
        line('heading', event.plan.drill.title),
        line(
          'quiet',
          `run ${runId} of ${event.plan.drill.name}, ${placeWords({ environment: event.plan.environment, notAws: notAwsOf(event.plan) })}`,
        ),
      ];
    case 'run.claimed':
      return event.attempt > 1 ? [line('warn', `taken over by ${event.owner} (attempt ${event.attempt})`)] : [];
    case 'phase.started':
      return [line('heading', event.phase)];
    case 'step.skipped':
      return [line('quiet', `  – ${event.step} skipped: ${event.why}`)];
    case 'step.begun': {
      if (event.asks) return [line('warn', `  ? ${event.step}: ${event.asks.question}  (firedrill approve ${runId})`)];
      const first = step?.parts.length === 1;
      return first ? [{ ...line('plain', `  → ${event.step}: ${step.step.uses} ${event.touches}`), begins: true }] : [];
    }
    case 'step.succeeded':
      // An approval has been told by the answer itself.
      return step?.parts.some(({ asks }) => asks) ? [] : [line('good', `  ✓ ${event.step}  ${took(step)}`)];
    case 'step.settled': {
      if (!event.check) return [];
      const outcome = outcomeOf(event.check);
      return [line(liveTones[outcome], `    ${checkMarks[outcome]} ${event.step} ${event.part}: ${event.check.said}`)];
    }
    case 'step.failed':
      if (event.error.code === 'checks-failed') return [line('bad', `  ✗ ${event.step} failed: ${brokenIn(step)}`)];
      return [
        line('bad', `  ✗ ${event.step} failed: ${saidIn(event.error.message)}`),
        ...toldIn(event.error.message).lines.map((text) => line('plain', `      | ${text}`)),
        ...(event.error.remedy === undefined ? [] : [line('plain', `    ${event.error.remedy}`)]),
      ];
    case 'step.undoing':
      return step?.parts.filter(({ state }) => state === 'undoing').length === 1 && step.undone === undefined
        ? [
            {
              ...line('plain', `  ↩ ${event.by === undefined ? 'undoing' : 'taking back'} ${event.step}`),
              begins: true,
            },
          ]
        : [];
    case 'step.undone':
      return step?.state === 'undone' ? [line('good', `  ↩ ${event.step} ${backWord(step)}`)] : [];
    case 'step.undo-failed':
      return [
        line('bad', `  ✗ ${event.step} could not be undone: ${event.error.message}`),
        ...(event.error.remedy === undefined ? [] : [line('plain', `    ${event.error.remedy}`)]),
      ];
    case 'approval.given': {
      const how = event.automatic ? ' automatically' : '';
      const comment = event.comment === undefined ? '' : `: ${event.comment}`;
      return event.refused
        ? [line('bad', `  ✗ ${event.step} refused by ${event.by}${comment}`)]
        : [line('good', `  ✓ ${event.step} approved${how} by ${event.by}${comment}`)];
    }
    case 'probe.changed': {
      const why = event.why === undefined ? '' : ` (${event.why})`;
      const lost = Math.max(0, msBetween(story.probeChanges.at(-1)!.since, event.mark).ms);
      const since = lost >= 1_000 ? ` since ${duration(lost)}` : '';
      return [
        line(probeTones[event.state], `  ${probeMarks[event.state]} ${event.probe}: ${event.state}${why}${since}`),
      ];
    }
    case 'run.turned':
      return [line('bad', turnText(event.turn, story))];
    case 'run.closing':
      return story.plan.probes.some(({ canary }) => canary) ? [line('quiet', 'reading the written rows back')] : [];
    case 'run.finished':
      return [
        line(event.judgement.verdict === 'pass' ? 'good' : 'bad', verdictWord(event.judgement)),
        ...event.judgement.reasons.map((reason) => line('plain', `  ${saidIn(reason)}`)),
      ];
    case 'undo.retried':
      return [line('heading', `undo again, for ${event.by}`)];
    case 'undo.ended':
      if (event.gone) return [line('quiet', 'the lab does not exist any more, and what was left went with it')];
      return event.left.map((what) => line('bad', `  ${what}`));
    case 'step.applied':
    case 'samples.sealed':
      return [];
  }
}

const took = (step: StepStory | undefined): string =>
  step?.started && step.ended ? duration(Math.max(0, msBetween(step.started, step.ended).ms)) : '';

function backWord(step: StepStory): string {
  if (isDeleted(step)) return 'deleted again';
  return step.undoneBy === undefined ? 'undone' : 'taken back';
}

export const probeTones = { good: 'good', bad: 'bad', unknown: 'warn' } as const;
export const probeMarks = { good: '●', bad: '○', unknown: '?' } as const;

const liveTones = {
  holds: 'good',
  'shows nothing': 'plain',
  'does not hold': 'bad',
  'could not decide': 'warn',
} as const;

const brokenIn = (step: StepStory | undefined): string =>
  brokenWords((step?.parts ?? []).flatMap(({ check }) => (check ? [check] : [])));

function turnText({ kind, message, step }: Turn, { steps }: RunStory): string {
  if (kind === 'aborted') return saidIn(message);
  const failed = step === undefined ? undefined : steps.get(step);
  const checked = failed?.failure?.code === 'checks-failed';
  return `${turnWords[kind]}: ${checked ? `step ${step} failed, ${brokenIn(failed)}` : saidIn(message)}`;
}

const turnWords = {
  failed: 'stopped',
  guardrail: 'stopped by a guardrail',
  inconclusive: 'stopped',
} as const;

/** `0:06.2`, `12:00.0`, `1:02:03`: time since the start, for the margin. */
export function clockText(ms: number): string {
  const tenths = Math.floor(ms / 100);
  const seconds = Math.floor(tenths / 10);
  const two = (n: number): string => String(n).padStart(2, '0');
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}:${two(seconds % 60)}.${tenths % 10}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
}
