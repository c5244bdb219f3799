import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { locateBinaries } from '../../src/postgres/binaries.ts';
import { isRoot } from '../../src/postgres/home.ts';
import { isRunning, processesOn } from '../../src/postgres/processes.ts';
import { findServer } from '../../src/postgres/server.ts';
import { openStore } from '../../src/postgres/store.ts';
import type { Store } from '../../src/postgres/store.ts';
import type { Program } from './program.ts';
import { installProgram } from './program.ts';
import type { Temporary } from './temporary.ts';
import { temporaryHome } from './temporary.ts';

let temporary: Temporary;
let home: string;
let dir: string;

beforeAll(async () => {
  temporary = await temporaryHome();
  home = temporary.home;
  dir = join(home, 'store');
});

afterEach(async () => {
  const server = await findServer(await locateBinaries(home), dir);
  await server?.kill();
  expect(server).toBeUndefined();
});

afterAll(() => temporary.remove());

/** Who was turned away may still be listed for a moment, and the server goes on for somebody who seems to be there. */
const noStrangerIsListed = (store: Store) =>
  expect
    .poll(async () => {
      const others = `SELECT FROM pg_stat_activity WHERE backend_type = 'client backend' AND application_name <> 'firedrill'`;
      return (await store.pool.query(others)).rowCount;
    })
    .toBe(0);

/** The session `leaver` holds the lock of who is about to stop the server, and somebody who comes waits for it. */
async function comingWhileOneLeaves() {
  const store = await openStore({ home });
  const leaver = await store.connect();
  const { rows } = await leaver.query<{ key: string }>(
    `SELECT classid::bigint << 32 | objid::bigint AS key FROM pg_locks WHERE locktype = 'advisory'`,
  );
  const server = (await findServer(await locateBinaries(home), dir))!;
  await store.pool.query(`SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'`);
  await leaver.query('SELECT pg_advisory_lock($1)', [rows[0]!.key]);
  const coming = openStore({ home });
  const waiting = `SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`;
  await expect.poll(async () => (await leaver.query(waiting)).rowCount).toBe(1);
  return { store, leaver, server, coming };
}

const serverPid = (): number => Number(readFileSync(join(dir, 'postmaster.pid'), 'utf8').split('\n')[0]);

