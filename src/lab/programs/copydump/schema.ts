/**
 * A database's tables as the SQL that makes them again, from Postgres's catalogues: columns, constraints, indexes, owners, privileges.
 * What it doesn't know how to carry it refuses to leave out, because a backup that lacks something silently is worse than none.
 */
import { escapeIdentifier, escapeLiteral, type Client } from 'pg';
import type { TableStart } from './format.ts';

export interface SchemaSql {
  tables: TableStart[];
  /** Makes the tables, without anything that slows down their filling. */
  before: string[];
  /** Constraints, indexes, owners, privileges. */
  after: string[];
}

const ours = `NOT IN ('pg_catalog', 'information_schema', 'pg_toast')`;

const name = (...parts: readonly string[]): string => parts.map(escapeIdentifier).join('.');

async function rowsOf<T>(client: Client, text: string): Promise<T[]> {
  const { rows } = await client.query(text);
  return rows as T[];
}

/** @throws Error that names what can't be carried */
async function refuseTheRest(client: Client): Promise<void> {
  const found = await rowsOf<{ what: string }>(
    client,
    `SELECT CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence'
                           WHEN 'p' THEN 'partitioned table' WHEN 'f' THEN 'foreign table' ELSE 'relation' END
            || ' ' || c.oid::regclass AS what
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname ${ours} AND n.nspname NOT LIKE 'pg_temp%' AND c.relkind NOT IN ('r', 'i', 't')
     UNION ALL SELECT 'function ' || p.oid::regprocedure FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
      WHERE n.nspname ${ours}
     UNION ALL SELECT 'type ' || format_type(t.oid, NULL) FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
      WHERE n.nspname ${ours} AND t.typtype IN ('e', 'd', 'r')
     UNION ALL SELECT 'trigger ' || tgname FROM pg_trigger WHERE NOT tgisinternal
     UNION ALL SELECT 'policy ' || polname FROM pg_policy
     UNION ALL SELECT 'extension ' || extname FROM pg_extension WHERE extname <> 'plpgsql'
     UNION ALL SELECT 'schema ' || nspname FROM pg_namespace
      WHERE nspname ${ours} AND nspname <> 'public' AND nspname NOT LIKE 'pg_%temp%'`,
  );
  if (found.length > 0) throw new Error(`the dump can not carry ${found.map(({ what }) => what).join(', ')}`);
}

interface Column {
  schema: string;
  table: string;
  column: string;
  type: string;
  notNull: boolean;
  default: string | null;
  generated: boolean;
  identity: boolean;
}

/** @throws Error that names what can't be carried */
export async function schemaOf(client: Client): Promise<SchemaSql> {
  await refuseTheRest(client);
  const columns = await rowsOf<Column>(
    client,
    `SELECT n.nspname AS schema, c.relname AS table, a.attname AS column, format_type(a.atttypid, a.atttypmod) AS type,
            a.attnotnull AS "notNull", pg_get_expr(d.adbin, d.adrelid) AS default, a.attgenerated <> '' AS generated,
            a.attidentity <> '' AS identity
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
       LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
      WHERE n.nspname ${ours} AND c.relkind = 'r'
      ORDER BY n.nspname, c.relname, a.attnum`,
  );
  const strange = columns.find(({ generated, identity }) => generated || identity);
  if (strange) throw new Error(`the dump can not carry the generated column ${strange.table}.${strange.column}`);
  const tables = new Map<string, Column[]>();
  for (const column of columns) {
    const table = name(column.schema, column.table);
    tables.set(table, [...(tables.get(table) ?? []), column]);
  }
  return {
    tables: [...tables.values()].map((of) => ({
      schema: of[0]?.schema ?? '',
      name: of[0]?.table ?? '',
      columns: of.map(({ column }) => column),
    })),
    before: [...tables].map(([table, of]) => `CREATE TABLE ${table} (\n  ${of.map(definition).join(',\n  ')}\n)`),
    after: [
      ...(await constraintsOf(client)),
      ...(await indexesOf(client)),
      ...(await ownersOf(client)),
      ...(await privilegesOf(client)),
    ],
  };
}

const definition = ({ column, type, notNull, default: value }: Column): string =>
  `${name(column)} ${type}${value === null ? '' : ` DEFAULT ${value}`}${notNull ? ' NOT NULL' : ''}`;

/** Keys first: foreign ones lean on them. Postgres 18 lists NOT NULL too, which stands with the column. */
async function constraintsOf(client: Client): Promise<string[]> {
  const found = await rowsOf<{ text: string }>(
    client,
    `SELECT 'ALTER TABLE ' || c.conrelid::regclass || ' ADD CONSTRAINT ' || quote_ident(c.conname) || ' '
            || pg_get_constraintdef(c.oid) AS text
       FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid JOIN pg_namespace n ON n.oid = t.relnamespace
      WHERE n.nspname ${ours} AND c.contype IN ('p', 'u', 'x', 'c', 'f')
      ORDER BY c.contype = 'f', c.conrelid::regclass::text, c.conname`,
  );
  return found.map(({ text }) => text);
}

