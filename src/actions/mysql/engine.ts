/** MySQL and MariaDB as verifications speak them. A table of another database is named `database.table`. */
import type { Column, Engine, ReadSession, TextRow } from '../verify/engine.ts';
import { openMysql, troubleOfMysql } from './read-session.ts';
import { mysqlSchemaSql } from './schema-sql.ts';

const quoted = (name: string): string => `\`${name.replaceAll('`', '``')}\``;

function partsOf(table: string): readonly string[] {
  const dot = table.indexOf('.');
  return dot < 0 ? [table] : [table.slice(0, dot), table.slice(dot + 1)];
}

/** The database, empty for the session's own, and the name. */
function withDatabase(table: string): readonly string[] {
  const parts = partsOf(table);
  return parts.length === 1 ? ['', ...parts] : parts;
}

const binary = /blob|binary|^bit|geometry|point|linestring|polygon|geometrycollection/i;

/** A FLOAT shows six digits unless it is taken for a DOUBLE first. Bytes that are no characters are shown in hexadecimal. */
function text({ name, type }: Column): string {
  const value = quoted(name);
  if (binary.test(type)) return `convert(hex(${value}) using utf8mb4)`;
  if (/^float/i.test(type)) return `convert(cast(${value} + 0e0 as char) using utf8mb4)`;
  return `convert(cast(${value} as char) using utf8mb4)`;
}

const columnsSql = `select c.column_name, c.column_type, coalesce(k.ordinal_position, 0)
  from information_schema.columns c left join information_schema.key_column_usage k
    on k.table_schema = c.table_schema and k.table_name = c.table_name and k.column_name = c.column_name
    and k.constraint_name = 'PRIMARY'
  where c.table_schema = coalesce(nullif(?, ''), database()) and c.table_name = ?
  order by c.ordinal_position`;

const tablesSql = `select table_name from information_schema.tables
  where table_schema = database() and table_type in ('BASE TABLE', 'SYSTEM VERSIONED') order by 1`;

const kindSql = `select table_type, engine from information_schema.tables
  where table_schema = coalesce(nullif(?, ''), database()) and table_name = ?`;
/** Engines whose tables are another server's. */
const remote = /^(FEDERATED|CONNECT|SPIDER)$/i;

const writing = /\b(ALL PRIVILEGES|INSERT|UPDATE|DELETE|DROP|CREATE|ALTER|SUPER|FILE|GRANT OPTION)\b/;

export const mysqlEngine: Engine = {
  name: 'mysql',
  title: 'MySQL',
  defaultPort: 3306,
  open: openMysql,
  troubleOf: troubleOfMysql,
  async identity(session) {
    const variables = await valuesOf(
      session,
      `show global variables where variable_name in ('server_uuid', 'hostname', 'port', 'datadir')`,
    );
    const { server_uuid: uuid, hostname, port, datadir } = variables;
    const now = async (): Promise<number> =>
      Number((await session.query('select unix_timestamp(now(3)) * 1000'))[0]![0]);
    const beforeMs = await now();
    const { Uptime: seconds } = await valuesOf(session, `show global status where variable_name = 'Uptime'`);
    const afterMs = await now();
    const [row] = await session.query('select database()');
    const uptimeMs = Number(seconds) * 1000;
    return {
      id: uuid ?? [hostname, port, datadir].join(' '),
      startedMs: afterMs - uptimeMs,
      // Uptime is told in whole seconds, and by a statement of its own, which may have been held up.
      toleranceMs: 2_000 + (afterMs - beforeMs),
      uptimeMs,
      database: row![0]!,
    };
  },
  async version(session) {
    const [row] = await session.query('select version()');
    return /^[\d.]+(-MariaDB)?/i.exec(row![0]!)?.[0] ?? row![0]!;
  },
  async replication(session) {
    return (await isReplica(session)) ? 'follows' : undefined;
  },
  async mayWrite(session) {
    const grants = (await session.query('show grants')).map(([grant]) => grant!);
    // `GRANT USAGE ON *.* TO user IDENTIFIED BY PASSWORD '...'`: only what is granted is looked at.
    const rights = grants.flatMap((grant) => writing.exec(grant.split(/ ON /i)[0]!)?.[1] ?? []);
    return rights.length > 0 ? `holds ${[...new Set(rights)].join(', ')}` : undefined;
  },
  tables: async (session) => (await session.query(tablesSql)).map(([name]) => name!),
  async kind(session, table) {
    const [row] = await session.query(kindSql, withDatabase(table));
    if (!row) return undefined;
    const [type, engine] = row;
    if (type !== 'BASE TABLE' && type !== 'SYSTEM VERSIONED') return 'view';
    return engine && remote.test(engine) ? 'foreign table' : 'table';
  },
  async tablesRead(session, sql) {
    if (!/^\s*(select|with|values|table)\b/i.test(sql)) return [];
    const [[own] = []] = await session.query('select database()');
    const notes = await explained(session, sql);
    return readThrough(session, namesIn(notes, own ?? ''), own ?? '');
  },
  async columns(session, table) {
    const rows = await session.query(columnsSql, withDatabase(table));
    return rows.map(([name, type, key]) => ({ name: name!, type: type!, key: Number(key) }));
  },
  async schema(session) {
    await session.query('set session group_concat_max_len = 1000000');
    return new Map((await session.query(mysqlSchemaSql)).map(([what, definition]) => [what!, definition ?? '']));
  },
  table: (name) => partsOf(name).map(quoted).join('.'),
  column: quoted,
  cell: (column) =>
    `case when ${quoted(column.name)} is null then '-' else concat(char_length(${text(column)}), ':', ${text(column)}) end`,
  shown: text,
  concat: (texts) => `concat(${texts.join(', ')})`,
  half: (md5, side) => `cast(conv(${side}(${md5}, 16), 16, -10) as signed)`,
  bucket: (md5, buckets) => `mod(cast(conv(left(${md5}, 8), 16, 10) as unsigned), ${buckets})`,
  epochMs: ({ name, type }) =>
    /^(timestamp|date)/i.test(type) ? `(timestampdiff(microsecond, '1970-01-01', ${quoted(name)}) / 1000)` : undefined,
};

