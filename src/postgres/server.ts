/**
 * A Postgres server on a data directory: starts it, finds a running one, stops or kills it. It runs in a session of its own,
 * so that Ctrl-C in a terminal does not reach it, and outlives this process: whoever starts one must end it.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { linkSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { randomUUID } from 'node:crypto';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { FiredrillError } from '../domain/errors.ts';
import type { Binaries } from './binaries.ts';
import { writeSettings } from './cluster.ts';
import type { Settings } from './cluster.ts';
import { childrenOf, ended, isRunning, isServerOn, processesOn, signal } from './processes.ts';

const START_MS = 60_000;
const STOP_MS = 30_000;
const ORPHANS_MS = 5_000;
const POLL_MS = 5;
const LOG_LIMIT_BYTES = 1 << 20;

/** `smart` waits for clients to leave, `fast` ends their sessions, `immediate` leaves recovery to the next start. */
export type StopMode = 'smart' | 'fast' | 'immediate';
const SIGNALS = { smart: 'SIGTERM', fast: 'SIGINT', immediate: 'SIGQUIT' } as const;

export interface Server {
  readonly dir: string;
  readonly pid: number;
  readonly host: string;
  readonly port: number;
  /** Connections are accepted (a standby: it has become consistent). Rejects with `postgres-start`. */
  readonly ready: Promise<void>;
  /** Replaces all settings and has them read again; those that need a restart wait for it. Sessions follow within moments. */
  reload(settings: Settings): Promise<void>;
  /** Resolves when no process of the server is left. @throws FiredrillError `postgres-stop` after 30 s */
  stop(mode: StopMode): Promise<void>;
  /** As a power failure ends it: SIGKILL to every process. Resolves when none is left. */
  kill(): Promise<void>;
}

export interface StartOptions {
  binaries: Binaries;
  dir: string;
  /** One address to listen on. */
  host: string;
  port: number;
  settings?: Settings;
}

/**
 * Starts a server; what an earlier one left behind (pid file of a dead or zombie server, orphaned backends) is cleared first.
 * Resolves with its pid as soon as there is one; `ready` tells how it went on. Its messages go to `<dir>.log`.
 * @throws FiredrillError `postgres-running` when a server runs on the directory already
 */
export async function startServer({ binaries, dir, host, port, settings = {} }: StartOptions): Promise<Server> {
  const place = resolve(dir);
  await clearRemains(place);
  await writeSettings(binaries, place, settings);
  const log = await openLog(`${place}.log`);
  const args = ['-D', place, '-c', `listen_addresses=${host}`, '-c', `port=${port}`];
  const { spawnAs, env } = binaries;
  const stdio = ['ignore', log.file.fd, log.file.fd] as const;
  const child = spawn(join(binaries.bin, 'postgres'), args, {
    ...spawnAs,
    env,
    cwd: '/',
    detached: true,
    stdio: [...stdio],
  });
  try {
    await once(child, 'spawn');
  } catch (cause) {
    throw failed(place, (cause as Error).message, cause);
  } finally {
    await log.file.close();
  }
  child.unref();
  const pid = child.pid as number;
  const ready = untilReady(place, pid, async () => failed(place, await log.since(pid)));
  ready.catch(() => undefined); // Told to whoever awaits it; nobody has to.
  return { ...controls(binaries, place, pid), host, port, ready };
}

/**
 * The live server on the directory, whoever started it; its `ready` rejects with `postgres-gone` when it is on its way out.
 * Undefined when none runs, or it has only just begun to start.
 */
export async function findServer(binaries: Binaries, dir: string): Promise<Server | undefined> {
  const place = resolve(dir);
  const found = readPidFile(place);
  if (!found || found.host === undefined || !isServerOn(found.pid, place)) return undefined;
  const ready = untilReady(place, found.pid, async () => gone(place, found.pid));
  ready.catch(() => undefined);
  return { ...controls(binaries, place, found.pid), host: found.host, port: found.port, ready };
}

/**
 * Whether it accepts connections and nobody has asked it to stop: it notes that before it ends the first session.
 * Source: process_pm_shutdown_request() in postmaster.c.
 */
export function isReady({ dir, pid }: Pick<Server, 'dir' | 'pid'>): boolean {
  const found = readPidFile(dir);
  return found?.pid === pid && found.state === 'ready';
}

function controls(binaries: Binaries, dir: string, pid: number): Omit<Server, 'host' | 'port' | 'ready'> {
  const signalServer = (name: NodeJS.Signals): void => {
    if (isServerOn(pid, dir)) signal(pid, name);
  };
  return {
    dir,
    pid,
    reload: async (settings) => {
      await writeSettings(binaries, dir, settings);
      signalServer('SIGHUP');
    },
    stop: async (mode) => {
      signalServer(SIGNALS[mode]);
      if (await ended([pid], STOP_MS)) return;
      throw new FiredrillError('postgres-stop', `the Postgres server ${pid} on ${dir} has not stopped within 30 s`, {
        remedy: `Look into ${dir}.log; end it with "kill -QUIT ${pid}".`,
      });
    },
    kill: async () => {
      if (!isServerOn(pid, dir)) return;
      const all = [pid, ...childrenOf(pid)];
      for (const each of all) signal(each, 'SIGKILL');
      await ended(all, STOP_MS);
    },
  };
}

