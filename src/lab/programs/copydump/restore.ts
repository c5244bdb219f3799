/**
 * Restores a dump (format.ts) into a server that is empty. The database's content arrives in one transaction: a dump that is cut off,
 * damaged or refused leaves an empty database, never half a one.
 */
import { escapeIdentifier, type Client } from 'pg';
import { copyIn, type CopyIn } from './copy.ts';
import { framesOf, jsonOf, type Header, type TableStart, type Trailer } from './format.ts';

export interface RestoreOptions {
  source: AsyncIterable<Uint8Array>;
  /** Opens a connection to a database of the server, as a superuser. Whoever asks closes it. */
  connect: (database: string) => Promise<Client>;
  say: (line: string) => void;
}

export interface Restored {
  header: Header;
  /** By `schema.table`. */
  rows: Record<string, number>;
}

/** @throws Error that says what is wrong with the dump, or what the database refused */
export async function restoreFrom({ source, connect, say }: RestoreOptions): Promise<Restored> {
  const server = await connect('postgres');
  let client: Client | undefined;
  let header: Header | undefined;
  let filling: { table: string; copy: CopyIn } | undefined;
  const rows: Record<string, number> = {};
  const finishTable = async () => {
    if (filling === undefined) return;
    rows[filling.table] = await filling.copy.end();
    say(`${filling.table}: ${rows[filling.table]} rows`);
    filling = undefined;
  };
  const database = async (): Promise<Client> => {
    if (header === undefined) throw new Error('the dump has no header');
    if (client !== undefined) return client;
    const { database: name, owner } = header;
    await server.query(`CREATE DATABASE ${escapeIdentifier(name)} OWNER ${escapeIdentifier(owner)}`);
    client = await connect(name);
    await client.query('BEGIN');
    return client;
  };
  try {
    for await (const frame of framesOf(source)) {
      switch (frame.kind) {
        case 'H':
          header = jsonOf(frame) as Header;
          say(`dump of ${header.database}, Postgres ${header.version}, taken at ${header.takenAt}`);
          break;
        case 'S':
          await server.query(frame.content.toString('utf8'));
          break;
        case 'Q':
          await finishTable();
          await (await database()).query(frame.content.toString('utf8'));
          break;
        case 'T': {
          await finishTable();
          const table = jsonOf(frame) as TableStart;
          filling = { table: `${table.schema}.${table.name}`, copy: await copyIn(await database(), copySql(table)) };
          break;
        }
        case 'D':
          await filling?.copy.write(frame.content);
          break;
        case 'Z':
          await finishTable();
          checkRows((jsonOf(frame) as Trailer).rows, rows);
          break;
      }
    }
    // Only here the dump is known to be whole.
    await (await database()).query('COMMIT');
    await client?.query('ANALYZE');
    if (header === undefined) throw new Error('the dump has no header');
    return { header, rows };
  } finally {
    // A transaction that isn't committed ends with its connection.
    await client?.end();
    await server.end();
  }
}

const copySql = ({ schema, name, columns }: TableStart): string =>
  `COPY ${escapeIdentifier(schema)}.${escapeIdentifier(name)} (${columns.map((column) => escapeIdentifier(column)).join(', ')}) FROM STDIN`;

function checkRows(expected: Trailer['rows'], found: Trailer['rows']): void {
  const wrong = Object.entries(expected).find(([table, rows]) => found[table] !== rows);
  if (wrong === undefined) return;
  const [table, count] = wrong;
  throw new Error(`${table} has ${found[table] ?? 'no'} rows after the restore, and had ${count} when it was dumped`);
}
