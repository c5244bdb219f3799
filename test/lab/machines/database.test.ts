import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { Database } from '../../../src/lab/machines/database.ts';
import type { DatabaseSpec } from '../../../src/lab/machines/machines.ts';
import { Network } from '../../../src/lab/machines/network.ts';
import { processEntry } from '../../../src/lab/machines/process-table.ts';
import { ReplicationWatch } from '../../../src/lab/machines/replication-watch.ts';
import { takeDirectory, takeNetwork, workshop } from './parts.ts';

const net = await takeNetwork();
const directory = await takeDirectory();
const shop = await workshop(net.network, directory.path);
const at = (rest: string) => `127.${net.network}.${rest}`;

const network = new Network();
const open: Database[] = [];
const clients: Client[] = [];

const spec = (id: string, address: string, more: Partial<DatabaseSpec> = {}): DatabaseSpec => ({
  id,
  address,
  port: 5432,
  masterUser: 'orders',
  masterPassword: 'secret',
  database: 'orders',
  settings: {},
  multiAz: false,
  ...more,
});

async function create(spec: DatabaseSpec): Promise<Database> {
  const database = await Database.create(shop, network, spec);
  open.push(database);
  return database;
}

async function replicate(spec: DatabaseSpec, source: Database, delayMs = 0): Promise<Database> {
  const database = await Database.replicate(shop, network, { ...spec, source: source.spec.id, delayMs }, source);
  open.push(database);
  return database;
}

/** Longer than a busy machine makes anybody wait; shorter where waiting in vain is the point. */
const patienceMs = 60_000;

async function connect(database: Database, host = database.spec.address, timeoutMs = patienceMs): Promise<Client> {
  const { port, database: name } = database.spec;
  const client = new Client({
    host,
    port,
    user: 'orders',
    password: 'secret',
    database: name,
    connectionTimeoutMillis: timeoutMs,
  });
  client.on('error', () => undefined);
  await client.connect();
  clients.push(client);
  return client;
}

const count = async (client: Client) =>
  (await client.query<{ n: number }>('SELECT count(*)::int AS n FROM t')).rows[0]?.n;
const insert = (client: Client, n: number) => client.query('INSERT INTO t VALUES ($1)', [n]);
const eventually = (check: () => Promise<void>) => vi.waitFor(check, { interval: 20, timeout: 60_000 });
/** True when it has not settled within a time in which it otherwise does many times over. */
const hangs = (work: Promise<unknown>) => Promise.race([work.then(() => false), sleep(700, true)]);

afterEach(() => network.set({ cutSubnets: [], noIngress: [], replicationSurvives: false }));
afterAll(async () => {
  for (const client of clients) await client.end().catch(() => undefined);
  for (const database of open.reverse()) await database.remove();
  // One that has just ended is still to be collected.
  await vi.waitFor(() => expect(shop.left()).toEqual([]), { timeout: 60_000 });
  await net.release();
  await directory.remove();
});

