/**
 * The restoring script on an instance with PostgreSQL's own programs: dumps of a real server, by the pg_dump that is installed, restored
 * by its pg_restore into the server that comes with npm. Only what a machine under test can't have stands in: the service manager,
 * another user, and S3.
 */
import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readSignal } from '../../src/actions/ec2/ready-signal.ts';
import { startPostgres } from '../actions/verify/support/postgres.ts';
import type { TestServer } from '../actions/verify/support/postgres.ts';
import { installedBin, startInstalled } from './installed-postgres.ts';

const script = resolve('drills/scripts/restore-postgres.sh');
const hasCurl = ['/usr/bin/curl', '/bin/curl'].some((path) => existsSync(path));

/** A file system of its own for one command, which is gone with it; undefined where this user may not have one. */
const smallDisk = await promisify(execFile)('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'none', '/mnt']).then(
  (): string[] => ['unshare', '-rm', 'sh', '-c', 'mount -t tmpfs -o size=64k none "$TMPDIR" && exec "$@"', 'sh'],
  () => undefined,
);

if (installedBin === undefined || !hasCurl) {
  test('restoring a pg_dump is not tried here: PostgreSQL’s programs or curl are not installed', () => {
    process.stderr.write('restore-postgres.sh was not tried with pg_restore: install postgresql and curl to do so.\n');
    expect(installedBin !== undefined && hasCurl).toBe(false);
  });
} else {
  describe('the restoring script, with a dump of pg_dump', tries);
}

/** What a presigned URL leads to: an object, or what happens instead. */
type Stored = Buffer | (() => Buffer);

interface Ended {
  code: number | null;
  /** What was put to the signal's URL, one for each time. */
  signals: string[];
  /** On the console. */
  said: string;
}

