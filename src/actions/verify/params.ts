/** What a verification is asked to prove. Only `database` and how to log in are needed, and something about its contents. */
import { z } from 'zod';
import type { Implied } from '../../domain/catalogue.ts';
import type { WithValue } from '../../domain/drill.ts';
import { choice, count, duration, file, flag, isStandIn, storedSecret, target, text } from '../../domain/fields.ts';

const databases = ['sql/database', 'rds/instance'];

/**
 * As engines say it without what a distribution adds, or its beginning: nothing else is ever found equal.
 * Source: PostgreSQL's `server_version` (also `19beta1`, `19devel`), `version()` of MySQL and MariaDB.
 */
const version = (description: string) =>
  z
    .string()
    .refine(
      (said) => isStandIn(said) || /^\d+(\.\d+)*([A-Za-z_]\w*|-MariaDB)?$/.test(said),
      'not a version, like 18 or 18.4',
    )
    .meta({ kind: 'text', description });

const moment = (description: string) =>
  z
    .string()
    .refine(
      (at) => isStandIn(at) || (/^\d{4}-\d{2}-\d{2}/.test(at) && Number.isFinite(Date.parse(at))),
      'not a time, like 2026-11-21T03:00:12Z',
    )
    .meta({ kind: 'text', description });

/** Neither engine has names without a character; all others may be a table's, the schema's (or database's) before a dot. */
const isTableName = (name: string): boolean =>
  name !== '' && !name.startsWith('.') && name.indexOf('.') !== name.length - 1;
const noTableName = 'not a table, like orders or audit.entries';

const tableParams = z.strictObject({
  minRows: count('fewest rows that it may have').optional(),
  maxRows: count('most rows that it may have').optional(),
  empty: flag('true: it must be there and hold no row').optional(),
  rows: choice(['equal'], 'equal: as many rows as the manifest says, or else the source has').optional(),
  checksum: z
    .union([choice(['all']), z.array(text('column'))])
    .meta({ description: 'columns whose contents must equal those of the manifest, or else of the source; or all' })
    .optional(),
  upTo: text('column of time: only rows up to asOf are compared with the source, which has grown since').optional(),
});
export type TableParams = z.output<typeof tableParams>;

/** One statement that begins as one that reads does; the session is read only whatever it says. */
const readingSql = (description: string) =>
  text(description)
    .refine(
      (sql) => /^\s*(select|with|values|table|show|explain)\b/i.test(sql),
      'must be one that reads, beginning with select or with',
    )
    .refine((sql) => !hasSeveralStatements(sql), 'must be one statement')
    .meta({ kind: 'text', description });

