/**
 * One run in full for a terminal: everything that happened, by the clock, then what came of it, what the drill made, and where to
 * read on. Promises, figures and what was not proven are the report's business.
 */
import type { LogEntry } from '../domain/event.ts';
import type { ResourceRecord, RunRecord } from '../domain/record.ts';
import { afterwards, needsPerson } from './afterwards.ts';
import { beginStory, tell } from './fold.ts';
import type { LiveLine } from './live-lines.ts';
import { clockText, linesFor } from './live-lines.ts';
import { paintTone } from './live.ts';
import { placeWords } from './place.ts';
import { counted, duration, moment } from './quantities.ts';
import type { Paint } from './terminal.ts';
import { harmless, paintFor, paragraph } from './terminal.ts';
import { fateOf, mustDo, summary, tookMs, verdictWord } from './wording.ts';

export interface StoryOptions {
  /** Width of the terminal, characters; used between 40 and 120. */
  columns: number;
  color: boolean;
  /** The page for people, where one was written. */
  reportFile?: string;
}

interface Page {
  width: number;
  paint: Paint;
}

const pageFor = ({ columns, color }: StoryOptions): Page => ({
  width: Math.min(120, Math.max(40, columns)),
  paint: paintFor(color),
});

/** A finished run. The text ends without a newline. */
export function runStory(entries: readonly LogEntry[], record: RunRecord, options: StoryOptions): string {
  const page = pageFor(options);
  const blocks = [
    headline(record, page),
    [page.paint.bold('What happened'), ...happened(entries, page)],
    [page.paint.bold('What came of it'), ...outcome(record, page)],
    bullets('What you must do now', mustDo(record), page, page.paint.bad),
    made(record, page),
    bullets('After the run', afterwards(record), page),
    readOn(record, options.reportFile, page),
  ];
  return blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join('\n'))
    .join('\n\n');
}

/** What has happened in a run so far, a line or more for each event that is worth one. */
export const storySoFar = (entries: readonly LogEntry[], options: StoryOptions): string[] =>
  happened(entries, pageFor(options));

function headline(record: RunRecord, { width, paint }: Page): string[] {
  const { accounts, regions, consent } = record;
  const facts = [
    [
      harmless(record.drill),
      `run ${record.runId}`,
      placeWords(record),
      moment(record.startedAt),
      `took ${duration(tookMs(record))}`,
    ],
    [
      `started by ${record.startedBy} with firedrill ${record.toolVersion}`,
      ...(accounts.length > 0 ? [`${accounts.length === 1 ? 'account' : 'accounts'} ${accounts.join(', ')}`] : []),
      ...regions,
      ...(consent ? [`${consent.by} agreed to faults in ${consent.locations.join(', ')}`] : []),
    ],
  ];
  const word = verdictWord(record).toUpperCase();
  const [first = '', ...rest] = paragraph(record.title, width, ' '.repeat(word.length + 2));
  return [
    `${paint.bold(toneOf(record, paint)(word))}  ${paint.bold(first.trimStart())}`,
    ...rest.map(paint.bold),
    ...facts.flatMap((each) => paragraph(each.join(' · '), width, '  ')).map(paint.dim),
  ];
}

function toneOf(record: RunRecord, paint: Paint): (text: string) => string {
  if (needsPerson(record)) return paint.bad;
  return { pass: paint.good, fail: paint.bad, inconclusive: paint.warn, aborted: paint.warn }[record.verdict];
}

function happened(entries: readonly LogEntry[], page: Page): string[] {
  const [first, ...rest] = entries;
  const story = beginStory(first);
  return rest.flatMap((entry) => {
    tell(story, entry);
    const lines = linesFor(entry, story);
    // The verdict and its reasons stand below.
    return entry.event.type === 'run.finished' ? [] : lines.flatMap((line) => shown(line, page));
  });
}

/** With the time in the margin; what doesn't fit goes on below the text, not below the time. */
function shown({ atMs, text, tone }: LiveLine, { width, paint }: Page): string[] {
  const time = clockText(atMs).padStart(8);
  const mark = /^ *(?:[^\w\s] )?/u.exec(text)![0];
  const [first = '', ...rest] = paragraph(text.slice(mark.length), width, `${time}  ${mark}`);
  const toned = paintTone(paint)[tone];
  return [`${paint.dim(time)}${toned(first.slice(time.length))}`, ...rest.map(toned)];
}

function outcome(record: RunRecord, { width }: Page): string[] {
  const missed = record.steps.filter(({ state }) => state === 'none').map(({ id }) => id);
  const reasons = [...record.reasons, ...(missed.length > 0 ? [`Not reached: ${missed.join(', ')}.`] : [])];
  return [
    ...summary(record).flatMap((sentence) => paragraph(sentence, width, '  ')),
    ...reasons.flatMap((reason) => paragraph(reason, width, '  - ')),
  ];
}

function bullets(title: string, items: readonly string[], { width, paint }: Page, tone = paint.bold): string[] {
  if (items.length === 0) return [];
  return [tone(title), ...items.flatMap((item) => paragraph(item, width, '  - '))];
}

/** Everything that the drill created or set aside, also what is gone again. */
function made(record: RunRecord, { width, paint }: Page): string[] {
  const { resources } = record;
  if (resources.length === 0) return [];
  const fate = (resource: ResourceRecord): string => `step ${resource.createdBy}: ${fateOf(resource, record)}`;
  const lines = resources.flatMap((resource) => [
    `  ${harmless(resource.arn)}`,
    ...paragraph(fate(resource), width, '    ').map(resource.state === 'leaked' ? paint.bad : paint.dim),
  ]);
  return [paint.bold(`What it made or set aside: ${counted(resources.length, 'resource')}`), ...lines];
}

function readOn({ runId }: RunRecord, reportFile: string | undefined, { width, paint }: Page): string[] {
  const page: [gives: string, where: string] =
    reportFile === undefined
      ? ['a page to hand on, written anew', `firedrill report ${runId} --format html --out ${runId}.html`]
      : ['the report as a page', reportFile];
  const lines = [
    page,
    ['promises, figures and what was not proven', `firedrill report ${runId}`] as const,
    ['every event as the log has it, with what stood there before', `firedrill runs show ${runId} --log`] as const,
  ];
  return [
    paint.bold('Read on'),
    ...lines.flatMap(([gives, where]) => [...paragraph(gives, width, '  # ').map(paint.dim), `  ${where}`]),
  ];
}
