/**
 * Starts the lab as a process of its own and reads what it says when it is ready. The rest of firedrill meets the lab only
 * over the wire, like any AWS endpoint. The lab ends when the pipe to its standard input closes, however this process ends, unless it
 * was detached.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import type { LabSettings } from '../domain/drill.ts';
import { FiredrillError, UsageError } from '../domain/errors.ts';
import { stay } from '../lab/starter.ts';
import { makeHome } from '../postgres/home.ts';
import { foreignHome } from './foreign-home.ts';

export interface LabConfig extends LabSettings {
  profile: 'fast' | 'realistic';
  home: string;
  /** It may be detached. */
  mayStay: boolean;
}

/** What a lab says when everything in it runs. */
export interface LabReady {
  awsEndpoint: string;
  dns: { host: string; port: number };
  url: string;
  env: Readonly<Record<string, string>>;
  pid: number;
  /** File that it writes its troubles to; absent for one that may not stay. */
  log?: string;
}

export interface LabProcess extends LabReady {
  /** Resolves when the process, and with it everything that it started, is gone. */
  stop(): Promise<void>;
  /** Lets it live on without us; resolves once it is told so. Until then it ends with this process, be that killed. */
  detach(): Promise<void>;
}

const program = fileURLToPath(new URL('../lab/main.js', import.meta.url));

/**
 * @param stop ends it again, as long as it is not ready
 * @throws UsageError when the lab refuses its configuration
 * @throws FiredrillError `lab-failed` when it ends before it is ready
 * @throws the reason of `stop`, once everything that was begun is gone
 */
export async function startLab(
  { mayStay, ...config }: LabConfig,
  env: NodeJS.ProcessEnv,
  stop: AbortSignal,
): Promise<LabProcess> {
  const log = mayStay ? await openLog(config.home) : undefined;
  const child = spawn(process.execPath, [program, JSON.stringify({ ...config, attached: true })], {
    env,
    stdio: ['pipe', 'pipe', log?.fd ?? 'pipe'],
    detached: true,
  });
  const said = log?.said ?? collect(child);
  const ended = once(child, 'close') as Promise<[code: number | null, signal: string | null]>;
  const end = (): void => void child.kill('SIGTERM');
  stop.addEventListener('abort', end, { once: true });
  const line = await Promise.race([firstLine(child), ended.then(() => undefined)]);
  stop.removeEventListener('abort', end);
  await log?.close();
  if (stop.aborted) end();
  if (line === undefined || stop.aborted) {
    const [code] = await ended;
    stop.throwIfAborted();
    throw failed(code, await said());
  }
  const ready = JSON.parse(line) as LabReady;
  return {
    ...ready,
    log: log?.file,
    async stop() {
      child.stdin?.end();
      if (child.exitCode === null && child.signalCode === null) await ended;
    },
    async detach() {
      const input = child.stdin!;
      input.end(stay);
      await finished(input, { readable: false });
      child.unref();
      for (const stream of [child.stdout, child.stderr]) {
        (stream as unknown as { unref?: () => void } | null)?.unref?.();
      }
    },
  };
}

function collect(child: ChildProcess): () => Promise<string> {
  let text = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    text = (text + chunk).slice(-4000);
  });
  return () => Promise.resolve(text.trim());
}

/** A lab that outlives us must not write into our closed pipe: what it says goes to a file. */
async function openLog(home: string) {
  await makeHome(home);
  const file = join(home, 'lab.log');
  const handle = await open(file, 'a', 0o600).catch((cause: Error) => {
    throw foreignHome(home, cause);
  });
  const { size } = await handle.stat();
  return {
    file,
    fd: handle.fd,
    close: () => handle.close(),
    /** What this lab has said, once it is gone. */
    said: async () => (await readFile(file)).subarray(size).toString('utf8').slice(-4000).trim(),
  };
}

async function firstLine(child: ChildProcess): Promise<string | undefined> {
  for await (const line of createInterface({ input: child.stdout! })) return line;
  return undefined;
}

function failed(code: number | null, said: string): FiredrillError {
  if (code === 2) return new UsageError('lab-refused', said || 'the lab refused its configuration');
  return new FiredrillError('lab-failed', `the lab ended before it was ready (exit ${code}): ${said}`, {
    remedy: 'Run "firedrill lab up" to see it fail by itself; FIREDRILL_LOG_LEVEL=debug says more.',
  });
}
