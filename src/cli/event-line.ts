/**
 * A step event as a line for people, in the words of the live display of a run. Whoever reads the queue may come in the middle of a
 * run, so a line says by itself which run, day, step and part it is about.
 */
import type { Json, JsonObject } from '../domain/json.ts';
import type { CloudEvent, EventData } from '../publish/story.ts';
import { checkMarks, checkTones, outcomeOf } from '../report/restored.ts';
import { probeMarks, probeTones } from '../report/live-lines.ts';
import type { LiveLine } from '../report/live-lines.ts';
import { paintTone } from '../report/live.ts';
import { harmless, paintFor } from '../report/terminal.ts';

type Tone = LiveLine['tone'];
type Said = readonly [tone: Tone, text: string];

/** Tells events one by one; what changes the run or the day stands above the lines of it. */
export function eventLines(color: boolean): (event: CloudEvent) => string[] {
  const paint = paintFor(color);
  const tones = paintTone(paint);
  let above: string | undefined;
  return ({ time, type, data }) => {
    const now = `run ${data.runId} of ${data.drill}, ${data.environment}, ${text(time).slice(0, 10)} UTC`;
    const heading = now === above ? [] : [paint.bold(harmless(now))];
    above = now;
    const [tone, words] = wordsOf(type.replace(/^firedrill\./, ''), data);
    return [
      ...heading,
      `${paint.dim(text(time).slice(11, 21).padStart(12))}  ${tones[tone](harmless(words).trimEnd())}`,
    ];
  };
}

function wordsOf(type: string, data: EventData): Said {
  const told = type.startsWith('run.') || type.startsWith('undo.') ? ofRun(type, data) : ofStep(type, data);
  return told ?? ['quiet', [type, data.step, data['part'], data.outcome].map(text).join(' ')];
}

function ofRun(type: string, data: EventData): Said | undefined {
  const { runId, outcome } = data;
  switch (type) {
    case 'run.started':
      return ['heading', `${text(data['title'])} (started by ${text(data['startedBy'])})`];
    case 'run.claimed':
      return data['attempt'] === 1
        ? ['quiet', `driven by ${text(data['owner'])}`]
        : ['warn', `taken over by ${text(data['owner'])} (attempt ${text(data['attempt'])})`];
    case 'run.turned':
      return ['bad', `${outcome}: ${text(data['why'])}`];
    case 'run.closing':
      return ['quiet', 'closing'];
    case 'run.finished': {
      const reasons = Array.isArray(data['reasons']) ? data['reasons'].map(text) : [];
      const left = data['exitCode'] === 5 ? [`a person is needed: firedrill runs show ${runId}`] : [];
      const tone = left.length > 0 || outcome !== 'pass' ? 'bad' : 'good';
      return [tone, [`over: ${outcome}, undo ${text(data['undo'])}`, ...reasons, ...left].join(' · ')];
    }
    case 'undo.retried':
      return ['heading', `undo again, for ${text(data['by'])}`];
    case 'undo.ended':
      if (data['gone'] === true) return ['quiet', 'the lab does not exist any more, and what was left went with it'];
      return [outcome === 'incomplete' ? 'bad' : 'good', `undo ${outcome}`];
  }
  return undefined;
}

function ofStep(type: string, data: EventData): Said | undefined {
  const { runId, step: id, phase, outcome } = data;
  const step = text(id);
  const part = `${step} ${text(data['part'])}`;
  const { message, remedy } = objectIn(data['error']);
  const why = [message, remedy]
    .filter((each) => each !== undefined)
    .map(text)
    .join('. ');
  const by = text(data['by']);
  const comment = data['comment'] === undefined ? '' : `: ${text(data['comment'])}`;
  switch (type) {
    case 'phase.started':
      return ['heading', phase ?? ''];
    case 'step.started':
      return ['plain', `  → ${step}: ${text(data['touches'])}`];
    case 'part.started':
      return ['quiet', `    → ${part}: ${text(data['touches'])}`];
    case 'approval.requested':
      return ['warn', `  ? ${step}: ${text(data['question'])}  (firedrill approve ${runId})`];
    case 'approval.given':
      return ['good', `  ✓ ${step} approved${data['automatic'] === true ? ' automatically' : ''} by ${by}${comment}`];
    case 'approval.refused':
      return ['bad', `  ✗ ${step} refused by ${by}${comment}`];
    case 'part.settled':
      return checkWords(part, data['check']) ?? ['quiet', `    · ${part} settled`];
    case 'part.applied':
      return ['quiet', `    · ${part} applied ${text(data['arn'])}`];
    case 'step.succeeded':
      return ['good', `  ✓ ${step}`];
    case 'step.failed':
      return ['bad', `  ✗ ${part} failed: ${why}`];
    case 'step.skipped':
      return ['quiet', `  – ${step} skipped: ${text(data['why'])}`];
    case 'step.undoing':
      return ['plain', `  ↩ ${data['by'] === undefined ? 'undoing' : 'taking back'} ${step}`];
    case 'part.undoing':
      return ['quiet', `    ↩ undoing ${part}`];
    case 'part.undone':
      return ['quiet', `    ↩ ${part} undone`];
    case 'step.undone':
      return ['good', `  ↩ ${step} undone`];
    case 'step.undo-failed':
      return ['bad', `  ✗ ${part} could not be undone: ${why}`];
    case 'probe.changed': {
      const state = outcome === 'good' || outcome === 'bad' ? outcome : 'unknown';
      const seen = data['why'] === undefined ? '' : ` (${text(data['why'])})`;
      return [probeTones[state], `  ${probeMarks[state]} ${text(data['probe'])}: ${state}${seen}`];
    }
    case 'samples.sealed':
      return ['quiet', `raw samples sealed in ${text(data['chunks'])} chunks`];
  }
  return undefined;
}

function checkWords(part: string, check: Json | undefined): Said | undefined {
  if (check === undefined) return undefined;
  const { holds, said, ...doubts } = objectIn(check);
  const outcome = outcomeOf({ ...doubts, holds: holds === true });
  const tone = checkTones[outcome];
  return [tone === 'busy' ? 'warn' : tone, `    ${checkMarks[outcome]} ${part}: ${text(said)}`];
}

/** Others may write to a queue, too, so nothing in an event is what it should be before it was looked at. */
const objectIn = (value: Json | undefined): JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};

const text = (value: Json | undefined): string =>
  value === undefined || value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);
