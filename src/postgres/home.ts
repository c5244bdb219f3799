/** Where firedrill keeps its own state on this machine. Knows the place only; who uses it decides what lies there. */
import { chmod, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { UsageError } from '../domain/errors.ts';

export const isRoot = (): boolean => process.geteuid?.() === 0;

/**
 * FIREDRILL_HOME, else `~/.firedrill`, as root `/var/lib/firedrill`: root's own home is closed to the unprivileged user that
 * Postgres runs as.
 */
export function homeDir(env: NodeJS.ProcessEnv = process.env): string {
  if (env['FIREDRILL_HOME']) return resolve(env['FIREDRILL_HOME']);
  return isRoot() ? '/var/lib/firedrill' : join(env['HOME'] || homedir(), '.firedrill');
}

/**
 * Makes sure that the home is there and, as root, that an unprivileged user can pass through it (mode bit `x`, not
 * readable). Directories that exist above it are left as they are.
 */
export async function makeHome(dir: string): Promise<void> {
  await makePassable(dir);
  if (!isRoot()) return;
  const { mode } = await stat(dir);
  if ((mode & 0o001) === 0) await chmod(dir, (mode & 0o7777) | 0o011);
}

/** Makes a directory and those above it that are missing; as root such that other users can pass, whatever the umask. */
export async function makePassable(dir: string): Promise<void> {
  for (const missing of await missingTo(resolve(dir))) {
    await mkdir(missing, { mode: 0o700 }).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code !== 'EEXIST') throw unusable(dir, cause); // Another command has just made it.
    });
    if (isRoot()) await chmod(missing, 0o711);
  }
}

/** Directories on the way to `path` that aren't there, outermost first. One by one: a recursive mkdir never ends in /proc. */
async function missingTo(path: string): Promise<string[]> {
  const missing: string[] = [];
  for (let at = path; ; at = dirname(at)) {
    const found = await stat(at).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code !== 'ENOENT') throw unusable(path, cause);
      return undefined;
    });
    if (found?.isDirectory()) return missing.toReversed();
    if (found) throw unusable(path, new Error(`${at} is no directory`));
    missing.push(at);
  }
}

const unusable = (dir: string, cause: Error): UsageError =>
  new UsageError('home-unusable', `firedrill can't keep its state in ${dir}: ${cause.message}`, {
    cause,
    remedy: 'Set FIREDRILL_HOME to a directory that this user can make and write to.',
  });

/** An attempt that was killed is cleared away by a later one after this long. */
const ABANDONED_MS = 10 * 60_000;

/** Removes what killed attempts to make `path` left beside it: everything named `<path>.partial-...` that is old. */
export async function removeAbandoned(path: string): Promise<void> {
  for (const name of await readdir(dirname(path))) {
    if (!name.startsWith(`${basename(path)}.partial-`)) continue;
    const left = join(dirname(path), name);
    const found = await stat(left).catch(() => undefined); // Gone when another attempt has just come to its end.
    if (found && Date.now() - found.mtimeMs > ABANDONED_MS) await rm(left, { recursive: true, force: true });
  }
}
