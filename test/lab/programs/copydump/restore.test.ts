import { mkdtemp, chmod, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, escapeIdentifier } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { postgresEngine } from '../../../../src/actions/postgres/engine.ts';
import { checksumSql } from '../../../../src/actions/verify/checksum.ts';
import { dumpTo } from '../../../../src/lab/programs/copydump/dump.ts';
import type { Manifest } from '../../../../src/lab/programs/copydump/manifest.ts';
import { restoreFrom } from '../../../../src/lab/programs/copydump/restore.ts';
import { locateBinaries } from '../../../../src/postgres/binaries.ts';
import { initCluster } from '../../../../src/postgres/cluster.ts';
import { startServer, type Server } from '../../../../src/postgres/server.ts';
import { heldMb } from '../../../support/held-memory.ts';
import { takeNetwork } from '../../machines/parts.ts';

/** Two servers: one that is backed up, one that a backup is restored onto. */
/** Nobody else listens there, so that every port is free. */
const net = await takeNetwork();
const host = `127.${net.network}.1.4`;
const login = { user: 'postgres', password: 'secret' };
let directory: string;
const servers: Server[] = [];
let source: Server;

async function start(name: string): Promise<Server> {
  const binaries = await locateBinaries();
  const dir = join(directory, name);
  await initCluster({ binaries, dir, ...login, durable: false });
  const settings = { fsync: 'off', scram_iterations: '64', shared_buffers: '16MB', max_connections: '20' };
  const server = await startServer({ binaries, dir, host, port: 5432 + servers.length, settings });
  servers.push(server);
  await server.ready;
  return server;
}

async function connect({ port }: Server, database: string, as = login): Promise<Client> {
  const client = new Client({ host, port, database, ...as });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

async function within<T>(
  server: Server,
  database: string,
  work: (client: Client) => Promise<T>,
  as = login,
): Promise<T> {
  const client = await connect(server, database, as);
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

const rowsOf = (server: Server, database: string, text: string, as = login): Promise<unknown[]> =>
  within(server, database, async (client) => (await client.query(text)).rows, as);

async function dump(database = 'orders', asOf?: string): Promise<{ bytes: Buffer; manifest: Manifest }> {
  const pieces: Buffer[] = [];
  const write = async (bytes: Buffer) => void pieces.push(Buffer.from(bytes));
  const manifest = await within(source, database, (client) => dumpTo({ client, write, asOf }));
  return { bytes: Buffer.concat(pieces), manifest };
}

async function* cutUp(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 1_000) yield bytes.subarray(at, at + 1_000);
}

async function restore(server: Server, bytes: Buffer): Promise<string[]> {
  const said: string[] = [];
  const say = (line: string) => void said.push(line);
  await restoreFrom({ source: cutUp(bytes), connect: (database) => connect(server, database), say });
  return said;
}

const awkward = [`E'tab\\there, line\\nhere, back\\\\slash'`, `''`, 'NULL', `'\\N'`, `'Grüße 🍯'`, `'\\.'`];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'firedrill-copydump-'));
  await chmod(directory, 0o711);
  source = await start('source');
  await within(source, 'postgres', async (client) => {
    await client.query(`
      CREATE ROLE orders_admin LOGIN CREATEROLE PASSWORD 'admin';
      CREATE ROLE "Odd role" LOGIN PASSWORD 'o''dd';
      CREATE ROLE readers;
      CREATE ROLE drill_verifier LOGIN PASSWORD 'lab-verifier';
      GRANT readers TO drill_verifier;
      GRANT pg_monitor TO orders_admin WITH ADMIN OPTION`);
    await client.query('CREATE DATABASE orders OWNER orders_admin');
  });
  await within(source, 'orders', async (client) => {
    await client.query(`
      CREATE TABLE customers (id int PRIMARY KEY, name text, since timestamptz DEFAULT now(), weight float8, tags text[]);
      CREATE TABLE orders (
        id int PRIMARY KEY, customer_id int NOT NULL REFERENCES customers, cents numeric(10, 2) CHECK (cents > 0),
        placed_at timestamptz NOT NULL, "odd ""name""" bytea
      );
      CREATE TABLE "Returns" (id int UNIQUE, why text);
      CREATE INDEX orders_by_customer ON orders (customer_id) WHERE cents > 5;
      ALTER TABLE customers OWNER TO orders_admin;
      GRANT SELECT ON ALL TABLES IN SCHEMA public TO readers;
      GRANT INSERT ON orders TO "Odd role" WITH GRANT OPTION;
      GRANT CREATE ON SCHEMA public TO "Odd role";
      INSERT INTO customers SELECT n, text, '2026-03-29 02:30:00+01', n / 3.0, ARRAY[text, 'x']
        FROM unnest(ARRAY[${awkward.join(', ')}]::text[]) WITH ORDINALITY u (text, n);
      INSERT INTO orders SELECT n, 1 + n % 6, n, '2026-11-01T00:00:00Z'::timestamptz + n * interval '1 hour', '\\x00ff0a'
        FROM generate_series(1, 500) n`);
  });
});
afterAll(async () => {
  for (const server of servers) await server.stop('immediate');
  await net.release();
  await rm(directory, { recursive: true });
});

