/** PostgreSQL as verifications speak it. */
import type { Column, Engine, ReadSession, TableKind } from '../verify/engine.ts';
import { sequencesOf } from './sequences.ts';
import { openPostgres, troubleOfPostgres } from './read-session.ts';
import { postgresSchemaSql } from './schema-sql.ts';

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** `schema.table`; a table without a schema lies in `public`. */
function partsOf(table: string): [schema: string, name: string] {
  const dot = table.indexOf('.');
  return dot < 0 ? ['public', table] : [table.slice(0, dot), table.slice(dot + 1)];
}

const text = ({ name }: Column): string => `${quoted(name)}::text`;

const columnsSql = `select attname, format_type(atttypid, atttypmod), coalesce(array_position(conkey, attnum), 0)
  from pg_class c join pg_namespace n on n.oid = relnamespace join pg_attribute on attrelid = c.oid
  left join pg_constraint on conrelid = c.oid and contype = 'p'
  where nspname = $1 and relname = $2 and relkind in ('r', 'p', 'f', 'v', 'm') and attnum > 0 and not attisdropped
  order by attnum`;

const tablesSql = `select case nspname when 'public' then '' else nspname || '.' end || relname
  from pg_class c join pg_namespace n on n.oid = relnamespace
  where relkind in ('r', 'p') and not relispartition and nspname !~ '^pg_' and nspname <> 'information_schema'
    and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
  order by 1`;

const writableSql = `select (select rolsuper from pg_roles where rolname = current_user),
  count(*) filter (where has_table_privilege(c.oid, 'insert, update, delete, truncate'))
  from pg_class c join pg_namespace n on n.oid = relnamespace
  where relkind in ('r', 'p') and nspname !~ '^pg_' and nspname <> 'information_schema'`;

const kindSql = `select relkind from pg_class c join pg_namespace n on n.oid = relnamespace where nspname = $1 and relname = $2`;
const kinds: Readonly<Record<string, TableKind>> = {
  r: 'table',
  p: 'table',
  m: 'table',
  v: 'view',
  f: 'foreign table',
};

/** Hot standbys have a receiver, logical replicas a subscription. */
const replicationSql = `select exists (select from pg_stat_wal_receiver)
  or exists (select from pg_subscription where subenabled and subdbid = (select oid from pg_database where datname = current_database())),
  pg_is_in_recovery()`;

/** Partitions are parts of their table. The system's own tables have rows in a database that lost all others. */
const rootSql = `select case n.nspname when 'public' then '' else n.nspname || '.' end || root.relname
  from pg_class c join pg_namespace own on own.oid = c.relnamespace
  join pg_class root on root.oid = coalesce(pg_partition_root(c.oid), c.oid) join pg_namespace n on n.oid = root.relnamespace
  where own.nspname = $1 and c.relname = $2 and own.nspname !~ '^pg_' and own.nspname <> 'information_schema'`;

const identitySql = `select (extract(epoch from pg_postmaster_start_time()) * 1000)::text,
  (extract(epoch from clock_timestamp() - pg_postmaster_start_time()) * 1000)::text, current_database()`;

export const postgresEngine: Engine = {
  name: 'postgres',
  title: 'PostgreSQL',
  defaultPort: 5432,
  open: openPostgres,
  troubleOf: troubleOfPostgres,
  async identity(session) {
    const [row] = await session.query(identitySql);
    const [started, uptime, database] = row!;
    const id = await systemIdentifier(session);
    return { id, startedMs: Number(started), toleranceMs: 0, uptimeMs: Number(uptime), database: database! };
  },
  async version(session) {
    const [row] = await session.query('show server_version');
    return /^[\w.]+/.exec(row![0]!)![0];
  },
  async replication(session) {
    const [row] = await session.query(replicationSql);
    const [follows, recovers] = row!;
    if (follows === 't') return 'follows';
    return recovers === 't' ? 'replays' : undefined;
  },
  async mayWrite(session) {
    const [row] = await session.query(writableSql);
    const [superuser, tables] = row!;
    if (superuser === 't') return 'is a superuser';
    if (tables === '0') return undefined;
    return tables === '1' ? 'may write to 1 table' : `may write to ${tables} tables`;
  },
  tables: async (session) => (await session.query(tablesSql)).map(([name]) => name!),
  async kind(session, table) {
    const [row] = await session.query(kindSql, partsOf(table));
    return row && kinds[row[0]!];
  },
  async tablesRead(session, sql) {
    if (!/^\s*(select|with|values|table)\b/i.test(sql)) return [];
    const [plan] = await session.query(`explain (verbose, format json) ${sql}`);
    const found = new Set<string>();
    for (const [schema, name] of relationsIn(JSON.parse(plan![0]!))) {
      for (const [root] of await session.query(rootSql, [schema, name])) found.add(root!);
    }
    return [...found];
  },
  sequences: sequencesOf,
  async columns(session, table) {
    const rows = await session.query(columnsSql, partsOf(table));
    return rows.map(([name, type, key]) => ({ name: name!, type: type!, key: Number(key) }));
  },
  async schema(session) {
    // Definitions name other schemas' objects in full, and which those are depends on it.
    await session.query('set search_path = public');
    return new Map((await session.query(postgresSchemaSql)).map(([what, definition]) => [what!, definition ?? '']));
  },
  table: (name) => partsOf(name).map(quoted).join('.'),
  column: quoted,
  cell: (column) => `coalesce(length(${text(column)}) || ':' || ${text(column)}, '-')`,
  shown: text,
  // Not concat(), which takes a hundred arguments at most.
  concat: (texts) => `(${texts.map((each) => `(${each})`).join(' || ')})`,
  half: (md5, side) => `('x' || ${side}(${md5}, 16))::bit(64)::bigint`,
  bucket: (md5, buckets) => `(('x' || left(${md5}, 8))::bit(32)::bigint % ${buckets})`,
  epochMs({ name, type }) {
    if (/^(timestamp|date)/.test(type)) return `(extract(epoch from ${quoted(name)}) * 1000)`;
    return undefined;
  },
};

/** Schema and name of what a plan reads, anywhere in it. */
function relationsIn(plan: unknown): [schema: string, name: string][] {
  if (typeof plan !== 'object' || plan === null) return [];
  const { 'Relation Name': name, Schema: schema } = plan as Record<string, unknown>;
  const own: [string, string][] = typeof name === 'string' && typeof schema === 'string' ? [[schema, name]] : [];
  return [...own, ...Object.values(plan).flatMap(relationsIn)];
}

/** The cluster's own number, where the role may read it. */
async function systemIdentifier(session: ReadSession): Promise<string> {
  const allowed = await session.query("select has_function_privilege('pg_control_system()', 'execute')");
  if (allowed[0]?.[0] !== 't') return 'unknown';
  const [row] = await session.query('select system_identifier from pg_control_system()');
  return row![0]!;
}
