import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { inhabitantsOf } from '../../../src/lab/machines/inhabitants.ts';
import { RealMachines } from '../../../src/lab/machines/real.ts';
import { takeDirectory, takeNetwork, workshop } from './parts.ts';

const net = await takeNetwork();
const directory = await takeDirectory();
const at = (rest: string) => `127.${net.network}.${rest}`;
let machines: RealMachines;
beforeAll(async () => {
  const { binaries, reaping, report } = await workshop(net.network, directory.path);
  machines = new RealMachines({
    network: net.network,
    directory: directory.path,
    programs: fileURLToPath(new URL('../../../dist/lab/programs', import.meta.url)),
    resolver: at('0.3:5354'),
    binaries,
    reaping,
    report,
  });
});
afterAll(async () => {
  await machines.close();
  await net.release();
  await directory.remove();
});

const image = (id: string, host: number, userData?: string) => ({
  id,
  address: at(`4.${host}`),
  port: 5432,
  program: 'restore-image',
  env: {},
  ...(userData === undefined ? {} : { userData }),
});
const eventually = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 60_000 });
const home = (id: string) => join(directory.path, id);

/** How a connection ends at which nothing is said. */
const knock = (host: string, port: number): Promise<string> =>
  new Promise((resolve) => {
    const socket = connect({ host, port });
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
    socket.on('close', () => resolve('closed'));
  });

describe('an instance whose script starts a server', () => {
  const script = `#!/bin/sh
set -eu
until [ -e go ]; do sleep 0.05; done
echo secret >password
initdb -D "$HOME/data" -U postgres -A scram-sha-256 --pwfile=password --no-sync >/dev/null
echo 'host all all 127.0.0.0/8 scram-sha-256' >"$HOME/data/pg_hba.conf"
pg_ctl -D "$HOME/data" -o "-c listen_addresses=$LISTEN_HOST -c unix_socket_directories= -c fsync=off" -l server.log -w start
echo done >finished
`;
  const query = async (host: string): Promise<unknown> => {
    const client = new Client({ host, port: 5432, user: 'postgres', password: 'secret', database: 'postgres' });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query('SELECT 1 AS one')).rows;
    } finally {
      await client.end();
    }
  };

  it("serves it at the instance's address when the script has ended, and takes it along when it dies", async () => {
    const spec = image('i-server', 4, script);
    await machines.startInstance(spec);
    expect(await knock(spec.address, 5432)).toBe('ECONNRESET');
    await machines.runOnInstance('i-server', 'touch go');
    await eventually(async () => expect(existsSync(join(home('i-server'), 'finished'))).toBe(true));
    expect(await query(spec.address)).toEqual([{ one: 1 }]);
    expect(inhabitantsOf(home('i-server')).filter(({ endsOn }) => endsOn === 'SIGQUIT')).toHaveLength(1);
    await machines.killInstance('i-server');
    expect(inhabitantsOf(home('i-server'))).toEqual([]);
    expect(await knock(spec.address, 5432)).toBe('ECONNREFUSED');
  });

  it('says beside the script what the script said', async () => {
    await machines.startInstance(image('i-talks', 5, '#!/bin/sh\necho to stdout; echo to stderr >&2; exit 3\n'));
    const log = join(home('i-talks'), 'user-data.log');
    await eventually(async () => expect(await readFile(log, 'utf8')).toBe('to stdout\nto stderr\n'));
    await machines.killInstance('i-talks');
  });
});

describe('a command on an instance', () => {
  it('runs as its user, and fails with what it said', async () => {
    await machines.startInstance(image('i-shell', 6));
    await machines.runOnInstance('i-shell', 'id -u >who');
    expect(Number(await readFile(join(home('i-shell'), 'who'), 'utf8'))).not.toBe(0);
    const failing = machines.runOnInstance('i-shell', 'echo the disk is full >&2; exit 1');
    await expect(failing).rejects.toThrow(/the disk is full/);
    await expect(machines.runOnInstance('i-shell', 'orders-restore')).rejects.toThrow(/say from where/);
    await expect(machines.runOnInstance('i-nobody', 'true')).rejects.toThrow(/no instance i-nobody/);
  });

  it('leaves nothing that outlives the instance, wherever it went', async () => {
    await machines.runOnInstance('i-shell', 'cd /; (setsid sleep 1000 >/dev/null 2>&1 &)');
    const commands = () =>
      inhabitantsOf(home('i-shell')).map(({ pid }) => readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
    await eventually(async () => expect(commands()).toContain('sleep\x001000\x00'));
    await machines.killInstance('i-shell');
    expect(inhabitantsOf(home('i-shell'))).toEqual([]);
  });
});

describe('an instance with several ports', () => {
  it('is reached at each of them, and at none when it is dead; its disk goes when it is removed', async () => {
    const env = {
      DB_NAME: 'orders',
      DB_USER: 'u',
      DB_PASSWORD: 'p',
      DB_PORT: '5432',
      DB_OWNER: 'owner',
      DB_OWNER_PASSWORD: 'o',
    };
    const spec = { ...image('i-both', 7), program: 'orders-with-database', port: 8080, furtherPorts: [5432], env };
    const state = async () => {
      const client = new Client({ host: spec.address, port: 5432, user: 'owner', password: 'o', database: 'orders' });
      client.on('error', () => undefined);
      await client.connect();
      await client.query('CREATE TABLE IF NOT EXISTS boots (n serial)');
      await client.query('INSERT INTO boots DEFAULT VALUES');
      const { rows } = await client.query('SELECT count(*)::int AS boots FROM boots');
      await client.end();
      return rows;
    };
    await machines.startInstance(spec);
    expect((await fetch(`http://${spec.address}:8080/health`)).status).toBe(200);
    expect(await state()).toEqual([{ boots: 1 }]);
    await machines.killInstance(spec.id);
    expect([await knock(spec.address, 8080), await knock(spec.address, 5432)]).toEqual([
      'ECONNREFUSED',
      'ECONNREFUSED',
    ]);
    // Its disk outlives a stop.
    await machines.startInstance(spec);
    expect(await state()).toEqual([{ boots: 2 }]);
    await machines.removeInstance(spec.id);
    expect(existsSync(home(spec.id))).toBe(false);
    expect(await knock(spec.address, 5432)).toBe('ECONNREFUSED');
  });
});
