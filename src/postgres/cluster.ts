/**
 * A data directory: makes it, and keeps its settings. Running a server on it is server.ts.
 */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmod, chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { FiredrillError } from '../domain/errors.ts';
import type { Binaries } from './binaries.ts';
import { makePassable, removeAbandoned } from './home.ts';

export type Settings = Readonly<Record<string, string>>;

export interface NewCluster {
  binaries: Binaries;
  /** Made whole or not at all; must not exist or be empty. */
  dir: string;
  /** Superuser. Its database is `postgres`. */
  user: string;
  password: string;
  /** Texts to lie in the directory from the first, by file name. */
  files?: Readonly<Record<string, string>>;
  /** False leaves writing to disk to the kernel: quicker, for what a power failure may take. @default true */
  durable?: boolean;
  /** Size of the files that its log is in, a power of two, megabytes. @default 16 */
  walSegmentMb?: number;
}

/**
 * Makes a data directory: UTF-8, C locale, checksums, password needed from any loopback address (also for replication).
 * @throws FiredrillError `postgres-init`, `directory-closed`, or the file system's ENOTEMPTY when somebody else made it first
 */
export async function initCluster({
  binaries,
  dir,
  user,
  password,
  files = {},
  durable = true,
  walSegmentMb,
}: NewCluster): Promise<void> {
  await makePassable(dirname(dir));
  await removeAbandoned(dir);
  const partial = `${resolve(dir)}.partial-${randomUUID()}`;
  const passwordFile = `${partial}.password`;
  try {
    await makeServerDir(partial, binaries);
    await writeFile(passwordFile, password, { mode: 0o600 });
    if (binaries.spawnAs) await chown(passwordFile, binaries.spawnAs.uid, binaries.spawnAs.gid);
    const args = ['-D', partial, '-U', user, `--pwfile=${passwordFile}`, '-A', 'scram-sha-256', '-E', 'UTF8'];
    if (!durable) args.push('--no-sync');
    if (walSegmentMb !== undefined) args.push(`--wal-segsize=${walSegmentMb}`);
    const { spawnAs, env } = binaries;
    await promisify(execFile)(join(binaries.bin, 'initdb'), [...args, '--locale=C', '--no-instructions'], {
      ...spawnAs,
      env,
      cwd: '/',
    }).catch((cause: { stderr?: string; message: string }) => {
      throw new FiredrillError('postgres-init', `no data directory could be made at ${dir}`, {
        cause,
        found: cause.stderr?.trim() || cause.message,
        remedy: 'Free space or set FIREDRILL_HOME to another directory, then try again.',
      });
    });
    for (const [name, text] of Object.entries({ 'pg_hba.conf': HOST_ACCESS, ...files }))
      await writeServerFile(join(partial, name), text, binaries);
    await rename(partial, dir);
  } finally {
    await rm(partial, { recursive: true, force: true });
    await rm(passwordFile, { force: true });
  }
}

/** Lab machines have addresses all over 127.0.0.0/8. */
const HOST_ACCESS = `host all all 127.0.0.0/8 scram-sha-256\nhost replication all 127.0.0.0/8 scram-sha-256\n`;

/**
 * Makes a directory that belongs to the server's user and is closed to others.
 * @throws FiredrillError `directory-closed` when a directory above it does not let that user through
 */
export async function makeServerDir(dir: string, { spawnAs }: Pick<Binaries, 'spawnAs'>): Promise<void> {
  await makePassable(dirname(dir));
  await mkdir(dir, { recursive: true });
  await chmod(dir, 0o700);
  if (!spawnAs) return;
  await chown(dir, spawnAs.uid, spawnAs.gid);
  const tryIt = promisify(execFile)('/bin/sh', ['-c', 'test -w "$1"', 'sh', resolve(dir)], {
    ...spawnAs,
    env: {},
    cwd: '/',
  });
  await tryIt.catch((cause: unknown) => {
    throw new FiredrillError('directory-closed', `user ${spawnAs.uid}, which Postgres runs as, can not get to ${dir}`, {
      cause,
      expected: 'every directory above it lets other users pass through (mode bit x)',
      remedy: 'Set FIREDRILL_HOME to such a place, e.g. /var/lib/firedrill.',
    });
  });
}

/** Replaces a file of the data directory in one step, owned by the server's user. */
export async function writeServerFile(
  path: string,
  text: string,
  { spawnAs }: Pick<Binaries, 'spawnAs'>,
): Promise<void> {
  const next = `${path}.${randomUUID()}`;
  await writeFile(next, text, { mode: 0o600 });
  if (spawnAs) await chown(next, spawnAs.uid, spawnAs.gid);
  await rename(next, path);
}

/** No socket file: its path would be limited to 107 bytes and shared by all. The rest keeps an idle server small. */
const DEFAULTS: Settings = {
  unix_socket_directories: '',
  shared_buffers: '32MB',
  io_method: 'sync',
  jit: 'off',
  log_checkpoints: 'off',
};

/**
 * Writes `postgresql.conf` whole: what isn't named has its default. A running server takes it up on reload.
 * @throws FiredrillError `postgres-setting` for a name that can't be one, or a value of several lines
 */
export async function writeSettings(binaries: Binaries, dir: string, settings: Settings): Promise<void> {
  const lines = Object.entries({ ...DEFAULTS, ...settings }).map(([name, value]) => {
    if (/^[a-z_][\w.]*$/i.test(name) && !/[\r\n\0]/.test(value))
      return `${name} = '${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'\n`;
    throw new FiredrillError(
      'postgres-setting',
      `${JSON.stringify(name)} = ${JSON.stringify(value)} can not be a Postgres setting`,
    );
  });
  await writeServerFile(join(dir, 'postgresql.conf'), lines.join(''), binaries);
}

/** Major version that the data directory belongs to; undefined when there is none. */
export async function clusterVersion(dir: string): Promise<string | undefined> {
  const text = await readFile(join(dir, 'PG_VERSION'), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  return text?.trim();
}
