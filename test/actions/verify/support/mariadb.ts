/**
 * A real MariaDB or MySQL server in a temporary directory, where one is installed: the package isn't part of this project's, so
 * a machine without it tries less, and says so.
 */
import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chown, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { createConnection } from 'mysql2';
import { locateBinaries } from '../../../../src/postgres/binaries.ts';
import { onOwnPort } from '../../../postgres/own-port.ts';
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
  const scratch = join(temporary.home, 'scratch');
  for (const own of [dir, scratch]) {
    await mkdir(own);
    if (spawnAs) await chown(own, spawnAs.uid, spawnAs.gid);
  }
  await writeFile(accountsFile, accounts.map((statement) => `${statement};\n`).join(''));
  // A server that starts removes what others have just put into a directory for temporary tables that it shares with them.
  const run = { ...spawnAs, cwd: '/', env: { PATH: directories.join(':'), LC_ALL: 'C', TMPDIR: scratch } };
  await initialize(dir, run);
  for (const [name, text] of Object.entries(files)) await writeFile(join(dir, name), text);

  const serve = (port: number): Promise<TestServer> => {
    const own = [
      `--datadir=${dir}`,
      `--port=${port}`,
      `--log-error=${join(dir, 'log.err')}`,
      `--init-file=${accountsFile}`,
    ];
    const child = spawn(
      serverBinary!,
      [
        '--no-defaults',
        ...own,
        '--bind-address=127.0.0.1',
        `--socket=${join(dir, 's')}`,
        `--pid-file=${join(dir, 'pid')}`,
        ...(isMariadb ? quick : []),
        ...options,
      ],
      { ...run, stdio: 'ignore' },
    );
    return untilReady(child, dir, port);
  };
  try {
    const server = await onOwnPort(serve);
    const close = async (): Promise<void> => {
      await server.close();
      await temporary.remove();
    };
    return { ...server, close };
  } catch (error) {
    await temporary.remove();
    throw error;
  }
}

/** @throws with what the server said, when it has ended */
async function untilReady(child: ChildProcess, dir: string, port: number): Promise<TestServer> {
  const ended = once(child, 'exit');
  const sql: TestServer['sql'] = async (database, ...statements) => {
    const at = { host: '127.0.0.1', port, user: 'owner', password: 'secret', database, rowsAsArray: true };
    const connection = createConnection({ ...at, connectTimeout: 60_000 }).promise();
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
  };
  /** Where the server that answers keeps its data: another one of that owner may have the port. */
  const answering = (): Promise<unknown> =>
    sql('mysql', 'select @@datadir').then(
      ([row]) => row![0],
      (error: Error) => error.message,
    );
  const until = performance.now() + 120_000;
  for (;;) {
    // Whoever has the port may never answer.
    const found = await Promise.race([answering(), ended.then(() => 'it has ended')]);
    if (found === `${dir}/`) return { dir, port, sql, close };
    if (performance.now() > until || child.exitCode !== null || child.signalCode !== null) {
      await close();
      const log = await readFile(join(dir, 'log.err'), 'utf8').catch(() => '');
      await rm(join(dir, 'log.err'), { force: true });
      throw new Error(`${serverBinary} did not start: ${String(found)}\n${log.slice(-4000)}`);
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
