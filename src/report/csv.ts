/** One row a run, for spreadsheets. Durations in milliseconds; an empty cell means not measured. */
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

/** Text that a spreadsheet would take for a formula gets an apostrophe in front: a report must not compute. */
function cell(value: Value): string {
  if (value === undefined) return '';
  if (typeof value === 'number') return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
