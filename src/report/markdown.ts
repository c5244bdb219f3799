/** A run as Markdown, for tickets, wikis and pull requests. */
import type { Consent, RunRecord, StepRecord } from '../domain/record.ts';
import { afterwards } from './afterwards.ts';
import { notProven, planNotes } from './limits.ts';
import { notAwsNotice, placeWords } from './place.ts';
import { saidIn, toldIn } from './output.ts';
import { duration, moment } from './quantities.ts';
import { checkLines, checkMarks, checkName, failureOf, timeSpent } from './restored.ts';
import { harmless } from './terminal.ts';
import { brokenProbes } from './text.ts';
import { objectiveLines } from './objectives.ts';
import {
  endOf,
  fateOf,
  left,
  leftTitle,
  mustDo,
  phaseNote,
  phaseWords,
  summary,
  tookMs,
  verdictWord,
} from './wording.ts';

export function markdownReport(record: RunRecord): string {
  const word = verdictWord(record);
  const sections = [
    `# ${md(record.title)}: ${word}`,
    noticeSection(record),
    summary(record).map(md).join(' '),
    list('What a person must do now', mustDo(record)),
    list('After the run', afterwards(record)),
    list('Why', record.reasons),
    titled(
      'Objectives',
      ['Objective', 'Promised', 'Measured', 'Outcome', 'How'],
      objectiveLines(record).map(({ name, promised = '', measured = 'not measured', outcome, note = '' }) => [
        name,
        promised,
        measured,
        outcome === 'missed' ? `**${outcome}**` : outcome,
        md(note),
      ]),
    ),
    checksSection(record),
    timeSection(record),
    titled(
      'Phases of the recovery',
      ['Phase', 'Took'],
      phaseWords(record).map(({ name, took }) => [name, took]),
    ),
    phaseNote(record) ?? '',
    titled(
      'Steps',
      ['Phase', 'Step', 'Action', 'State', 'Took', 'AWS calls', 'Error'],
      record.steps.map((step) => stepRow(step)),
    ),
    list('Broken expectations', brokenProbes(record)),
    titled(
      leftTitle(record),
      ['Resource', 'What became of it', 'From step'],
      left(record).map((resource) => [code(resource.arn), fateOf(resource, record), code(resource.createdBy)]),
    ),
    list('Not proven by this run', notProven(record)),
    list('Notes of the plan', planNotes(record)),
    titled(
      'Evidence',
      ['', ''],
      evidence(record).map(([name, value]) => [name, code(value)]),
    ),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

function noticeSection(record: RunRecord): string {
  const notice = notAwsNotice(record);
  return notice ? `> **${notice.word}.** ${md(notice.text)}` : '';
}

function checksSection(record: RunRecord): string {
  const lines = checkLines(record);
  return titled(
    'What was checked',
    ['', 'Check', 'What was found', 'Took'],
    lines.map((line) => [
      checkMarks[line.outcome],
      code(checkName(line, lines)),
      line.outcome === 'holds' ? md(line.said) : `**${line.outcome}:** ${md(line.said)}`,
      duration(line.durationMs),
    ]),
  );
}

function timeSection(record: RunRecord): string {
  const spent = timeSpent(record);
  if (!spent) return '';
  const { shares, totalMs, promisedMs, note } = spent;
  const promised = promisedMs === undefined ? '' : `promised: at most ${duration(promisedMs)}`;
  const total = totalMs === undefined ? [] : [['**together**', `**${duration(totalMs, 'up')}**`, promised]];
  const rows = [...shares.map(({ name, ms, means }) => [name, duration(ms, 'up'), means]), ...total];
  const text = titled('Where the time went', ['Portion', 'Took', ''], rows);
  return note === undefined ? text : `${text}\n\n${note}`;
}

function stepRow(step: StepRecord): string[] {
  const { phase, id, uses, durationMs, awsCalls } = step;
  const error = failureOf(step);
  const { mark, word } = endOf(step);
  return [
    phase,
    code(id),
    code(uses),
    `${mark} ${md(word)}`,
    durationMs === undefined ? '' : duration(durationMs),
    String(awsCalls),
    error ? md(`${saidIn(error.message)} (${error.code})`) : '',
  ];
}

const consentWords = ({ by, how, locations }: Consent): string =>
  `${by} ${how === 'typed' ? 'typed the name of the drill' : 'gave the name of the drill with the command'}: it hits production in ${locations.join(', ')}`;

/** What an auditor needs to find the run again and to check the report against it. */
export function evidence(record: RunRecord): (readonly [name: string, value: string])[] {
  const { consent } = record;
  const approvals = record.approvals.map(
    ({ by, at, comment, automatic }) =>
      `${by}${automatic ? ' (automatic)' : ''}, ${moment(at)}${comment === undefined ? '' : `: ${comment}`}`,
  );
  return [
    ['Run', record.runId],
    ['Drill', record.drill],
    ['Environment', placeWords(record)],
    ['Accounts', record.accounts.join(', ')],
    ['Regions', record.regions.join(', ')],
    ['Started', `${moment(record.startedAt)} by ${record.startedBy}`],
    ['Ended', `${moment(record.endedAt)} (took ${duration(tookMs(record))})`],
    ['Approved by', approvals.join('; ') || 'nobody was asked'],
    ...(consent ? [['Consent', consentWords(consent)] as const] : []),
    record.kind === 'restore' ? ['Kind', 'verification of a restore'] : ['Recovery', record.recoveryLabel],
    ['Clock', record.recovery.measured?.clock ?? 'nothing measured'],
    ['Definition (SHA-256)', record.definitionHash],
    ['Plan (SHA-256)', record.planHash],
    ['Record (head of the log)', record.recordHash],
    ['firedrill', record.toolVersion],
    ['Step events', `${record.events.published} published, ${record.events.pending} waiting`],
  ];
}

function list(title: string, items: readonly string[]): string {
  return items.length === 0 ? '' : `## ${title}\n\n${items.map(listItem).join('\n')}`;
}

/** What a program wrote is quoted below its item, line by line. */
function listItem(item: string): string {
  const { said, lines } = toldIn(item);
  const quoted = lines.map((line) => `  > ${md(line)}`).join('\\\n');
  return lines.length === 0 ? `- ${md(said)}` : `- ${md(said)}\n\n${quoted}\n`;
}

const titled = (title: string, head: readonly string[], rows: readonly (readonly string[])[]): string =>
  rows.length === 0 ? '' : `## ${title}\n\n${table(head, rows)}`;

/** A table whose cells are Markdown already. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Text that stays text: no markup, no HTML, no new line. */
export const md = (text: string): string =>
  harmless(text)
    .replace(/[\\`*_{}[\]<>|#!~]/g, '\\$&')
    .replaceAll('\\<', '&lt;')
    .replaceAll('\\>', '&gt;');

/** Text as code, which holds no markup as long as no backtick ends it. */
const code = (text: string): string => `\`${harmless(text).replaceAll('`', "'").replaceAll('|', '\\|')}\``;