/** Without what stands in quotes and comments. */
const bare = (sql: string): string =>
  sql.replaceAll(/'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|\$(\w*)\$[\s\S]*?\$\1\$|--[^\n]*|\/\*[\s\S]*?\*\//g, ' ');

/** Whether something follows a semicolon that stands outside of quotes and comments. */
export const hasSeveralStatements = (sql: string): boolean => /;\s*\S/.test(bare(sql));

const readsTable = (sql: string): boolean => /\b(from|table)\b/i.test(bare(sql));

const fields = {
  database: target(databases, 'the restored database'),
  name: text('name of the database on its server; default as its target says').optional(),
  user: text('the verification role: one that may read and nothing else').optional(),
  password: storedSecret("its password; default for both: the target's login").optional(),
  tls: choice(
    ['verify', 'encrypt', 'off'],
    'encrypt: without checking the certificate; default verify, on loopback off',
  ).optional(),
  source: target(databases, 'compare with this live database, logging in as its target says, else as above').optional(),
  asOf: moment('until when a table with upTo is compared with the source: the recovery point, ISO 8601').optional(),
  manifest: target(
    's3/object',
    'compare with the manifest that was written beside the backup; default where rows are to be equal or checksums to be held against one, without a source: that of the one backup found before',
  ).optional(),
  version: version('version of the engine: 18, or in full').optional(),
  schema: z
    .union([choice(['source']), file()])
    .meta({ description: 'file with the expected schema, as JSON; or source: that of the live database' })
    .optional(),
  tables: z.record(text(), tableParams).meta({ description: 'by name: table or schema.table' }).optional(),
  freshness: z
    .strictObject({
      table: text('table that is written to all the time')
        .refine(isTableName, noTableName)
        .meta({ kind: 'text', description: 'table that is written to all the time' }),
      column: text('when a row was written'),
      within: duration('greatest age of the newest row when recovery begins; default: it is only told').optional(),
    })
    .meta({ description: 'how old the newest row is' })
    .optional(),
  queries: z
    .array(
      z.strictObject({
        sql: readingSql('what the application would ask'),
        answer: text('columns apart by |, rows by line; NULL where there is no value, (none) where there is no row'),
      }),
    )
    .meta({ description: 'what the application would ask, and what the answer must be' })
    .optional(),
  performance: z
    .array(
      z.strictObject({
        sql: readingSql('a query that users wait for'),
        first: duration('longest time when it is asked first').optional(),
        warm: duration('longest time once it was asked before, the median of five').optional(),
      }),
    )
    .meta({ description: 'how long users wait, first and warm' })
    .optional(),
};

export const params = z.strictObject(fields).superRefine((given, context) => {
  const refuse = (message: string, ...path: string[]): void => context.addIssue({ code: 'custom', message, path });
  const tables = Object.entries(given.tables ?? {});
  const compares = given.source !== undefined || given.manifest !== undefined;
  const looks = tables.some(([, table]) => asksForSomeRows(table));
  if (!looks && !(given.queries ?? []).some(({ sql }) => readsTable(sql))) {
    refuse(
      'a verification must look at contents, which no empty database has: give a table its rows or a checksum, or ask queries of tables',
    );
  }
  if ((given.user === undefined) !== (given.password === undefined)) refuse('user and password go together');
  const bounded = tables.filter(([, { upTo }]) => upTo !== undefined);
  if (bounded.length > 0 && given.asOf === undefined) refuse('upTo needs asOf: the time up to which rows are compared');
  if (given.asOf !== undefined && bounded.length === 0) refuse('asOf needs a table with upTo', 'asOf');
  if (bounded.length > 0 && given.source === undefined) refuse('upTo needs a source: a manifest is exact as it is');
  if (given.schema === 'source' && given.source === undefined) refuse('schema: source needs a source', 'schema');
  for (const [name, table] of tables) {
    if (!isTableName(name)) refuse(`'${name}' is ${noTableName}`, 'tables', name);
    const { minRows = 0, maxRows = Infinity, empty, rows, checksum } = table;
    if (minRows > maxRows) refuse(`${name}: minRows is more than maxRows`, 'tables', name);
    if (empty === true && asksForSomeRows(table)) {
      refuse(`${name}: empty: true goes alone, an empty table has no rows and no checksum`, 'tables', name);
    }
    if (rows === 'equal' && !compares) refuse(`${name}: rows: equal needs a manifest or a source`, 'tables', name);
    if (checksum !== undefined && !compares) refuse(`${name}: checksum needs a manifest or a source`, 'tables', name);
    if (!asksForRows(table) && checksum === undefined) refuse(`${name}: says nothing of its contents`, 'tables', name);
    if (Array.isArray(checksum) && checksum.length === 0) refuse(`${name}: checksum of no column`, 'tables', name);
    if (Array.isArray(checksum) && new Set(checksum).size < checksum.length) {
      refuse(`${name}: checksum names a column twice`, 'tables', name, 'checksum');
    }
  }
});
export type VerifyParams = z.output<typeof params>;

/** What is to be held against something, and not said against what, is held against the manifest of the backup that was found. */
export const impliedManifest: Implied = {
  param: 'manifest',
  output: 'manifest',
  neededBy: ({ source, tables }) =>
    source === undefined &&
    Object.values(isGroup(tables) ? tables : {}).some(
      (table) => isGroup(table) && (table['rows'] !== undefined || table['checksum'] !== undefined),
    ),
};

function isGroup(value: WithValue | undefined): value is Readonly<Record<string, WithValue>> {
  return typeof value === 'object' && !Array.isArray(value);
}

/** What the drill says of a table; PostgreSQL's tables without a schema lie in `public`. */
export const declaredAs = ({ tables = {} }: Pick<VerifyParams, 'tables'>, table: string): TableParams | undefined =>
  tables[table] ?? tables[`public.${table}`];

/** Whether it asks for something that no table without rows has. */
export const asksForSomeRows = ({ minRows, maxRows, rows, checksum }: TableParams): boolean =>
  minRows !== undefined || maxRows !== undefined || rows !== undefined || checksum !== undefined;

/** Whether it says how many rows there are. */
export const asksForRows = ({ minRows, maxRows, empty, rows }: TableParams): boolean =>
  minRows !== undefined || maxRows !== undefined || empty === true || rows !== undefined;
