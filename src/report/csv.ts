/**
 * One row a run, for spreadsheets. Durations in milliseconds; an empty cell means not measured.
 *
 * Texts come from definitions, clouds and people, and whoever opens the report trusts it: so no text stands where a spreadsheet
 * would compute it (an apostrophe stands in front, which is shown), and none has control characters (a space stands in their
 * place, so that a run is one line for every tool). Who needs a text to the letter takes the report as JSON.
 * Source: RFC 4180; OWASP, CSV Injection; OWASP ASVS 5.0, 1.2.10.
 */
import { onOneLine } from '../domain/control-characters.ts';
import type { Portion } from '../domain/catalogue.ts';
import type { RunRecord } from '../domain/record.ts';
import { declaredMs } from './quantities.ts';
import type { CheckLine } from './restored.ts';
import { checkLines } from './restored.ts';

type Value = string | number | undefined;

const portions: readonly Portion[] = ['find', 'launch', 'boot', 'restore', 'verify'];

const columns: readonly (readonly [name: string, value: (record: RunRecord) => Value])[] = [
  ['run_id', ({ runId }) => runId],
  ['drill', ({ drill }) => drill],
  ['title', ({ title }) => title],
  ['environment', ({ environment }) => environment],
  ['started_at', ({ startedAt }) => startedAt],
  ['ended_at', ({ endedAt }) => endedAt],
  ['verdict', ({ verdict }) => verdict],
  ['exit_code', ({ exitCode }) => exitCode],
  ['undo', ({ undo }) => undo],
  ['recovery_label', ({ recoveryLabel }) => recoveryLabel],
  ['rto_promised_ms', ({ objectives }) => objectives.rtoMs],
  ['rto_lower_ms', ({ recovery }) => recovery.rto?.lowerMs],
  ['rto_upper_ms', ({ recovery }) => recovery.rto?.upperMs],
  ['measured_lower_ms', ({ recovery }) => recovery.measured?.lowerMs],
  ['measured_upper_ms', ({ recovery }) => recovery.measured?.upperMs],
  ['rpo_promised_ms', ({ objectives }) => objectives.rpoMs],
  ['rpo_exercised', ({ recovery }) => recovery.rpo && String(recovery.rpo.exercised)],
  ['rpo_upper_ms', ({ recovery }) => recovery.rpo?.upperMs],
  ['lost_writes', ({ recovery }) => recovery.rpo?.lostWrites],
  ['acked_writes', ({ recovery }) => recovery.rpo?.ackedWrites],
  ['failback_promised_ms', ({ objectives }) => objectives.failbackMs],
  ['failback_upper_ms', ({ recovery }) => recovery.failback?.rto?.upperMs],
  ['reasons', ({ reasons }) => reasons.join('; ')],
  ['kept_resources', ({ resources }) => resources.filter(({ state }) => state === 'kept').length],
  ['leaked_resources', ({ resources }) => resources.filter(({ state }) => state === 'leaked').length],
  ['definition_hash', ({ definitionHash }) => definitionHash],
  ['plan_hash', ({ planHash }) => planHash],
  ['record_hash', ({ recordHash }) => recordHash],
  ['tool_version', ({ toolVersion }) => toolVersion],
  ['started_by', ({ startedBy }) => startedBy],
  ['kind', ({ kind }) => kind],
  ['not_aws', ({ notAws }) => notAws],
  ['declared_ms', ({ recovery }) => recovery.rto && declaredMs(recovery)],
  ['recovery_point_at', ({ recovery }) => recovery.rpo?.recoveryPoints?.at(-1)?.at],
  ['recovery_point_age_at_least_ms', ({ recovery }) => recovery.rpo?.lowerMs],
  ['recovery_point_age_ms', ({ recovery }) => recovery.rpo?.recoveryPointAgeMs],
  ['recovery_point_doubt', ({ recovery }) => recovery.rpo?.doubt],
  ['checks', (record) => checkLines(record).length],
  ['broken_checks', (record) => namesOf(record, ({ holds }) => !holds)],
  ['checks_that_show_nothing', (record) => namesOf(record, ({ outcome }) => outcome === 'shows nothing')],
  ...portions.map((name) => [`${name}_ms`, (record: RunRecord) => portionMs(record, name)] as const),
];

const namesOf = (record: RunRecord, which: (line: CheckLine) => boolean): string =>
  checkLines(record)
    .filter(which)
    .map(({ step, name }) => `${step}: ${name}`)
    .join('; ');

const portionMs = ({ recovery }: RunRecord, portion: Portion): Value =>
  recovery.portions?.find(({ name }) => name === portion)?.durationMs;

/** RFC 4180 with a heading, CRLF line ends. */
export function csvReport(records: readonly RunRecord[]): string {
  const rows = [
    columns.map(([name]) => name),
    ...records.map((record) => columns.map(([, value]) => cell(value(record)))),
  ];
  return rows.map((row) => `${row.join(',')}\r\n`).join('');
}

/**
 * Where a cell would begin with what makes it a formula, in full width, too. Also behind a semicolon: that is where a cell ends
 * for a spreadsheet of a country that writes 0,5.
 */
const formulaAhead = /(?<=^|;)(?=\s*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20])/g;

function cell(value: Value): string {
  if (value === undefined) return '';
  if (typeof value === 'number') return String(value);
  const safe = onOneLine(value).replaceAll(formulaAhead, "'");
  return /[",;]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
