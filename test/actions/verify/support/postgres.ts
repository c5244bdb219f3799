/** A real Postgres server in a temporary directory, with an owner and a verification role. */
import { join } from 'node:path';
import pg from 'pg';
import { locateBinaries } from '../../../../src/postgres/binaries.ts';
import { initCluster } from '../../../../src/postgres/cluster.ts';
import type { Settings } from '../../../../src/postgres/cluster.ts';
import { startOnFreePort } from '../../../postgres/start.ts';
import { temporaryHome } from '../../../postgres/temporary.ts';

export interface TestServer {
  /** Its data directory. */
  dir: string;
  port: number;
  sql(database: string, ...statements: string[]): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

export interface TestServerOptions {
  settings?: Settings;
  /** Texts in its data directory, by file name. */
  files?: Readonly<Record<string, string>>;
}

export async function startPostgres({ settings, files }: TestServerOptions = {}): Promise<TestServer> {
  const temporary = await temporaryHome();
  const { home } = temporary;
  const binaries = await locateBinaries();
  const dir = join(home, 'data');
  await initCluster({ binaries, dir, user: 'owner', password: 'secret', durable: false, files });
  const server = await startOnFreePort({ binaries, dir, host: '127.0.0.1', settings: { fsync: 'off', ...settings } });
  const { port } = server;
  const sql: TestServer['sql'] = async (database, ...statements) => {
    const client = new pg.Client({ host: '127.0.0.1', port, user: 'owner', password: 'secret', database });
    await client.connect();
    try {
      let rows: Record<string, unknown>[] = [];
      for (const statement of statements) rows = (await client.query<Record<string, unknown>>(statement)).rows;
      return rows;
    } finally {
      await client.end();
    }
  };
  await sql('postgres', "create role verifier login password 'lookbook'", 'grant pg_read_all_data to verifier');
  const close = async (): Promise<void> => {
    await server.stop('immediate');
    await temporary.remove();
  };
  return { dir, port, sql, close };
}

/** What an application keeps: customers, their orders, a table that is empty by right, and a canary of time. */
export const shop = [
  'create table customers (id int primary key, name text not null, mail text)',
  `create table orders (id bigint generated always as identity primary key, customer_id int not null references customers,
     total numeric(10, 2) not null, note text, placed_at timestamptz not null default now())`,
  'create index orders_customer on orders (customer_id)',
  'create table returns (order_id bigint primary key, reason text)',
  'create table canary (n int primary key, written_at timestamptz)',
  'create view totals as select customer_id, sum(total) as total from orders group by customer_id',
  `insert into customers select n, 'c' || n, case when n % 3 = 0 then null else n || '@example.org' end from generate_series(1, 50) n`,
  `insert into orders (customer_id, total, note, placed_at)
     select 1 + n % 50, n * 1.5, case when n % 7 = 0 then null else 'note ' || n end, timestamptz '2026-01-01' + n * interval '1 second'
     from generate_series(1, 200) n`,
  "insert into canary select n, now() - (60 - n) * interval '1 second' from generate_series(1, 30) n",
];