describe('a restored dump', () => {
  let target: Server;
  let manifest: Manifest;
  beforeAll(async () => {
    target = await start('target');
    const taken = await dump();
    ({ manifest } = taken);
    const said = await restore(target, taken.bytes);
    expect(said).toContain('public.orders: 500 rows');
  });

  it('has every row, to the byte', async () => {
    for (const table of ['customers', 'orders', '"Returns"']) {
      const text = `SELECT t::text FROM ${table} t ORDER BY id`;
      expect(await rowsOf(target, 'orders', text)).toEqual(await rowsOf(source, 'orders', text));
    }
  });

  it('has the same columns, constraints, indexes, owners and privileges', async () => {
    const questions = [
      `SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns
        WHERE table_schema = 'public' ORDER BY 1, ordinal_position`,
      `SELECT conname, contype, pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace ORDER BY 1`,
      `SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1`,
      `SELECT relname, pg_get_userbyid(relowner), (SELECT array_agg(a::text ORDER BY a::text) FROM unnest(relacl) a)
         FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY 1`,
      `SELECT (SELECT array_agg(a::text ORDER BY a::text) FROM unnest(nspacl) a) FROM pg_namespace WHERE nspname = 'public'`,
      `SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'orders'`,
    ];
    for (const question of questions)
      expect(await rowsOf(target, 'orders', question)).toEqual(await rowsOf(source, 'orders', question));
  });

  it('lets the same people in, with the same passwords, to do the same', async () => {
    const verifier = { user: 'drill_verifier', password: 'lab-verifier' };
    expect(await rowsOf(target, 'orders', 'SELECT count(*)::int FROM orders', verifier)).toEqual([{ count: 500 }]);
    await expect(rowsOf(target, 'orders', 'DELETE FROM orders', verifier)).rejects.toThrow(/permission denied/);
    expect(await rowsOf(target, 'orders', 'SELECT 1 AS one', { user: 'Odd role', password: "o'dd" })).toHaveLength(1);
    await expect(rowsOf(target, 'orders', 'SELECT 1', { ...verifier, password: 'guess' })).rejects.toThrow(/password/);
    const question = `SELECT rolname, rolpassword, rolcreaterole, rolcanlogin FROM pg_authid WHERE rolname !~ '^pg_' ORDER BY 1`;
    const others = (rows: unknown[]) => rows.filter((row) => (row as { rolname: string }).rolname !== 'postgres');
    expect(others(await rowsOf(target, 'postgres', question))).toEqual(
      others(await rowsOf(source, 'postgres', question)),
    );
  });

  it('agrees with its manifest by the checksum that verifications compute', async () => {
    expect(Object.keys(manifest.tables)).toEqual(['Returns', 'customers', 'orders']);
    for (const [table, { rows, checksum }] of Object.entries(manifest.tables)) {
      const columns = checksum.columns.map((name) => ({ name, type: '', key: 0 }));
      const sql = checksumSql(postgresEngine, table, columns);
      const found = await within(target, 'orders', async (client) => {
        await client.query(`SET timezone = 'UTC'; SET extra_float_digits = 3`);
        return (await client.query<string[]>({ text: sql, rowMode: 'array' })).rows[0];
      });
      expect([table, Number(found?.[0]), found?.[2]]).toEqual([table, rows, checksum.value]);
    }
  });
});