describe('the embedded store', () => {
  it('is made once when several open it at the same moment', async () => {
    const stores = await Promise.all([1, 2, 3].map(() => openStore({ home })));
    expect(new Set(stores.map(({ url }) => url)).size).toBe(1);
    expect(readdirSync(home).filter((name) => name.includes('partial'))).toEqual([]);
    await Promise.all(stores.map((store) => store.close()));
    expect(processesOn(dir)).toEqual([]);
  });

  it('is started by the first who opens it and stopped by the last who closes it', async () => {
    const first = await openStore({ home });
    await first.pool.query('CREATE TABLE kept AS SELECT 42 AS answer');
    const second = await openStore({ home });
    expect(second.url).toBe(first.url);
    await first.close();
    expect((await second.pool.query('SELECT answer FROM kept')).rows).toEqual([{ answer: 42 }]);
    const pid = serverPid();
    await second.close();
    expect(isRunning(pid)).toBe(false);
    expect(processesOn(dir)).toEqual([]);

    const third = await openStore({ home });
    expect((await third.pool.query('SELECT answer FROM kept')).rows).toEqual([{ answer: 42 }]);
    await third.close();
  });

  it('never breaks whoever comes while the last one leaves', async () => {
    await (await openStore({ home })).close();
    const visit = async (times: number): Promise<void> => {
      for (let n = 0; n < times; n += 1) {
        const store = await openStore({ home });
        await store.pool.query('SELECT 1');
        await store.close();
      }
    };
    await Promise.all([visit(8), visit(8), visit(8)]);
    expect(processesOn(dir)).toEqual([]);
  });

  it('is started again by whoever comes while it is being stopped', async () => {
    const { store, leaver, server, coming } = await comingWhileOneLeaves();
    await server.stop('fast');
    const next = await coming;
    expect((await next.pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    expect(serverPid()).not.toBe(server.pid);
    await leaver.end();
    await next.close();
    await store.close();
  });

  it('is started again by whoever gets hold of it only because the session of who stops it ended first', async () => {
    const { store, leaver, server, coming } = await comingWhileOneLeaves();
    // It stops, and ends no session by itself: that of who stops it goes first, and the one that waits is granted the lock.
    const stopping = server.stop('smart');
    await expect.poll(() => readFile(join(dir, 'postmaster.pid'), 'utf8')).toContain('stopping');
    await leaver.end();
    await store.close();
    const next = await coming;
    expect((await next.pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    expect(serverPid()).not.toBe(server.pid);
    await stopping;
    await next.close();
  });

  it('keeps running for a session that did not open it here', async () => {
    const store = await openStore({ home });
    const address = new URL(store.url);
    address.search = '';
    const stranger = new pg.Client({ connectionString: address.href });
    await stranger.connect();
    await store.close();
    expect((await stranger.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await stranger.end();
    await (await openStore({ home })).close();
  });

  it('is stopped although the server has not noticed yet that a session of firedrill’s has gone', async () => {
    const store = await openStore({ home });
    const late = await store.connect();
    await store.close();
    expect(processesOn(dir)).toEqual([]);
    await late.end();
  });

  it('comes back with all that was committed after its server was killed', async () => {
    const store = await openStore({ home });
    await store.pool.query('CREATE TABLE survivor AS SELECT 42 AS answer');
    process.kill(serverPid(), 'SIGKILL');
    const next = await openStore({ home });
    expect((await next.pool.query('SELECT answer FROM survivor')).rows).toEqual([{ answer: 42 }]);
    await next.close();
    await store.close();
  });

  it('is closed to others', async () => {
    const store = await openStore({ home });
    expect((await stat(dir)).mode & 0o077).toBe(0);
    const wrong = new URL(store.url);
    wrong.password = 'guessed';
    const stranger = new pg.Client({ connectionString: wrong.href });
    await expect(stranger.connect()).rejects.toThrow('password authentication failed');
    await noStrangerIsListed(store);
    await store.close();
  });

  it('refuses a data directory of another major version, and says what to do', async () => {
    const version = await readFile(join(dir, 'PG_VERSION'), 'utf8');
    await writeFile(join(dir, 'PG_VERSION'), '9\n');
    try {
      await expect(openStore({ home })).rejects.toMatchObject({ code: 'store-version', expected: '18', found: '9' });
    } finally {
      await writeFile(join(dir, 'PG_VERSION'), version);
    }
  });

  it('can be opened under a strict umask', async () => {
    const before = process.umask(0o077);
    try {
      await (await openStore({ home: join(home, 'deep', 'home') })).close();
    } finally {
      process.umask(before);
    }
  });
});

describe('a pid file that says more than is true', () => {
  /** Only a process of the server's own user stands in its way. */
  const serverUser = async () => (await locateBinaries(home)).spawnAs ?? {};

  async function openAfterPidFileNames(pid: number): Promise<void> {
    const store = await openStore({ home });
    const text = await readFile(join(dir, 'postmaster.pid'), 'utf8');
    await store.close();
    const owner = await stat(dir);
    execFileSync(
      '/bin/sh',
      ['-c', 'cat > "$0"; chown "$1" "$0"; chmod 600 "$0"', join(dir, 'postmaster.pid'), `${owner.uid}:${owner.gid}`],
      {
        input: text.replace(/^\d+/, String(pid)),
      },
    );
    await (await openStore({ home })).close();
  }

  it('does not keep the store down when it names a zombie', async () => {
    // The child ends only once its parent is a program that never waits for it: a shell might.
    const parent = spawn('/bin/sh', ['-c', 'cat <&3 & echo $!; exec sleep 600 3<&-'], {
      ...(await serverUser()),
      stdio: ['ignore', 'pipe', 'ignore', 'pipe'],
    });
    const [line] = (await once(parent.stdout!, 'data')) as [Buffer];
    const zombie = Number(line.toString());
    try {
      while (!readFileSync(`/proc/${parent.pid}/cmdline`, 'latin1').startsWith('sleep'))
        await new Promise(setImmediate);
      (parent.stdio[3] as Writable).end();
      while (!/\) Z /.test(readFileSync(`/proc/${zombie}/stat`, 'latin1'))) await new Promise(setImmediate);
      await openAfterPidFileNames(zombie);
    } finally {
      parent.kill('SIGKILL');
    }
  });

  it('does not keep the store down when the number belongs to another program by now', async () => {
    const other = spawn('/bin/sleep', ['600'], { ...(await serverUser()), stdio: 'ignore' });
    await once(other, 'spawn');
    try {
      await openAfterPidFileNames(other.pid!);
    } finally {
      other.kill('SIGKILL');
    }
  });
});

describe('a server of the user’s own', () => {
  it('is used as it is and left running', async () => {
    const own = await openStore({ home });
    const store = await openStore({ home: '/nonexistent', databaseUrl: own.url });
    expect((await store.pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await store.close();
    expect((await own.pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await own.close();
  });

  it('is named as the trouble when it can not be reached', async () => {
    const databaseUrl = 'postgresql://someone:secret@127.0.0.1:1/none';
    const error = await openStore({ home, databaseUrl }).catch((reason: Error) => reason);
    expect(error).toMatchObject({ name: 'UsageError', code: 'store-unreachable' });
    expect((error as Error).message).not.toContain('secret');
  });
});

describe('a command as a process of its own', () => {
  let program: Program;
  beforeAll(async () => {
    program = await installProgram();
  });
  afterAll(() => program.remove());

  const script = `
    import { openStore } from './postgres/store.js';
    const store = await openStore({ home: process.env.FIREDRILL_HOME });
    console.log(store.url);
    await new Promise((resolve) => process.stdin.once('data', resolve));
    await store.close();
    process.exit(0);
  `;

  it('that is killed leaves a server to which the next one attaches', async () => {
    const env = { FIREDRILL_HOME: home };
    const victim = await program.start(script, { env });
    const url = await victim.line();
    const pid = serverPid();
    victim.child.kill('SIGKILL');
    expect(await victim.ended).toBe('SIGKILL');
    expect(isRunning(pid)).toBe(true);
    const store = await openStore({ home });
    expect(store.url).toBe(url);
    // The server learns of the death from the victim's connections.
    const sessions = `SELECT FROM pg_locks WHERE locktype = 'advisory'`;
    await expect.poll(async () => (await store.pool.query(sessions)).rowCount).toBe(1);
    await store.close();
    expect(isRunning(pid)).toBe(false);
  });

  it('shares the store with others that start at the same moment', async () => {
    const env = { FIREDRILL_HOME: home };
    const commands = await Promise.all([1, 2, 3].map(() => program.start(script, { env })));
    const urls = await Promise.all(commands.map((command) => command.line()));
    expect(new Set(urls).size).toBe(1);
    for (const command of commands) command.child.stdin!.write('\n');
    expect(await Promise.all(commands.map(({ ended }) => ended))).toEqual([0, 0, 0]);
    expect(processesOn(dir)).toEqual([]);
  });

  it.each(isRoot() ? [{ uid: 65534, gid: 65534 }] : [{ uid: process.getuid!(), gid: process.getgid!() }])(
    'works for the unprivileged user $uid in a home directory of its own',
    async (user) => {
      const own = join(home, 'own');
      execFileSync('/bin/sh', ['-c', 'mkdir "$0" && chown "$1" "$0"', own, `${user.uid}:${user.gid}`]);
      await chmod(own, 0o700);
      const command = await program.start(script, { user: isRoot() ? user : undefined, env: { FIREDRILL_HOME: own } });
      expect(await command.line(), command.errors()).toMatch(/^postgresql:/);
      command.child.stdin!.write('\n');
      expect(await command.ended).toBe(0);
      expect((await stat(join(own, 'store'))).uid).toBe(user.uid);
      expect(processesOn(join(own, 'store'))).toEqual([]);
    },
  );
});