/** As pg_ctl tells it: the server writes its state into the last line of its pid file. */
async function untilReady(dir: string, pid: number, failure: () => Promise<Error>): Promise<void> {
  const deadline = performance.now() + START_MS;
  while (performance.now() < deadline) {
    if (isReady({ dir, pid })) return;
    if (!isRunning(pid)) throw await failure();
    await delay(POLL_MS);
  }
  throw await failure();
}

interface PidFile {
  /** 0 while the file is being written. */
  pid: number;
  port: number;
  /** Absent until the server listens. */
  host?: string;
  state: string;
  text: string;
  ageMs: number;
}

/** Lines: pid, data directory, start time, port, socket directory, address, shared memory, state. */
function readPidFile(dir: string): PidFile | undefined {
  const path = join(dir, 'postmaster.pid');
  try {
    const text = readFileSync(path, 'utf8');
    const lines = text.split('\n').map((line) => line.trim());
    const ageMs = Date.now() - statSync(path).mtimeMs;
    const [pid, port, host, state] = [Number(lines[0]), Number(lines[3]), lines[5] || undefined, lines[7] ?? ''];
    return { pid, port, host, state, text, ageMs };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Postgres itself takes over the pid file of a dead server, but not that of a zombie or of a pid that now belongs to something
 * else. Orphaned backends end by themselves once they notice; until then no new server may touch the files.
 */
async function clearRemains(dir: string): Promise<void> {
  const found = readPidFile(dir);
  if (found && (isServerOn(found.pid, dir) || (found.pid === 0 && found.ageMs < ORPHANS_MS))) {
    throw new FiredrillError('postgres-running', `a Postgres server runs on ${dir} already, process ${found.pid}`);
  }
  if (!found) return;
  const orphans = processesOn(dir);
  const unchanged = (): boolean => readPidFile(dir)?.text === found.text;
  if (!(await ended(orphans, ORPHANS_MS)) && unchanged()) {
    for (const pid of orphans) signal(pid, 'SIGKILL');
    await ended(orphans, ORPHANS_MS);
  }
  discardPidFile(dir, found);
}

/**
 * Somebody else may have cleared it and started a server meanwhile, so the file is moved aside, looked at, and put back if it
 * is not the one that was judged. (In between, shared memory keeps a second server out.)
 */
function discardPidFile(dir: string, judged: PidFile): void {
  if (readPidFile(dir)?.text !== judged.text) return;
  const path = join(dir, 'postmaster.pid');
  const aside = `${path}.${randomUUID()}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if (readFileSync(aside, 'utf8') !== judged.text) linkSync(aside, path);
  rmSync(aside);
}

/** Messages of earlier starts are kept, up to a limit and one file more. */
async function openLog(path: string) {
  const size = (await stat(path).catch(() => undefined))?.size ?? 0;
  if (size > LOG_LIMIT_BYTES) await rename(path, `${path}.old`);
  const from = size > LOG_LIMIT_BYTES ? 0 : size;
  return { file: await open(path, 'a', 0o600), since: (pid: number) => tail(path, from, pid) };
}

/**
 * The last messages. Where the server itself says why it ended, only its own: others that start on the directory at that time
 * write into the same file.
 */
async function tail(path: string, from: number, pid: number): Promise<string> {
  const bytes = await readFile(path).catch(() => Buffer.alloc(0));
  const lines = bytes.subarray(from).toString('utf8').trim().split('\n');
  const own = lines.filter((line) => line.includes(` [${pid}] `));
  const told = own.some((line) => line.includes('FATAL: ')) ? own : lines;
  return told.slice(-12).join('\n');
}

const gone = (dir: string, pid: number): FiredrillError =>
  new FiredrillError('postgres-gone', `the Postgres server ${pid} on ${dir} has ended`, {
    remedy: `Look into ${dir}.log.`,
  });

function failed(dir: string, messages: string, cause?: unknown): FiredrillError {
  const lines = messages.split('\n');
  const telling = [/could not bind .*/, /(?<=(?:FATAL|PANIC): +).*/, /.+$/].map((pattern) =>
    lines.map((line) => pattern.exec(line)?.[0]).findLast(Boolean),
  );
  const why = telling.find(Boolean) ?? 'it ended without a message';
  return new FiredrillError('postgres-start', `Postgres did not start on ${dir}: ${why}`, {
    cause,
    found: messages,
    remedy: `Look into ${dir}.log.`,
  });
}

/** A port that was free a moment ago. Another process may take it first: be ready to ask again. */
export async function freePort(host: string): Promise<number> {
  const probe = createServer().listen(0, host);
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

/** Removes a data directory and its log. Nothing may run on it. */
export async function removeCluster(dir: string): Promise<void> {
  for (const path of [dir, `${dir}.log`, `${dir}.log.old`]) await rm(path, { recursive: true, force: true });
}
