/**
 * A run while it goes on. On a terminal: finished things scroll up, and below them stands what is under way, what is waited
 * for and how the probes are, redrawn in place. Elsewhere: one line an event, with the time since the start.
 */
import { msBetween } from '../domain/clock.ts';
import type { LogEntry } from '../domain/event.ts';
import { beginStory, tell } from './fold.ts';
import type { RunStory } from './story.ts';
import type { LiveLine } from './live-lines.ts';
import { clockText, linesFor, probeMarks, probeTones } from './live-lines.ts';
import { duration } from './quantities.ts';
import { waitingIn } from './record.ts';
import type { Paint } from './terminal.ts';
import { cut, harmless, paintFor } from './terminal.ts';

export interface LiveOptions {
  /** The output is a terminal that may be redrawn. */
  live: boolean;
  color: boolean;
  /** Width of the terminal, characters. */
  columns: number;
  write: (text: string) => void;
  /** Milliseconds that only grow; moves the waiting times between two events. @default performance.now */
  now?: () => number;
  /** Between two redraws, milliseconds. @default 200 */
  everyMs?: number;
}

export interface Live {
  /** Shows one entry; entries come in order, from the run's first. */
  entry(entry: LogEntry): void;
  /** Shows what isn't of the run's log, above what is redrawn. After `close` too. */
  above(text: string): void;
  /** Takes the redrawn part away, for good. */
  close(): void;
}

export function createLive({
  live,
  color,
  columns,
  write,
  now = () => performance.now(),
  everyMs = 200,
}: LiveOptions): Live {
  const paint = paintFor(color);
  let story: RunStory | undefined;
  let heardAt = now();
  let drawn = 0;
  let closed = false;
  const erase = (): string => (drawn > 0 ? `\r\u001b[${drawn}A\u001b[0J` : '');
  const draw = (above: string): void => {
    const region = live && !closed && story && !story.finished ? regionOf(story, now() - heardAt, columns, paint) : [];
    const text = `${erase()}${above}${region.map((line) => `${line}\n`).join('')}`;
    drawn = region.length;
    if (text !== '') write(text);
  };
  const timer = live ? setInterval(() => draw(''), everyMs) : undefined;
  timer?.unref();
  return {
    entry(entry) {
      if (story) tell(story, entry);
      else story = beginStory(entry);
      heardAt = now();
      const lines = linesFor(entry, story).filter(({ begins }) => !(live && begins));
      draw(lines.map((line) => `${marginal(line, paint)}\n`).join(''));
    },
    above: (text) => draw(`${text.split('\n').map(harmless).join('\n')}\n`),
    close() {
      closed = true;
      clearInterval(timer);
      const text = erase();
      drawn = 0;
      if (text !== '') write(text);
    },
  };
}

function marginal({ atMs, text, tone }: LiveLine, paint: Paint): string {
  return `${paint.dim(clockText(atMs).padStart(8))}  ${paintTone(paint)[tone](harmless(text))}`;
}

/** The colour of each kind of line. */
export const paintTone = (paint: Paint): Record<LiveLine['tone'], (text: string) => string> => ({
  heading: paint.bold,
  good: paint.good,
  bad: paint.bad,
  warn: paint.warn,
  quiet: paint.dim,
  plain: (same) => same,
});

/** What stands below the scrolled lines: steps under way and what they wait for, then every probe. */
function regionOf(story: RunStory, silentMs: number, columns: number, paint: Paint): string[] {
  const room = Math.max(20, columns - 1);
  const nowMs = msBetween(story.started, story.newest).ms + silentMs;
  const sinceMs = (ms: number): string => duration(Math.max(0, Math.floor((nowMs - ms) / 100) * 100));
  const waits = waitingIn(story).map(({ step, uses, touches, since, question }) => {
    const time = sinceMs(msBetween(story.started, since).ms);
    return question === undefined
      ? cut(harmless(`${' '.repeat(10)}  … ${step}  ${time}  waiting for ${uses} ${touches}`), room)
      : paint.warn(cut(harmless(`${' '.repeat(10)}  ? ${question}  ${time}  firedrill approve ${story.runId}`), room));
  });
  const newest = new Map(story.probeChanges.map((change) => [change.probe, change]));
  const probes = [...newest.values()].map(({ probe, state, why, since }) => {
    const bad = state === 'bad' ? ` for ${sinceMs(msBetween(story.started, since).ms)}` : '';
    const text = `${probeMarks[state]} ${probe} ${state}${bad}${why === undefined ? '' : ` (${why})`}`;
    return paint[probeTones[state]](cut(harmless(`${' '.repeat(12)}${text}`), room));
  });
  const phase = story.phases.at(-1)?.name ?? 'starting';
  return [
    paint.dim(cut(`${clockText(nowMs).padStart(8)}  ${story.closing ? 'closing' : phase}`, room)),
    ...waits,
    ...probes,
  ];
}
