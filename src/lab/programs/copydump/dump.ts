/**
 * Dumps a database into the container of format.ts, as a stream: one snapshot for roles, schema, rows and the manifest, so that they
 * agree with each other while customers work on.
 */
import type { Client } from 'pg';
import { copyOut } from './copy.ts';
import { FrameWriter, type TableStart } from './format.ts';
import { manifestOf, textSettings, type Manifest } from './manifest.ts';
import { rolesOf, schemaOf } from './schema.ts';

export interface DumpOptions {
  /** Connected to the database as a superuser, and nobody else's. */
  client: Client;
  write: (bytes: Buffer) => Promise<void>;
  /**
   * Dumps what there was at an earlier moment, ISO 8601: later rows of the tables that know their time are left out. An estate gets
   * the backups of its past so.
   */
  asOf?: string | undefined;
}

/** Columns that say when a row came to be. */
const times: Readonly<Record<string, string>> = { orders: 'placed_at', canary: 'written_at' };

/** @returns what the dump holds, counted and summed up in the database, in the dump's own snapshot */
export async function dumpTo({ client, write, asOf }: DumpOptions): Promise<Manifest> {
  await client.query(textSettings);
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
  try {
    const { rows } = await client.query<{ now: Date; version: string; database: string; owner: string }>(
      `SELECT transaction_timestamp() AS now, current_setting('server_version_num')::int / 10000 || '' AS version,
              datname AS database, pg_get_userbyid(datdba) AS owner
         FROM pg_database WHERE datname = current_database()`,
    );
    const [snapshot] = rows;
    if (snapshot === undefined) throw new Error('the database does not know its own name');
    const { now, ...database } = snapshot;
    const roles = await rolesOf(client);
    const { tables, before, after } = await schemaOf(client);
    if (asOf !== undefined) await forgetSince(client, tables, asOf);
    const takenAt = asOf ?? now.toISOString();
    const writer = new FrameWriter(write);
    await writer.begin({ takenAt, engine: 'postgres', ...database });
    // Roles belong to the server, so they come before the database.
    for (const statement of roles) await writer.frame('S', statement);
    for (const statement of before) await writer.frame('Q', statement);
    const counts: Record<string, number> = {};
    for (const table of tables) counts[`${table.schema}.${table.name}`] = await dumpTable(client, writer, table);
    for (const statement of after) await writer.frame('Q', statement);
    const manifest = await manifestOf(client, tables, { takenAt, version: database.version });
    await writer.end(counts);
    return manifest;
  } finally {
    // Nothing was changed that shall stay.
    await client.query('ROLLBACK');
  }
}

async function dumpTable(client: Client, writer: FrameWriter, table: TableStart): Promise<number> {
  await writer.frame('T', JSON.stringify(table));
  const { rows } = await client.query<{ text: string }>(
    `SELECT format('COPY %I.%I (%s) TO STDOUT', $1::text, $2::text,
                   (SELECT string_agg(quote_ident(c), ', ' ORDER BY n) FROM unnest($3::text[]) WITH ORDINALITY u (c, n))) AS text`,
    [table.schema, table.name, table.columns],
  );
  return copyOut(client, rows[0]?.text ?? '', (piece) => writer.frame('D', piece));
}

/** Within the dump's own transaction, which is rolled back: nobody else sees it. */
async function forgetSince(client: Client, tables: readonly TableStart[], asOf: string): Promise<void> {
  for (const { name } of tables) {
    const column = times[name];
    if (column !== undefined) await client.query(`DELETE FROM ${name} WHERE ${column} > $1`, [asOf]);
  }
}
