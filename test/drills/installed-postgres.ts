/**
 * PostgreSQL with all its programs, where it is installed: what comes with npm has no psql, pg_dump and pg_restore. A machine without
 * them tries less, and says so.
 */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { chown, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { locateBinaries } from '../../src/postgres/binaries.ts';
import { onOwnPort } from '../postgres/own-port.ts';
import { temporaryHome } from '../postgres/temporary.ts';

const run = promisify(execFile);
const programs = ['initdb', 'pg_ctl', 'postgres', 'psql', 'pg_dump', 'pg_restore', 'createdb'];

const versions = (root: string): string[] => (existsSync(root) ? readdirSync(root).map((name) => join(root, name)) : []);

/** Directory of its programs, all of one version; undefined where they aren't installed. */
export const installedBin = [
  ...versions('/usr/lib/postgresql').map((version) => join(version, 'bin')),
  ...versions('/usr').flatMap((path) => (/\/pgsql-\d+$/.test(path) ? [join(path, 'bin')] : [])),
  ...(process.env['PATH'] ?? '').split(':'),
].find((bin) => programs.every((program) => existsSync(join(bin, program))));

export interface InstalledServer {
  port: number;
  /** libpq's variables by which its programs, and scripts, get to it. */
  env: NodeJS.ProcessEnv;
  /** Runs one of its programs against it, and gives what that says. */
  tool(program: string, ...args: string[]): Promise<string>;
  close(): Promise<void>;
}

/** Superuser is `owner` with password `secret`. Its text forms are not those that a checksum wants. */
export async function startInstalled(database: string): Promise<InstalledServer> {
  const temporary = await temporaryHome();
  const { spawnAs } = await locateBinaries();
  const dir = join(temporary.home, 'data');
  const passwordFile = join(temporary.home, 'password');
  await mkdir(dir, { mode: 0o700 });
  await writeFile(passwordFile, 'secret\n');
  if (spawnAs) await chown(dir, spawnAs.uid, spawnAs.gid);

  const asServer = { ...spawnAs, cwd: '/', env: { PATH: `${installedBin}:/usr/bin:/bin`, LC_ALL: 'C' } };
  const server = async (program: string, ...args: string[]): Promise<void> =>
    void (await run(join(installedBin!, program), args, asServer));
  const initial = ['--username=owner', `--pwfile=${passwordFile}`, '--auth=scram-sha-256', '--encoding=UTF8'];
  await server('initdb', `--pgdata=${dir}`, '--no-sync', '--no-instructions', ...initial);
  const settings = {
    fsync: 'off',
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    timezone: 'Asia/Tokyo',
    datestyle: 'SQL, DMY',
    extra_float_digits: '0',
    bytea_output: 'escape',
  };
  const options = Object.entries(settings).map(([name, value]) => `-c ${name}='${value}'`);
  const log = join(dir, 'log');
  const port = await onOwnPort(async (own) => {
    await rm(log, { force: true });
    try {
      // pg_ctl waits until the server answers. What the server says goes to a file, or its pipe would keep this call open.
      await server('pg_ctl', 'start', '-w', '-t', '200', '-D', dir, '-l', log, '-o', [`-p ${own}`, ...options].join(' '));
    } catch (error) {
      const found = await readFile(log, 'utf8').catch(() => '');
      throw Object.assign(error as Error, { found });
    }
    return own;
  });

  const env = {
    PATH: asServer.env.PATH,
    PGHOST: '127.0.0.1',
    PGPORT: String(port),
    PGUSER: 'owner',
    PGPASSWORD: 'secret',
    PGDATABASE: database,
  };
  const tool: InstalledServer['tool'] = async (program, ...args) =>
    (await run(join(installedBin!, program), args, { env, cwd: '/' })).stdout;
  await tool('createdb', database);
  return {
    port,
    env,
    tool,
    async close() {
      await server('pg_ctl', 'stop', '-w', '-m', 'immediate', '-D', dir);
      await temporary.remove();
    },
  };
}