function tries(): void {
  const owner = 'create role shop_owner';
  const contents = [
    owner,
    "create role drill_verifier login password 'lookbook'",
    'create table orders (id int generated always as identity primary key, note text, total numeric(10, 2))',
    `insert into orders (note, total) select md5(n::text), n * 1.5 from generate_series(1, 3000) n`,
    'alter table orders owner to shop_owner',
    'grant select on orders to drill_verifier',
  ];
  const late = ['create role late_owner', 'create table orders (id int)', 'alter table orders owner to late_owner'];

  let directory: string;
  let copy: TestServer;
  let s3: Server;
  let origin: string;
  let dump: Buffer;
  let globals: Buffer;
  let ownedByNobody: Buffer;
  const objects = new Map<string, Stored>();
  const signals: string[] = [];

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'firedrill-restore-'));
    await Promise.all(['bin', 'tmp'].map((name) => mkdir(join(directory, name))));
    await standIn('systemctl', 'echo "$@" >>"$CALLS"');
    await standIn('runuser', '[ "$1 $2 $3" = "-u postgres --" ]\nshift 3\nexec "$@"');
    s3 = createServer((request, response) => {
      const stored = objects.get(request.url ?? '');
      if (request.method === 'PUT') void text(request).then((body) => signals.push(body)).finally(() => response.end());
      else if (stored === undefined) response.writeHead(404).end();
      else response.end(typeof stored === 'function' ? stored() : stored);
    }).listen(0, '127.0.0.1');
    await once(s3, 'listening');
    origin = `http://127.0.0.1:${(s3.address() as AddressInfo).port}`;
    await takeDumps();
    copy = await startPostgres();
  });

  afterAll(async () => {
    s3?.close();
    await copy?.close();
    await rm(directory, { recursive: true, force: true });
  });

  const standIn = (name: string, lines: string): Promise<void> =>
    writeFile(join(directory, 'bin', name), `#!/bin/sh\nset -eu\n${lines}\n`, { mode: 0o755 });

  async function takeDumps(): Promise<void> {
    const source = await startInstalled('shop');
    try {
      const sql = (...statements: string[]) =>
        source.tool('psql', '--quiet', ...statements.flatMap((statement) => ['--command', statement]));
      const file = async (program: string, ...options: string[]): Promise<Buffer> => {
        await source.tool(program, ...options, `--file=${join(directory, 'taken')}`);
        return readFile(join(directory, 'taken'));
      };
      await sql(...contents);
      dump = await file('pg_dump', '--format=custom');
      globals = await file('pg_dumpall', '--globals-only');
      // Its owner is not among the globals.
      await sql('drop table orders', ...late);
      ownedByNobody = await file('pg_dump', '--format=custom');
    } finally {
      await source.close();
    }
  }

  interface Restore {
    database: string;
    dump?: Stored;
    globals?: Stored | undefined;
    env?: NodeJS.ProcessEnv;
    /** What the script is run by. */
    by?: readonly string[];
    onStart?: (pid: number) => void;
  }

  /** Runs the script as user data of an instance that reaches the copy's server and this S3. */
  async function restore({ database, env, by = [], onStart, ...given }: Restore): Promise<Ended> {
    objects.clear();
    signals.length = 0;
    if (given.dump) objects.set('/dump', given.dump);
    if (given.globals) objects.set('/globals', given.globals);
    const [program, ...args] = [...by, '/bin/sh', script];
    const child = spawn(program, args, {
      cwd: directory,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: `${join(directory, 'bin')}:${installedBin}:/usr/sbin:/usr/bin:/sbin:/bin`,
        TMPDIR: join(directory, 'tmp'),
        CALLS: join(directory, 'calls'),
        PGHOST: '127.0.0.1',
        PGPORT: String(copy.port),
        PGUSER: 'owner',
        PGPASSWORD: 'secret',
        LC_ALL: 'C',
        DATABASE: database,
        DUMP_URL: `${origin}/dump`,
        FIREDRILL_SIGNAL_URL: `${origin}/signal`,
        ...(given.globals && { GLOBALS_URL: `${origin}/globals` }),
        ...env,
      },
    });
    onStart?.(child.pid!);
    const [said, , [code]] = (await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close'),
    ])) as [string, string, [number | null]];
    // Its own directory is gone, whatever happened.
    expect(await readdir(join(directory, 'tmp'))).toEqual([]);
    return { code, signals: [...signals], said };
  }

  test('brings roles and rows, and says where the database is', async () => {
    const { code, signals: told, said } = await restore({ database: 'shop', dump, globals });
    expect(code, said).toBe(0);
    expect(told.map(readSignal)).toEqual([
      { database: { engine: 'postgres', port: 5432, name: 'shop' }, message: 'restored shop' },
    ]);
    expect(await readFile(join(directory, 'calls'), 'utf8')).toBe('start postgresql\n');
    // A role that both servers have is no failure, but it is told.
    expect(said).toContain('role "owner" already exists');

    const [table] = await copy.sql('shop', "select tableowner as owner from pg_tables where tablename = 'orders'");
    expect(table).toEqual({ owner: 'shop_owner' });
    const password = 'lookbook';
    const client = new pg.Client({ host: '127.0.0.1', port: copy.port, user: 'drill_verifier', password, database: 'shop' });
    await client.connect();
    const { rows } = await client.query('select count(*)::int as rows, sum(total)::text as total from orders');
    await client.end();
    expect(rows).toEqual([{ rows: 3000, total: '6752250.00' }]);
    expect(await copy.sql('shop', "insert into orders (note) values ('new') returning id")).toEqual([{ id: 3001 }]);
  });

  const withByte = (bytes: Buffer, at: number, value: number): Buffer => {
    const changed = Buffer.from(bytes);
    changed[at] = value;
    return changed;
  };

  /** Behind `PGDMP` stands the version of the format. */
  const formatMinor = 6;

  test.each<[string, () => Omit<Restore, 'database'>, RegExp]>([
    ['a role is missing', () => ({ dump: ownedByNobody }), /pg_restore: error: .*role "late_owner" does not exist/],
    ['the dump is cut off', () => ({ dump: dump.subarray(0, dump.length / 2) }), /pg_restore: error: .*end of file/],
    ['the dump is altered', () => ({ dump: withByte(dump, dump.length - 200, 0xff ^ dump[dump.length - 200]!) }), /pg_restore: error: /],
    ['the dump is none', () => ({ dump: Buffer.from('<html>moved</html>'.repeat(99)) }), /not appear to be a valid archive/],
    ['the dump is empty', () => ({ dump: Buffer.alloc(0) }), /pg_restore: error: .*too short/],
    ['the dump is of a newer pg_dump', () => ({ dump: withByte(dump, formatMinor, 99) }), /unsupported version \(1\.99\) in file header/],
    ['there is no dump', () => ({}), /curl: \(22\) .*404/],
    ['the roles are not there', () => ({ dump, env: { GLOBALS_URL: `${origin}/absent` } }), /curl: \(22\) .*404/],
    ['the server does not run', () => ({ dump, env: { PGPORT: '1' } }), /createdb: error: .*refused/],
    ['nothing says where the dump is', () => ({ env: { DUMP_URL: '' } }), /DUMP_URL: is missing/],
  ])('reports failure with the reason when %s', async (what, given, reason) => {
    const { code, signals: told, said } = await restore({ database: `not when ${what}`, ...given() });
    expect(code).not.toBe(0);
    expect(told).toHaveLength(1);
    expect(() => readSignal(told[0]!)).toThrow(reason);
    expect(said).toMatch(reason);
  });

  test('reports failure when the database is there already, and leaves it as it is', async () => {
    await copy.sql('postgres', 'create database kept');
    await copy.sql('kept', 'create table orders (id int)');
    const { signals: told } = await restore({ database: 'kept', dump });
    expect(() => readSignal(told[0]!)).toThrow(/createdb: error: .*"kept" already exists/);
    expect(await copy.sql('kept', 'select count(*)::int as rows from orders')).toEqual([{ rows: 0 }]);
  });

  test('reports failure when it is told to end', async () => {
    let pid = 0;
    const { code, signals: told } = await restore({
      database: 'ended',
      onStart: (started) => (pid = started),
      dump: () => {
        process.kill(pid, 'SIGTERM');
        return dump;
      },
    });
    expect(code).toBe(143);
    expect(() => readSignal(told[0]!)).toThrow('ended with status 143');
  });

  if (smallDisk === undefined) {
    test('a full disk is not tried here: this user may not mount a small one', () => {
      process.stderr.write('restore-postgres.sh was not tried on a full disk: unshare and mount are not permitted.\n');
      expect(smallDisk).toBeUndefined();
    });
  } else {
    test('reports failure with the reason when the disk is full', async () => {
      expect(dump.length).toBeGreaterThan(65_536);
      const { code, signals: told } = await restore({ database: 'full', dump, by: smallDisk });
      expect(code).not.toBe(0);
      expect(() => readSignal(told[0]!)).toThrow(/curl: \(23\) /);
    });
  }
}
