/**
 * A real MariaDB or MySQL server in a temporary directory, where one is installed: the package isn't part of this project's, so
 * a machine without it tries less, and says so.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chown, mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { createConnection } from 'mysql2';
import { locateBinaries } from '../../../../src/postgres/binaries.ts';
import { freePort } from '../../../../src/postgres/server.ts';
import { temporaryHome } from '../../../postgres/temporary.ts';
import { clock } from './climb.ts';

const directories = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/usr/libexec', '/usr/local/sbin'];

/** Path of the server; undefined where none is installed. */
export const serverBinary = ['mariadbd', 'mysqld']
  .flatMap((name) => directories.map((directory) => join(directory, name)))
  .find((path) => existsSync(path));

export interface TestServer {
  /** Its data directory. */
  dir: string;
  port: number;
  sql(database: string, ...statements: string[]): Promise<unknown[][]>;
  close(): Promise<void>;
}

/** Small, and without waiting for a disk. */
const quick = [
  '--innodb-buffer-pool-size=16M',
  '--innodb-log-file-size=4M',
  '--innodb-flush-method=nosync',
  '--innodb-flush-log-at-trx-commit=0',
  '--skip-name-resolve',
];

/**
 * Owner is `owner` with password `secret`; the verification role is `verifier`.
 * @param files texts in its data directory, by file name
 * @param options for the server's command line; paths are taken from its data directory
 */
export async function startMariadb(
  files: Readonly<Record<string, string>> = {},
  options: readonly string[] = [],
): Promise<TestServer> {
  const temporary = await temporaryHome();
  const { spawnAs } = await locateBinaries();
  const dir = join(temporary.home, 'data');
  const accountsFile = join(temporary.home, 'accounts.sql');
  await mkdir(dir);
  if (spawnAs) await chown(dir, spawnAs.uid, spawnAs.gid);
  await writeFile(accountsFile, accounts.map((statement) => `${statement};\n`).join(''));
  const run = { ...spawnAs, cwd: '/', env: { PATH: directories.join(':'), LC_ALL: 'C' } };
  await initialize(dir, run);
  for (const [name, text] of Object.entries(files)) await writeFile(join(dir, name), text);

  const port = await freePort('127.0.0.1');
  const child = spawn(
    serverBinary!,
    [
      '--no-defaults',
      `--datadir=${dir}`,
      `--port=${port}`,
      '--bind-address=127.0.0.1',
      `--socket=${join(dir, 's')}`,
      `--pid-file=${join(dir, 'pid')}`,
      `--log-error=${join(dir, 'log')}`,
      `--init-file=${accountsFile}`,
      ...(isMariadb ? quick : []),
      ...options,
    ],
    { ...run, stdio: 'ignore' },
  );
  const ended = once(child, 'exit');
  const sql: TestServer['sql'] = async (database, ...statements) => {
    const at = { host: '127.0.0.1', port, user: 'owner', password: 'secret', database, rowsAsArray: true };
    const connection = createConnection(at).promise();
    try {
      let rows: unknown[][] = [];
      for (const statement of statements) rows = (await connection.query(statement))[0] as unknown as unknown[][];
      return rows;
    } finally {
      connection.destroy();
    }
  };
  const close = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
    await temporary.remove();
  };
  const until = performance.now() + 120_000;
  for (;;) {
    const why = await sql('mysql', 'select 1').then(
      () => undefined,
      (error: Error) => error.message,
    );
    if (why === undefined) return { dir, port, sql, close };
    if (performance.now() > until || child.exitCode !== null) {
      const log = await readFile(join(dir, 'log'), 'utf8').catch(() => '');
      await close();
      throw new Error(`${serverBinary} did not start: ${why}\n${log.slice(-2000)}`);
    }
    await clock.sleep(50);
  }
}

const isMariadb = serverBinary !== undefined && basename(serverBinary) === 'mariadbd';

const accounts = [
  "create user owner@'127.0.0.1' identified by 'secret'",
  "grant all on *.* to owner@'127.0.0.1' with grant option",
  "create user verifier@'127.0.0.1' identified by 'lookbook'",
  "grant select, show view, trigger on *.* to verifier@'127.0.0.1'",
];

async function initialize(dir: string, run: object): Promise<void> {
  const start = promisify(execFile);
  if (isMariadb)
    await start('mariadb-install-db', ['--no-defaults', `--datadir=${dir}`, '--skip-test-db', ...quick], run);
  else await start(serverBinary!, ['--no-defaults', `--datadir=${dir}`, '--initialize-insecure'], run);
}
