/** What `runs` prints: a line for each run, and below it what somebody must do about it. */
import type { App } from '../app/app.ts';
import { lockOf } from '../app/app.ts';
import { isHeld } from '../postgres/locks.ts';
import { undoNow, wentWithLab } from '../report/afterwards.ts';
import { duration, moment } from '../report/quantities.ts';
import type { RunView } from '../report/record.ts';
import { toView } from '../report/record.ts';
import type { Paint } from '../report/terminal.ts';
import { harmless, paintFor, paragraph } from '../report/terminal.ts';
import type { Frame } from './frame.ts';
import { looking } from './looking.ts';
import { nextOf } from './runs-next.ts';
import type { Next } from './runs-next.ts';

interface Line {
  runId: string;
  drill: string;
  environment: string;
  startedAt: string;
  state: string;
  /** Set while the run is not over: a process drives it. */
  driven?: boolean;
  verdict?: string;
  exitCode?: number;
  undo?: string;
  killed?: boolean;
  /** Its lab does not exist any more, and what it could not undo went with it. */
  gone?: boolean;
  rtoMs?: number;
  /** What a person should do now. */
  next?: Next;
}

export async function listRuns(frame: Frame, { json, limit }: { json: boolean; limit: number }): Promise<void> {
  await looking(frame, async (app) => {
    const lines: Line[] = [];
    for (const runId of await app.log.runs(limit)) {
      lines.push(await lineOf(app, toView(await app.log.read(runId), { published: 0, pending: 0 })));
    }
    if (json) frame.out(JSON.stringify(lines, null, 2));
    else
      frame.out(
        lines.length > 0
          ? tableOf(lines, frame)
          : 'nothing has run yet: firedrill rehearse drills/regional-failover.yaml',
      );
  });
}

async function lineOf({ store }: App, view: RunView): Promise<Line> {
  const { runId, drill, environment, startedAt, state, record } = view;
  const driven = record ? undefined : await isHeld(store.pool, lockOf.owner(runId));
  return {
    runId,
    drill,
    environment,
    startedAt,
    state,
    driven,
    verdict: record?.verdict,
    exitCode: record?.exitCode,
    undo: record && undoNow(record),
    killed: record?.killed,
    gone: record && wentWithLab(record) ? true : undefined,
    rtoMs: record?.recovery.rto?.upperMs,
    next: nextOf(view, driven),
  };
}

const head = ['RUN', 'STARTED (UTC)', 'WHERE', 'RESULT', 'RTO', 'DRILL'] as const;
/** As the head. */
type Row = readonly [runId: string, started: string, where: string, result: string, rto: string, drill: string];

const rowOf = (line: Line): Row => [
  line.runId,
  moment(line.startedAt).slice(0, 16),
  line.environment,
  resultOf(line),
  line.rtoMs === undefined ? '-' : `<= ${duration(line.rtoMs, 'up')}`,
  harmless(line.drill),
];

/** A row beside the head where it fits, else a paragraph for each run. */
function tableOf(lines: readonly Line[], { color, columns, tty }: Frame): string {
  const paint = paintFor(color);
  const width = tty ? columns : Infinity;
  const rows = lines.map(rowOf);
  const widths = head.map((title, n) => Math.max(title.length, ...rows.map((row) => row[n]!.length)));
  const fits = widths.reduce((sum, each) => sum + each + 2, -2) <= width;
  const shown = lines.flatMap((line, n) => {
    const tone = toneOf(line, paint);
    const told = fits ? [besides(rows[n]!, widths, tone)] : below(rows[n]!, width, tone);
    return [...told, ...(line.next ? nextLines(line.next, tone, width) : [])];
  });
  return [...(fits ? [paint.dim(besides(head, widths))] : []), ...shown].join('\n');
}

/** @param tone of the result */
function besides(row: Row, widths: readonly number[], tone: Tone = (text) => text): string {
  const result = head.indexOf('RESULT');
  const cells = row.map((cell, n) => (n === result ? tone(cell.padEnd(widths[n]!)) : cell.padEnd(widths[n]!)));
  return cells.join('  ').trimEnd();
}

const below = ([runId, started, where, result, rto, drill]: Row, width: number, tone: Tone): string[] => [
  `${runId}  ${tone(result)}`,
  ...paragraph(`${drill}, ${where}, ${started} UTC${rto === '-' ? '' : `, RTO ${rto}`}`, width, '    '),
];

type Tone = (text: string) => string;

const nextLines = ({ why, commands }: Next, tone: Tone, width: number): string[] => [
  ...paragraph(why, width, '    ! ').map(tone),
  ...commands.map((command) => `      ${command}`),
];

const states: Record<string, string> = { forward: 'on', turned: 'being undone', closing: 'closing' };

function resultOf(line: Line): string {
  if (line.verdict === undefined) return line.driven ? states[line.state]! : 'left';
  if (line.killed) return 'unfinished';
  if (line.gone) return `${line.verdict}, lab gone`;
  return needsAPerson(line) ? 'needs a person' : line.verdict;
}

const needsAPerson = ({ exitCode, undo, gone }: Line): boolean => exitCode === 5 && undo === 'incomplete' && !gone;

function toneOf(line: Line, paint: Paint): Tone {
  if (needsAPerson(line)) return (text) => paint.bold(paint.bad(text));
  if (line.verdict === undefined) return paint.warn;
  return { pass: paint.good, fail: paint.bad }[line.verdict] ?? paint.warn;
}