describe('a dump as of an earlier moment', () => {
  it('holds what there was then, says so in manifest and header, and leaves the database as it is', async () => {
    const { bytes, manifest } = await dump('orders', '2026-11-05T04:00:00.000Z');
    expect(manifest).toMatchObject({ takenAt: '2026-11-05T04:00:00.000Z', tables: { orders: { rows: 100 } } });
    expect(bytes.toString('latin1')).toContain('"takenAt":"2026-11-05T04:00:00.000Z"');
    expect(await rowsOf(source, 'orders', 'SELECT count(*)::int FROM orders')).toEqual([{ count: 500 }]);
  });
});

describe('a dump that is cut off', () => {
  it('leaves an empty database, and says that it is cut off', async () => {
    const target = await start('cut');
    const { bytes } = await dump();
    await expect(restore(target, bytes.subarray(0, bytes.length - 20))).rejects.toThrow(/cut off/);
    expect(
      await rowsOf(target, 'orders', `SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace`),
    ).toEqual([]);
  });
});

describe('a database', () => {
  it('is dumped as it was when the dump began, whatever customers do meanwhile', async () => {
    const pieces: Buffer[] = [];
    let began = false;
    const write = async (bytes: Buffer) => {
      pieces.push(bytes);
      if (began) return;
      began = true;
      await rowsOf(source, 'orders', `INSERT INTO "Returns" VALUES (1, 'late')`);
    };
    const manifest = await within(source, 'orders', (client) => dumpTo({ client, write }));
    expect(manifest.tables['Returns']?.rows).toBe(0);
    expect(Buffer.concat(pieces).includes('late')).toBe(false);
    await rowsOf(source, 'orders', 'DELETE FROM "Returns"');
  });

  it.each([
    ['a view', 'CREATE VIEW v AS SELECT 1', /view v/],
    ['a sequence', 'CREATE SEQUENCE s', /sequence s/],
    ['a function', `CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'`, /function f\(\)/],
    ['an identity column', 'CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY)', /sequence t_id_seq/],
    ['a generated column', 'CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a) STORED)', /column t\.b/],
    ['another schema', 'CREATE SCHEMA other', /schema other/],
    ['privileges on a column', 'CREATE TABLE t (a int); GRANT SELECT (a) ON t TO readers', /columns: t\.a/],
  ])('with %s is refused rather than dumped without', async (_what, sql, message) => {
    const name = escapeIdentifier('strange');
    await rowsOf(source, 'postgres', `CREATE DATABASE ${name}`);
    await rowsOf(source, 'strange', sql);
    await expect(dump('strange')).rejects.toThrow(message);
    await rowsOf(source, 'postgres', `DROP DATABASE ${name}`);
  });

  it('of any size passes in little memory, both ways', async () => {
    const target = await start('large');
    await rowsOf(source, 'postgres', 'CREATE DATABASE large');
    await rowsOf(source, 'large', `CREATE TABLE big (n int, filler text)`);
    await rowsOf(
      source,
      'large',
      `INSERT INTO big SELECT n, repeat(md5(n::text), 32) FROM generate_series(1, 50000) n`,
    );
    const began = heldMb();
    let peak = 0;
    let bytes = 0;
    // The dump flows into the restore through a queue of one piece.
    const queue = oneAtATime();
    const write = async (piece: Buffer) => {
      const before = bytes;
      bytes += piece.length;
      if (Math.floor(bytes / 4e6) > Math.floor(before / 4e6)) peak = Math.max(peak, heldMb());
      await queue.put(piece);
    };
    const dumping = within(source, 'large', (client) => dumpTo({ client, write })).then(() => queue.end());
    await restoreFrom({ source: queue, connect: (database) => connect(target, database), say: () => undefined });
    await dumping;
    expect(bytes).toBeGreaterThan(50_000_000);
    expect(peak - began).toBeLessThan(10);
    expect(await rowsOf(target, 'large', 'SELECT count(*)::int FROM big')).toEqual([{ count: 50_000 }]);
  });
});

/** Hands pieces over: `put` resolves when the piece before was taken. */
function oneAtATime() {
  const { readable, writable } = new TransformStream<Buffer, Buffer>(undefined, { highWaterMark: 1 });
  const writer = writable.getWriter();
  return {
    put: (piece: Buffer) => writer.write(piece),
    end: () => writer.close(),
    [Symbol.asyncIterator]: () => readable[Symbol.asyncIterator](),
  };
}