/** MariaDB tells everybody; MySQL those who may read its performance schema, and of others it can't be known. */
async function isReplica(session: ReadSession): Promise<boolean> {
  const running =
    "show global status where variable_name in ('Slave_running', 'Slaves_running') and value not in ('OFF', '0')";
  if (Object.keys(await valuesOf(session, running)).length > 0) return true;
  try {
    const receiving = "select 1 from performance_schema.replication_connection_status where service_state <> 'OFF'";
    return (await session.query(receiving)).length > 0;
  } catch (error) {
    const trouble = troubleOfMysql(error);
    if (trouble !== 'denied' && trouble !== 'refused') throw error;
    return false;
  }
}

/** MariaDB writes the statement in full names only where it is asked to; MySQL always does and no longer knows the word. */
const mayBeExtended = ([row]: readonly TextRow[]): string => (/mariadb/i.test(row?.[0] ?? '') ? 'extended ' : '');

/** A statement in full names; nothing where the role may not see what a view is made of. */
async function explained(session: ReadSession, sql: string): Promise<string> {
  try {
    await session.query(`explain ${mayBeExtended(await session.query('select version()'))}${sql}`);
    return (await session.query('show warnings')).map(([, , message]) => message ?? '').join(' ');
  } catch (error) {
    const trouble = troubleOfMysql(error);
    if (trouble !== 'denied' && trouble !== 'refused') throw error;
    return '';
  }
}

const viewSql = `select view_definition from information_schema.views
  where table_schema = coalesce(nullif(?, ''), database()) and table_name = ?`;

/** Databases of the server's own, which have rows whatever was restored. */
const systems = /^(information_schema|performance_schema|mysql|sys)$/i;

/**
 * The tables among these names, and those behind its views, but for the server's own. A column of an alias reads like a table of a
 * database, and is none.
 */
async function readThrough(session: ReadSession, names: readonly string[], own: string): Promise<string[]> {
  const tables: string[] = [];
  const seen = new Set(names);
  // What is added while it is walked is walked too.
  for (const name of seen) {
    const [row] = await session.query(kindSql, withDatabase(name));
    if (!row) continue;
    const [view] = await session.query(viewSql, withDatabase(name));
    if (view) for (const behind of namesIn(view[0] ?? '', own)) seen.add(behind);
    else if (!systems.test(withDatabase(name)[0] || own)) tables.push(name);
  }
  return tables;
}

/** What may be the tables of a statement with full names: `database`.`table`, but for columns, which have three parts. */
function namesIn(statement: string, own: string): string[] {
  const found = statement.matchAll(/(?<![`.])`((?:[^`]|``)+)`\.`((?:[^`]|``)+)`(?!\.)/g);
  const names = [...found].map(([, database, table]) => (database === own ? table! : `${database}.${table}`));
  return [...new Set(names)];
}

/** Name and value of what SHOW lists. */
async function valuesOf(session: ReadSession, sql: string): Promise<Partial<Record<string, string>>> {
  return Object.fromEntries((await session.query(sql)).map(([name, value]) => [name!, value ?? '']));
}
