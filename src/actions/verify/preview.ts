/** What a plan shows of a verification: what each rung would look for, as far as the drill says it, and what it needs for that. */
import { FiredrillError } from '../../domain/errors.ts';
import type { Finding } from '../../domain/plan.ts';
import { durationText } from '../../domain/time-text.ts';
import type { ActionPreview } from '../action.ts';
import { onlyItem, permissions, textOf } from '../places.ts';
import { secretPermissions } from '../secret-stores.ts';
import { loginMissing } from './database.ts';
import type { VerifyInput } from './database.ts';
import type { Engine } from './engine.ts';
import { asksForRows } from './params.ts';
import type { TableParams, VerifyParams } from './params.ts';
import { parseSchema } from './schema.ts';
import { shorten } from './wording.ts';

/** Tables and statements that are told one by one. */
const most = 6;

export function previewOf(input: VerifyInput, engine: Engine): ActionPreview {
  const { params } = input;
  const database = input.target(params.database);
  const manifest = params.manifest === undefined ? undefined : input.target(params.manifest);
  const source = params.source === undefined ? undefined : input.target(params.source);
  const withoutLogin = params.user === undefined && database.login === undefined ? loginMissing(database) : undefined;
  const object = manifest?.items[0]?.facts;
  // One that is still to be found lies beside its backup: the step that finds it may read both.
  const arns = object ? [`arn:aws:s3:::${textOf(object['bucket'])}/${textOf(object['key'])}`] : [];
  return {
    touches: [
      onlyItem(database).id || database.name,
      ...(source ? [`${onlyItem(source).id || source.name} (reads)`] : []),
    ],
    checks: checksOf(params, engine),
    permissions: [
      ...(manifest && arns.length > 0 ? permissions(manifest, ['s3:GetObject', 's3:GetObjectVersion'], arns) : []),
      ...secretPermissions(database, params.password),
    ],
    findings: [...(withoutLogin ? [refusalOf(withoutLogin)] : []), ...schemaFindings(input)],
  };
}

const refusalOf = ({ code, message, remedy }: FiredrillError): Finding => ({
  severity: 'refuse',
  code,
  message,
  remedy,
});

/** Nothing need be restored to know that the expected schema can't be read. */
function schemaFindings(input: VerifyInput): Finding[] {
  const { schema = 'source' } = input.params;
  if (schema === 'source') return [];
  try {
    parseSchema(input.file(schema), schema);
    return [];
  } catch (error) {
    if (!(error instanceof FiredrillError)) throw error;
    return [refusalOf(error)];
  }
}

/** A line for each rung that would look. */
function checksOf(params: VerifyParams, engine: Engine): string[] {
  const { version, schema, tables = {}, freshness, queries = [], performance = [] } = params;
  const named = Object.entries(tables);
  const reference = params.manifest === undefined ? (params.source === undefined ? undefined : 'source') : 'manifest';
  const rows = named.filter(([, table]) => asksForRows(table)).map(([name, table]) => `${name} ${rowsWords(table)}`);
  const sums = named.flatMap(([name, { checksum, upTo }]) =>
    checksum === undefined
      ? []
      : [`${name} (${checksum === 'all' ? 'all columns' : checksum.join(', ')}${upTo ? `, by ${upTo}` : ''})`],
  );
  const noneLost = reference === undefined ? [] : [`none empty or gone that the ${reference} has rows of`];
  const lines: [rung: string, words: readonly string[]][] = [
    ['version', version === undefined ? [] : [version]],
    ['schema', schema === undefined ? [] : [schema === 'source' ? 'as the source has it' : `as ${schema} says`]],
    ['rows', [...shown(rows), ...noneLost]],
    ['checksums', sums.length === 0 ? [] : [`${shown(sums).join(', ')}, as the ${reference} has them`]],
    ['sequences', engine.sequences === undefined ? [] : ['the next row can be added, where there are any']],
    ['freshness', freshness === undefined ? [] : [freshnessWords(freshness)]],
    ['queries', shown(queries.map(({ sql, answer }) => `${shorten(sql, 60)} gives ${shorten(answer, 40)}`))],
    ['performance', shown(performance.map(performanceWords))],
    ['always', ['lets one log in', 'is not the source', 'the negative control fails']],
  ];
  return lines.flatMap(([rung, words]) => (words.length === 0 ? [] : [`${rung}: ${words.join('; ')}`]));
}

/** The first few, and how many more. */
const shown = (words: readonly string[]): string[] =>
  words.length > most ? [...words.slice(0, most), `and ${words.length - most} more`] : [...words];

function rowsWords({ minRows, maxRows, empty, rows }: TableParams): string {
  if (empty === true) return 'empty';
  const bounds = [
    ...(minRows === undefined ? [] : [`at least ${minRows}`]),
    ...(maxRows === undefined ? [] : [`at most ${maxRows}`]),
    ...(rows === undefined ? [] : ['equal']),
  ];
  return bounds.join(', ');
}

const freshnessWords = ({ table, column, within }: NonNullable<VerifyParams['freshness']>): string =>
  within === undefined ? `${table}.${column}` : `${table}.${column}, at most ${durationText(within)} old`;

function performanceWords({ sql, first, warm }: NonNullable<VerifyParams['performance']>[number]): string {
  const bounds = [
    ...(first === undefined ? [] : [`first within ${durationText(first)}`]),
    ...(warm === undefined ? [] : [`warm within ${durationText(warm)}`]),
  ];
  return [shorten(sql, 60), ...bounds].join(', ');
}
