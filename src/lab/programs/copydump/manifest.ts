/**
 * What a dump must hold, written beside it by whoever took it, so that a restore can be held against it: rows of every table, and a
 * checksum of their content that doesn't depend on their order. Computed by the database, from the rows themselves:
 *
 *   cell    NULL -> `-`; else length in characters, `:`, the value as text
 *   row     MD5 of its cells put together
 *   table   MD5 of `rows:sum:sum`, the sums over both halves of the rows' MD5s as signed numbers of 64 bits
 */
import { escapeIdentifier, type Client } from 'pg';
import type { TableStart } from './format.ts';

export interface Manifest {
  /** ISO 8601: the snapshot that was dumped. */
  takenAt: string;
  engine: 'postgres';
  /** Major version. */
  version: string;
  tables: Record<string, { rows: number; checksum: { columns: string[]; value: string } }>;
}

export async function manifestOf(
  client: Client,
  tables: readonly TableStart[],
  { takenAt, version }: Pick<Manifest, 'takenAt' | 'version'>,
): Promise<Manifest> {
  const manifest: Manifest = { takenAt, engine: 'postgres', version, tables: {} };
  for (const { schema, name, columns } of tables) {
    const { rows } = await client.query<{ rows: string; value: string }>(checksumSql(schema, name, columns));
    const [summed] = rows;
    // Tables of the schema that is searched by default go by their own names, as everyone calls them.
    manifest.tables[schema === 'public' ? name : `${schema}.${name}`] = {
      rows: Number(summed?.rows),
      checksum: { columns: [...columns], value: summed?.value ?? '' },
    };
  }
  return manifest;
}

/** What values look like as text depends on the session: it must have {@link textSettings}. */
function checksumSql(schema: string, table: string, columns: readonly string[]): string {
  const text = (column: string) => `${escapeIdentifier(column)}::text`;
  const cell = (column: string) => `coalesce(length(${text(column)}) || ':' || ${text(column)}, '-')`;
  const half = (side: 'left' | 'right') => `coalesce(sum(('x' || ${side}(h, 16))::bit(64)::bigint), 0)`;
  const rows = `SELECT md5(${columns.map(cell).join(' || ')}) AS h FROM ${escapeIdentifier(schema)}.${escapeIdentifier(table)}`;
  return `SELECT count(*) AS rows, md5(concat_ws(':', count(*), ${half('left')}, ${half('right')})) AS value FROM (${rows}) r`;
}

/** One text for one value, whatever the server's settings are. */
export const textSettings = `
  SET timezone = 'UTC'; SET datestyle = 'ISO, YMD'; SET intervalstyle = 'postgres'; SET extra_float_digits = 3;
  SET bytea_output = 'hex'; SET lc_monetary = 'C'`;
