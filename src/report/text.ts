/** The result of a run for a terminal: verdict and figures first, then steps, what was left, and where to look next. */
import type { RunRecord, StepRecord } from '../domain/record.ts';
import { afterwards, needsPerson } from './afterwards.ts';
import { notProven, planNotes } from './limits.ts';
import { notAwsNotice, placeWords } from './place.ts';
import { saidIn, toldIn } from './output.ts';
import { duration, moment } from './quantities.ts';
import { failureOf } from './restored.ts';
import type { Paint } from './terminal.ts';
import { harmless, paintFor, paragraph } from './terminal.ts';
import type { Cell } from './text-table.ts';
import { table } from './text-table.ts';
import { checks, timeShares } from './text-restored.ts';
import type { ObjectiveLine } from './objectives.ts';
import { objectiveLines } from './objectives.ts';
import {
  endOf,
  fateOf,
  left,
  leftTitle,
  mustDo,
  phaseNote,
  phaseWords,
  seeMore,
  stepsByPhase,
  summary,
  tookMs,
  verdictWord,
} from './wording.ts';

export interface TextOptions {
  /** Width of the terminal, characters; used between 40 and 120. */
  columns: number;
  color: boolean;
}

/** The record as text that ends with a newline. */
export function textReport(record: RunRecord, { columns, color }: TextOptions): string {
  const width = Math.min(120, Math.max(40, columns));
  const paint = paintFor(color);
  const blocks = [
    headline(record, width, paint),
    summary(record).flatMap((sentence) => paragraph(sentence, width, '  ')),
    bullets('Why', record.reasons, width, paint),
    bullets('What you must do now', mustDo(record), width, paint, paint.bad),
    table(
      'Objectives',
      objectiveLines(record).map((each) => objectiveRow(each, paint)),
      width,
      paint,
    ),
    checks(record, width, paint),
    timeShares(record, width, paint),
    phases(record, width, paint),
    steps(record, width, paint),
    bullets('Broken expectations', brokenProbes(record), width, paint),
    resources(record, width, paint),
    bullets('After the run', afterwards(record), width, paint),
    bullets('Not proven by this run', notProven(record), width, paint),
    bullets('Notes of the plan', planNotes(record), width, paint),
    more(record, width, paint),
  ];
  return `${blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join('\n'))
    .join('\n\n')}\n`;
}

function headline(record: RunRecord, width: number, paint: Paint): string[] {
  const word = verdictWord(record).toUpperCase();
  const tone = { pass: paint.good, fail: paint.bad, inconclusive: paint.warn, aborted: paint.warn }[record.verdict];
  const lines = paragraph(record.title, width, ' '.repeat(word.length + 2));
  const first = `${paint.bold((needsPerson(record) ? paint.bad : tone)(word))}  ${paint.bold(lines[0]!.trimStart())}`;
  const facts = [
    harmless(record.drill),
    `run ${record.runId}`,
    placeWords(record),
    moment(record.startedAt),
    `took ${duration(tookMs(record))}`,
  ];
  const notice = notAwsNotice(record);
  return [
    first,
    ...lines.slice(1).map(paint.bold),
    ...paragraph(facts.join(' · '), width, '  ').map(paint.dim),
    ...(notice ? paragraph(notice.text, width, '  ').map(paint.warn) : []),
  ];
}

function bullets(title: string, items: readonly string[], width: number, paint: Paint, tone = paint.bold): string[] {
  if (items.length === 0) return [];
  const told = (item: string): string[] => {
    const { said, lines } = toldIn(item);
    return [...paragraph(said, width, '  - '), ...lines.flatMap((line) => paragraph(line, width, '      | '))];
  };
  return [tone(title), ...items.flatMap(told)];
}

const outcomeMarks: Record<ObjectiveLine['outcome'], string> = {
  met: '✓',
  missed: '✗',
  'not measured': '?',
  'not shown': '?',
  'no promise': '·',
};

function objectiveRow({ name, promised, measured, outcome, note }: ObjectiveLine, paint: Paint): Cell[] {
  const { good, bad, warn, dim } = paint;
  const tone = { met: good, missed: bad, 'not measured': warn, 'not shown': warn, 'no promise': dim }[outcome];
  return [
    { text: `${outcomeMarks[outcome]} ${name}`, tone },
    measured ?? 'not measured',
    promised === undefined ? 'no promise' : `promised ${promised}`,
    ...(note === undefined ? [] : [{ text: harmless(note), tone: paint.dim }]),
  ];
}

function phases(record: RunRecord, width: number, paint: Paint): string[] {
  const spans = phaseWords(record).map(({ name, took }) => `${name} ${took}`);
  if (spans.length === 0) return [];
  const note = phaseNote(record);
  return [
    paint.bold('Phases of the recovery'),
    ...paragraph(spans.join(' · '), width, '  '),
    ...(note === undefined ? [] : paragraph(note, width, '  ').map(paint.dim)),
  ];
}

function steps(record: RunRecord, width: number, paint: Paint): string[] {
  const rows = stepsByPhase(record.steps).flatMap(({ phase, steps }) =>
    steps.map((step, n): Cell[] => [{ text: n === 0 ? phase : '', tone: paint.dim }, ...stepRow(step, paint)]),
  );
  const errors = record.steps.flatMap((step) => {
    const { id } = step;
    const error = failureOf(step);
    if (!error) return [];
    const remedy = error.remedy === undefined ? [] : paragraph(error.remedy, width, '      ');
    const said = `${id}: ${saidIn(error.message)} (${error.code})`;
    return [...paragraph(said, width, '    ').map(paint.bad), ...remedy];
  });
  return [...table('Steps', rows, width, paint), ...errors];
}

function stepRow(step: StepRecord, paint: Paint): Cell[] {
  const { id, uses, durationMs, attempts } = step;
  const { word, mark, tone } = endOf(step);
  const tones = { good: paint.good, bad: paint.bad, busy: paint.warn, quiet: paint.dim };
  const again = attempts > 1 ? ` (${attempts} attempts)` : '';
  return [
    { text: `${mark} ${id}`, tone: tones[tone] },
    uses,
    durationMs === undefined ? '' : duration(durationMs),
    { text: `${word}${again}`, tone: paint.dim },
  ];
}

export const brokenProbes = ({ probes }: RunRecord): string[] =>
  probes.filter(({ kept }) => !kept).map(({ probe, why }) => why ?? `${probe} did not keep to what was expected of it`);

function resources(record: RunRecord, width: number, paint: Paint): string[] {
  const lines = left(record).flatMap((resource) => {
    const fate = fateOf(resource, record);
    const tone = resource.state === 'leaked' ? paint.bad : paint.dim;
    return [`  ${harmless(resource.arn)}`, ...paragraph(fate, width, '    ').map(tone)];
  });
  return lines.length === 0 ? [] : [paint.bold(leftTitle(record)), ...lines];
}

function more(record: RunRecord, width: number, paint: Paint): string[] {
  const lines = seeMore(record);
  const longest = Math.max(...lines.map(({ command }) => command.length));
  const fits = lines.every(({ gives }) => longest + gives.length + 6 <= width);
  return [
    paint.bold('See more'),
    ...lines.flatMap(({ command, gives }) =>
      fits
        ? [`  ${command.padEnd(longest)}  ${paint.dim(`# ${gives}`)}`]
        : [...paragraph(gives, width, '  # ').map(paint.dim), `  ${command}`],
    ),
  ];
}