async function indexesOf(client: Client): Promise<string[]> {
  const found = await rowsOf<{ text: string }>(
    client,
    `SELECT pg_get_indexdef(i.indexrelid) AS text
       FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname ${ours} AND c.relkind = 'r'
        AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid AND contype IN ('p', 'u', 'x'))
      ORDER BY 1`,
  );
  return found.map(({ text }) => text);
}

async function ownersOf(client: Client): Promise<string[]> {
  const found = await rowsOf<{ schema: string; table: string; owner: string }>(
    client,
    `SELECT n.nspname AS schema, c.relname AS table, pg_get_userbyid(c.relowner) AS owner
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname ${ours} AND c.relkind = 'r' ORDER BY 1, 2`,
  );
  return found.map(({ schema, table, owner }) => `ALTER TABLE ${name(schema, table)} OWNER TO ${name(owner)}`);
}

/** What is granted on schemas, tables and the database itself. Granting again what is there by default changes nothing. */
async function privilegesOf(client: Client): Promise<string[]> {
  const found = await rowsOf<{ what: string; grantee: string | null; privilege: string; grantable: boolean }>(
    client,
    `SELECT object AS what, NULLIF(grantee, 0)::regrole::text AS grantee, privilege_type AS privilege,
            is_grantable AS grantable
       FROM (
         SELECT 'TABLE ' || c.oid::regclass AS object, a.*
           FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, aclexplode(c.relacl) a
          WHERE n.nspname ${ours} AND c.relkind = 'r' AND a.grantee <> c.relowner
         UNION ALL
         SELECT 'SCHEMA ' || quote_ident(n.nspname), a.* FROM pg_namespace n, aclexplode(n.nspacl) a
          WHERE n.nspname ${ours} AND a.grantee <> n.nspowner
         UNION ALL
         SELECT 'DATABASE ' || quote_ident(d.datname), a.* FROM pg_database d, aclexplode(d.datacl) a
          WHERE d.datname = current_database() AND a.grantee <> d.datdba
       ) granted ORDER BY 1, 2, 3`,
  );
  const columns = await rowsOf<{ what: string }>(
    client,
    `SELECT attrelid::regclass || '.' || attname AS what FROM pg_attribute WHERE attacl IS NOT NULL AND attrelid >= 16384`,
  );
  if (columns.length > 0)
    throw new Error(`the dump can not carry privileges on columns: ${columns.map(({ what }) => what).join(', ')}`);
  return found.map(
    ({ what, grantee, privilege, grantable }) =>
      `GRANT ${privilege} ON ${what} TO ${grantee ?? 'PUBLIC'}${grantable ? ' WITH GRANT OPTION' : ''}`,
  );
}

interface Role {
  name: string;
  flags: string;
  /** SCRAM verifier; null for a role that can't log in with a password. */
  verifier: string | null;
}

/** Roles with their passwords' verifiers, and who is a member of whom. Needs a superuser, and leaves the one it runs as out. */
export async function rolesOf(client: Client): Promise<string[]> {
  const roles = await rowsOf<Role>(
    client,
    `SELECT rolname AS name, rolpassword AS verifier,
            concat_ws(' ', CASE WHEN rolsuper THEN 'SUPERUSER' END, CASE WHEN rolcreaterole THEN 'CREATEROLE' END,
              CASE WHEN rolcreatedb THEN 'CREATEDB' END, CASE WHEN rolcanlogin THEN 'LOGIN' END,
              CASE WHEN rolreplication THEN 'REPLICATION' END, CASE WHEN rolbypassrls THEN 'BYPASSRLS' END,
              CASE WHEN NOT rolinherit THEN 'NOINHERIT' END) AS flags
       FROM pg_authid WHERE rolname NOT LIKE 'pg\\_%' AND rolname <> current_user ORDER BY 1`,
  );
  const members = await rowsOf<{ role: string; member: string; admin: boolean }>(
    client,
    `SELECT roleid::regrole::text AS role, member::regrole::text AS member, bool_or(admin_option) AS admin
       FROM pg_auth_members WHERE member::regrole::text NOT LIKE 'pg\\_%' AND member <> current_user::regrole
      GROUP BY 1, 2 ORDER BY 1, 2`,
  );
  return [
    ...roles.map(({ name: role, flags, verifier }) => {
      const password = verifier === null ? '' : ` PASSWORD ${escapeLiteral(verifier)}`;
      return `CREATE ROLE ${name(role)} ${flags}${password}`;
    }),
    ...members.map(({ role, member, admin }) => `GRANT ${role} TO ${member}${admin ? ' WITH ADMIN OPTION' : ''}`),
  ];
}
