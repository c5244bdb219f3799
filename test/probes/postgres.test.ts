import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Probe } from '../../src/domain/drill.ts';
import { locateBinaries } from '../../src/postgres/binaries.ts';
import { initCluster } from '../../src/postgres/cluster.ts';
import type { Server } from '../../src/postgres/server.ts';
import { openPositions, openProbe } from '../../src/probes/index.ts';
import { startOnFreePort } from '../postgres/start.ts';
import { ownHost } from '../support/own-host.ts';
import { clock, planOf, probeOf, runId } from './support/run.ts';

const env = { LOGIN: 'canary:secret' };
const soon = () => AbortSignal.timeout(60_000);
let dir: string;
let server: Server | undefined;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'firedrill-probes-'));
  await chmod(dir, 0o755);
  const binaries = await locateBinaries();
  const data = join(dir, 'data');
  await initCluster({ binaries, dir: data, user: 'canary', password: 'secret', durable: false });
  server = await startOnFreePort({ binaries, dir: data, host: ownHost });
});

/** A test that failed leaves no lock behind. */
const clients: pg.Client[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) await client.end();
});

afterAll(async () => {
  await server?.stop('immediate');
  await rm(dir, { recursive: true, force: true });
});

const canary = (connection: Probe['connection']): Probe =>
  probeOf('write', 'postgres/canary', { host: ownHost, port: `${server!.port}`, login: 'env:LOGIN' }, { connection });
const open = (probe: Probe) => openProbe(probe, { runId, plan: planOf([probe]), clock, env });

async function connected(): Promise<pg.Client> {
  const client = new pg.Client({
    host: ownHost,
    port: server!.port,
    user: 'canary',
    password: 'secret',
    database: 'postgres',
  });
  await client.connect();
  clients.push(client);
  return client;
}

async function sql(...statements: string[]): Promise<void> {
  const client = await connected();
  for (const statement of statements) await client.query(statement);
  await client.end();
}

describe('postgres/canary', () => {
  test.each(['fresh', 'pooled'] as const)(
    'writes, reads back and removes its rows over %s connections',
    async (connection) => {
      const live = open(canary(connection));
      for (const n of [7, 8, 9]) expect(await live.ask(n, soon())).toEqual({ outcome: 'good' });
      expect((await live.readBack!(soon())).sort()).toEqual([7, 8, 9]);
      await live.cleanUp!(soon());
      expect(await live.readBack!(soon())).toEqual([]);
      live.close();
    },
  );

  test('tells a database that takes no writes from one that is slow to answer', async () => {
    const live = open(canary('fresh'));
    await live.ask(1, soon());
    await sql('alter role canary set default_transaction_read_only = on');
    expect(await live.ask(2, soon())).toEqual({ outcome: 'bad', why: 'read-only' });
    await sql('set default_transaction_read_only = off', 'alter role canary reset default_transaction_read_only');

    // Within a transaction, pg_stat_activity stays as it was first read: so another one looks.
    const [blocker, looker] = [await connected(), await connected()];
    await blocker.query('begin; lock table firedrill_canary');
    const asking = new AbortController();
    const answer = live.ask(3, asking.signal);
    const waiting = `select from pg_stat_activity where wait_event_type = 'Lock'`;
    await expect.poll(async () => (await looker.query(waiting)).rowCount).toBe(1);
    asking.abort();
    expect(await answer).toEqual({ outcome: 'indeterminate', why: 'timeout' });
    await Promise.all([blocker.end(), looker.end()]);
    await live.cleanUp!(soon());
    live.close();
  });

  test('counts a write as in doubt that the server refused only because it ended the connection', async () => {
    const live = open(canary('fresh'));
    await live.ask(1, soon());
    const [blocker, looker] = [await connected(), await connected()];
    await blocker.query('begin; lock table firedrill_canary');
    const asked = live.ask(2, soon());
    const waiting = `select pid from pg_stat_activity where wait_event_type = 'Lock' and query like 'insert into firedrill%'`;
    await expect.poll(async () => (await looker.query(waiting)).rowCount).toBe(1);
    await looker.query(`select pg_terminate_backend(pid) from (${waiting}) as waiting`);
    expect(await asked).toEqual({ outcome: 'indeterminate', why: 'sqlstate 57P01' });
    await Promise.all([blocker.end(), looker.end()]);
    await live.cleanUp!(soon());
    live.close();
  });

  test('counts a write as bad that the server refused', async () => {
    const live = open(canary('fresh'));
    await live.ask(1, soon());
    expect(await live.ask(1, soon())).toEqual({ outcome: 'bad', why: 'sqlstate 23505' });
    await live.cleanUp!(soon());
    live.close();
  });
});

test('the position of a server grows with what is written', async () => {
  const watch = {
    target: 'db',
    host: ownHost,
    port: server!.port,
    engine: 'postgres',
    login: 'env:LOGIN',
    everyMs: 100,
  };
  const [sampler] = openPositions({ runId, plan: planOf([], [watch]), clock, env });
  const before = await sampler!.live.ask(0, soon());
  await sql('create table grown (n int)', 'insert into grown select generate_series(1, 100)');
  const after = await sampler!.live.ask(1, soon());
  expect(before.outcome).toBe('good');
  expect(BigInt(after.value!)).toBeGreaterThan(BigInt(before.value!));
  sampler!.live.close();
});
