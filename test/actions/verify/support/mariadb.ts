/**
 * A real MariaDB or MySQL server in a temporary directory, where one is installed: the package isn't part of this project's, so
 * a machine without it tries less, and says so.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chown, mkdir, readFile } from 'node:fs/promises';
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
  port: number;
  sql(database: string, ...statements: string[]): Promise<unknown[][]>;
  close(): Promise<void>;
}

/** Owner is `owner` with password `secret`; the verification role is `verifier`. */
export async function startMariadb(): Promise<TestServer> {
  const temporary = await temporaryHome();
  const { spawnAs } = await locateBinaries();
  const dir = join(temporary.home, 'data');
  await mkdir(dir);
  if (spawnAs) await chown(dir, spawnAs.uid, spawnAs.gid);
  const run = { ...spawnAs, cwd: '/', env: { PATH: directories.join(':'), LC_ALL: 'C' } };
  await initialize(dir, run);

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
      '--innodb-buffer-pool-size=32M',
      '--innodb-flush-log-at-trx-commit=0',
      '--skip-name-resolve',
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
  const until = performance.now() + 30_000;
  for (;;) {
    const why = await sql('mysql', 'select 1').then(
      () => undefined,
      (error: Error) => error.message,
    );
    if (why === undefined) return { port, sql, close };
    if (performance.now() > until || child.exitCode !== null) {
      const log = await readFile(join(dir, 'log'), 'utf8').catch(() => '');
      await close();
      throw new Error(`${serverBinary} did not start: ${why}\n${log.slice(-2000)}`);
    }
    await clock.sleep(50);
  }
}

const accounts = (plugin: string): string[] => [
  `create user owner@'127.0.0.1' identified ${plugin} 'secret'`,
  `grant all on *.* to owner@'127.0.0.1' with grant option`,
  `create user verifier@'127.0.0.1' identified ${plugin} 'lookbook'`,
  `grant select, show view, trigger on *.* to verifier@'127.0.0.1'`,
];

async function initialize(dir: string, run: object): Promise<void> {
  const start = promisify(execFile);
  if (basename(serverBinary!) === 'mysqld') {
    const statements = join(dir, '..', 'accounts.sql');
    const { writeFile } = await import('node:fs/promises');
    await writeFile(statements, `${accounts('by').join(';\n')};\n`);
    await start(
      serverBinary!,
      ['--no-defaults', `--datadir=${dir}`, '--initialize-insecure', `--init-file=${statements}`],
      run,
    );
    return;
  }
  await start(
    'mariadb-install-db',
    ['--no-defaults', `--datadir=${dir}`, '--skip-test-db', '--skip-name-resolve'],
    run,
  );
  const bootstrap = spawn(serverBinary!, ['--no-defaults', `--datadir=${dir}`, '--bootstrap'], run);
  bootstrap.stdin.end(`use mysql;\nflush privileges;\n${accounts('by').join(';\n')};\n`);
  const [code] = (await once(bootstrap, 'exit')) as [number];
  if (code !== 0) throw new Error(`${serverBinary} --bootstrap ended with ${code}`);
}