describe('a Multi-AZ database with a replica in another region', () => {
  let source: Database;
  let replica: Database;
  let writer: Client;
  let reader: Client;
  let watch: ReplicationWatch;

  beforeAll(async () => {
    source = await create(spec('source', at('1.4'), { multiAz: true }));
    writer = await connect(source);
    await writer.query('CREATE TABLE t (n int)');
    replica = await replicate(spec('replica', at('11.4')), source);
    reader = await connect(replica);
    watch = new ReplicationWatch(new Map([['replica', replica]]));
  });
  afterAll(() => watch.close());

  it('streams to the replica, which refuses writes', async () => {
    await insert(writer, 1);
    await eventually(async () => expect(await count(reader)).toBe(1));
    await expect(insert(reader, 2)).rejects.toThrow(/read-only transaction/);
    await eventually(async () => expect(watch.state('replica')).toMatchObject({ streaming: true, lagSeconds: 0 }));
  });

  it('goes on writing while its subnet is cut, when the replica gets nothing until it heals', async () => {
    network.set({ cutSubnets: [at('1')], noIngress: [], replicationSurvives: false });
    await source.query('CREATE TABLE IF NOT EXISTS provider (n int)');
    const held = writer.query('SELECT 1');
    expect(await hangs(held)).toBe(true);
    await eventually(async () => {
      expect(watch.state('replica')).toMatchObject({ streaming: false });
      expect(watch.state('replica')?.lagSeconds).toBeGreaterThan(0.4);
    });
    network.set({ cutSubnets: [], noIngress: [], replicationSurvives: false });
    await held;
    await eventually(async () => expect(watch.state('replica')).toMatchObject({ streaming: true, lagSeconds: 0 }));
  });

  it('keeps streaming over a cut where replication survives one', async () => {
    network.set({ cutSubnets: [at('1')], noIngress: [], replicationSurvives: true });
    const before = BigInt(watch.state('replica')?.received ?? 0);
    await source.query('CREATE TABLE IF NOT EXISTS survivor (n int)');
    await eventually(async () => expect(BigInt(watch.state('replica')?.received ?? 0)).toBeGreaterThan(before));
  });

  it('turns read-only for pooled sessions by a reload, and writable again', async () => {
    await source.reload({ default_transaction_read_only: 'on' });
    await eventually(() => expect(insert(writer, 3)).rejects.toThrow(/read-only transaction/));
    await source.reload({});
    await eventually(async () => void (await insert(writer, 3)));
  });

  it('ends tracked sessions by a restart and then admits nobody whom the security group keeps out', async () => {
    network.set({ cutSubnets: [], noIngress: [at('1.4')], replicationSurvives: false });
    await insert(writer, 4);
    const ended = new Promise<void>((resolve) => void writer.once('end', resolve));
    await source.restart({});
    await ended;
    await expect(connect(source, source.spec.address, 700)).rejects.toThrow(/timeout/);
    network.set({ cutSubnets: [], noIngress: [], replicationSurvives: false });
    writer = await connect(source);
  });

  it('restarts although a hanging replica could not take the last of its log', async () => {
    network.set({ cutSubnets: [at('11')], noIngress: [], replicationSurvives: false });
    await insert(writer, 5);
    await source.restart({});
    writer = await connect(source);
  });

  it('fails over without losing an acknowledged write, its replica follows the new primary', async () => {
    let acknowledged = await count(writer);
    const writing = (async () => {
      for (;;) {
        await insert(writer, 6);
        acknowledged = (acknowledged ?? 0) + 1;
      }
    })();
    await eventually(async () => expect(await count(reader)).toBeGreaterThan(20));
    const stopped = expect(writing).rejects.toThrow(/terminat|ECONNRESET|EPIPE|shutdown/);
    await source.failOver(at('2.4'));
    await stopped;
    await expect(connect(source)).rejects.toThrow(/ECONNREFUSED/);
    writer = await connect(source, at('2.4'));
    const kept = (await count(writer)) ?? 0;
    // The write that was under way when the connection broke may have been committed.
    expect([acknowledged, (acknowledged ?? 0) + 1]).toContain(kept);
    await insert(writer, 7);
    await eventually(async () => expect(await count(reader)).toBe(kept + 1));
    await eventually(async () => {
      const [row] = await source.query<{ n: string }>(
        `SELECT count(*) AS n FROM pg_stat_replication WHERE sync_state = 'sync'`,
      );
      expect(row?.n).toBe('1');
    });
  });

  it('fails over to a standby that has all that its replica may have, however late both are', async () => {
    const [sender] = await source.query<{ pid: number }>(
      `SELECT pid FROM pg_stat_replication WHERE application_name = 'standby'`,
    );
    const [receiver] = await replica.query<{ pid: number }>('SELECT pid FROM pg_stat_wal_receiver');
    if (sender === undefined || receiver === undefined) throw new Error('nothing streams');
    const tell = (signal: NodeJS.Signals) => {
      for (const { pid } of [sender, receiver]) if (processEntry(pid) !== undefined) process.kill(pid, signal);
    };
    tell('SIGSTOP');
    try {
      await writer.query('SET synchronous_commit = local');
      await insert(writer, 20);
      // It is on its way to the replica, and not to the standby.
      await eventually(async () => {
        const sent = await source.query<{ there: boolean }>(
          `SELECT sent_lsn >= pg_current_wal_flush_lsn() AS there FROM pg_stat_replication WHERE application_name <> 'standby'`,
        );
        expect(sent).toEqual([{ there: true }]);
      });
      const failingOver = source.failOver(at('1.4'));
      expect(await hangs(failingOver)).toBe(true);
      process.kill(sender.pid, 'SIGCONT');
      await failingOver;
    } finally {
      tell('SIGCONT');
    }
    writer = await connect(source);
    await insert(writer, 21);
    expect((await writer.query('SELECT FROM t WHERE n = 20')).rowCount).toBe(1);
    await eventually(async () => expect(await count(reader)).toBe(await count(writer)));
  });

  it('is still a replica, at another address, after a failover of its own', async () => {
    await replica.failOver(at('12.4'));
    await expect(connect(replica)).rejects.toThrow(/ECONNREFUSED/);
    reader = await connect(replica, at('12.4'));
    await insert(writer, 10);
    await eventually(async () => expect(await count(reader)).toBe(await count(writer)));
    await expect(insert(reader, 11)).rejects.toThrow(/read-only transaction/);
    const before = await count(reader);
    network.set({ cutSubnets: [at('12')], noIngress: [], replicationSurvives: false });
    await insert(writer, 12);
    await eventually(async () => expect(watch.state('replica')).toMatchObject({ streaming: false }));
    network.set({ cutSubnets: [], noIngress: [], replicationSurvives: false });
    await eventually(async () => expect(await count(reader)).toBe((before ?? 0) + 1));
  });

  it('loses what was still under way on a slow link when its replica is promoted', async () => {
    const before = await count(reader);
    if (replica.upstream) replica.upstream.link.delayMs = 60_000;
    await insert(writer, 8);
    await eventually(async () => expect(watch.state('replica')?.lagSeconds).toBeGreaterThan(0.5));
    expect(await count(reader)).toBe(before);
    await replica.promote();
    await insert(reader, 9);
    expect(await count(reader)).toBe((before ?? 0) + 1);
    expect((await reader.query('SELECT FROM t WHERE n = 8')).rowCount).toBe(0);
  });
});
