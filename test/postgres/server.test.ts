import { execFileSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { mkdir, readdir, stat, utimes } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Binaries } from '../../src/postgres/binaries.ts';
import { locateBinaries } from '../../src/postgres/binaries.ts';
import { initCluster, makeServerDir, writeSettings } from '../../src/postgres/cluster.ts';
import { isRoot, removeAbandoned } from '../../src/postgres/home.ts';
import { childrenOf, isRunning, processesOn } from '../../src/postgres/processes.ts';
import { findServer, startServer } from '../../src/postgres/server.ts';
import type { Server, StartOptions } from '../../src/postgres/server.ts';
import { ownHost as host } from '../support/own-host.ts';
import { startOnFreePort } from './start.ts';
import type { Temporary } from './temporary.ts';
import { temporaryHome } from './temporary.ts';

const login = { user: 'master', password: `it's a "secret"` };

let temporary: Temporary;
let binaries: Binaries;
let dir: string;

beforeAll(async () => {
  temporary = await temporaryHome();
  binaries = await locateBinaries(temporary.home);
  dir = join(temporary.home, 'cluster');
  await initCluster({ binaries, dir, ...login });
});

/** A test that failed leaves no server in the way of the next. */
afterEach(async () => {
  const left = await findServer(binaries, dir);
  await left?.kill();
  expect(left).toBeUndefined();
});

afterAll(async () => {
  expect(processesOn(dir)).toEqual([]);
  await temporary.remove();
});

const connect = async (port: number): Promise<pg.Client> => {
  const client = new pg.Client({ host, port, ...login, database: 'postgres' });
  client.on('error', () => undefined);
  await client.connect();
  return client;
};

const running = (options: Pick<StartOptions, 'settings'> = {}): Promise<Server> =>
  startOnFreePort({ binaries, dir, host, ...options });

describe('a server', () => {
  it('accepts connections on its address, with its settings, once it is ready', async () => {
    const server = await running({ settings: { work_mem: '3MB', 'firedrill.note': `it's a\\b` } });
    const client = await connect(server.port);
    expect((await client.query('SHOW work_mem')).rows).toEqual([{ work_mem: '3MB' }]);
    expect((await client.query('SHOW firedrill.note')).rows).toEqual([{ 'firedrill.note': `it's a\\b` }]);
    await client.end();
    await server.stop('fast');
  });

  it('takes up changed settings in sessions that are open', async () => {
    const server = await running();
    const client = await connect(server.port);
    await server.reload({ default_transaction_read_only: 'on' });
    const shown = async () => (await client.query('SHOW default_transaction_read_only')).rows[0];
    await expect.poll(shown).toEqual({ default_transaction_read_only: 'on' });
    await client.end();
    await server.stop('fast');
  });

  it('is found by who did not start it, until it has stopped', async () => {
    const server = await running();
    const found = await findServer(binaries, dir);
    expect(found).toMatchObject({ pid: server.pid, host, port: server.port });
    await found!.ready;
    await found!.stop('fast');
    expect(isRunning(server.pid)).toBe(false);
    expect(await findServer(binaries, dir)).toBeUndefined();
  });

  it('ends sessions and every process of its own when it is killed, and keeps what was committed', async () => {
    const server = await running();
    const client = await connect(server.port);
    await client.query('CREATE TABLE kept AS SELECT 42 AS answer');
    const busy = client.query('SELECT pg_sleep(600)').catch((error: Error) => error);
    const processes = [server.pid, ...childrenOf(server.pid)];
    expect(processes.length).toBeGreaterThan(3);
    await server.kill();
    expect(processes.filter(isRunning)).toEqual([]);
    expect(await busy).toBeInstanceOf(Error);
    await client.end();

    const again = await running();
    const next = await connect(again.port);
    expect((await next.query('SELECT answer FROM kept')).rows).toEqual([{ answer: 42 }]);
    await next.end();
    await again.stop('immediate');
  });

  it('is refused a directory on which one runs already', async () => {
    const server = await running();
    await expect(running()).rejects.toMatchObject({ code: 'postgres-running' });
    await server.stop('fast');
  });

  it('says why it does not start: the port is taken', async () => {
    const squatter = createServer().listen(0, host);
    await once(squatter, 'listening');
    const { port } = squatter.address() as AddressInfo;
    // Another that starts and stops on the directory has much to say in the same file.
    const line = '2026-01-01 00:00:00.000 UTC [1] LOG:  der Nächste, bitte\n';
    const other = setInterval(() => appendFileSync(`${dir}.log`, line.repeat(20)), 1);
    try {
      const server = await startServer({ binaries, dir, host, port });
      await expect(server.ready).rejects.toMatchObject({
        code: 'postgres-start',
        message: expect.stringContaining(`could not bind IPv4 address "${host}": Address already in use`) as string,
      });
    } finally {
      clearInterval(other);
      squatter.close();
    }
  });

  it('says why it does not start: a setting has no such value', async () => {
    const server = await startServer({ binaries, dir, host, port: 1, settings: { wal_level: 'lots' } });
    await expect(server.ready).rejects.toThrow('configuration file');
  });
});

describe('a cluster', () => {
  it('is made whole or not at all, and never over another', async () => {
    await expect(initCluster({ binaries, dir, ...login })).rejects.toMatchObject({ code: 'ENOTEMPTY' });
    expect((await stat(dir)).mode & 0o777).toBe(0o700);
  });

  it('takes no setting that could smuggle in another', async () => {
    const sly = [
      ["a = '1'\nb", '2'],
      ['work_mem', "1MB'\nport = '1"],
    ] as const;
    for (const [name, value] of sly)
      await expect(writeSettings(binaries, dir, { [name]: value })).rejects.toMatchObject({ code: 'postgres-setting' });
  });

  if (isRoot()) {
    it('is refused where the unprivileged user can not get to', async () => {
      const closed = join(temporary.home, 'closed');
      await mkdir(closed, { mode: 0o700 });
      const made = makeServerDir(join(closed, 'cluster'), binaries);
      await expect(made).rejects.toMatchObject({ code: 'directory-closed' });
    });
  }
});

it('finds programs that run', () => {
  const shown = execFileSync(join(binaries.bin, 'postgres'), ['--version'], { ...binaries.spawnAs, env: binaries.env });
  expect(shown.toString()).toContain(`(PostgreSQL) ${binaries.major}`);
  expect(dirname(binaries.lib)).toBe(dirname(binaries.bin));
});

it('what a killed attempt left behind is cleared away once it is old', async () => {
  const parent = join(temporary.home, 'abandoned');
  const [old, fresh] = [join(parent, 'cluster.partial-1'), join(parent, 'cluster.partial-2')];
  for (const left of [old, fresh, join(parent, 'other')]) await mkdir(left, { recursive: true });
  await utimes(old, 0, 0);
  await removeAbandoned(join(parent, 'cluster'));
  expect(await readdir(parent)).toEqual(['cluster.partial-2', 'other']);
});
