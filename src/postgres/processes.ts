/**
 * Which Postgres processes run on a data directory, as the kernel tells it. A pid in a file is not proof: it may be reused,
 * or belong to a zombie that nobody reaps (containers without an init).
 */
import { readFileSync, readdirSync, readlinkSync, realpathSync } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 5;

interface Stat {
  state: string;
  parent: number;
}

function statOf(pid: number): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const [state = '', parent] = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state, parent: Number(parent) };
  } catch {
    return undefined; // No such process: the only way in which this world-readable file can fail.
  }
}

/** Whether the process exists and is no zombie. */
export function isRunning(pid: number): boolean {
  const state = statOf(pid)?.state;
  return state !== undefined && state !== 'Z' && state !== 'X';
}

const everyProcess = (): number[] =>
  readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0);

export const childrenOf = (pid: number): number[] => everyProcess().filter((each) => statOf(each)?.parent === pid);

/** Whether this process is a live Postgres server on the data directory. Its command line says so to every user. */
export function isServerOn(pid: number, dir: string): boolean {
  try {
    const args = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    const given = args[args.indexOf('-D') + 1];
    if (!basename(args[0] ?? '').startsWith('postgres') || given === undefined) return false;
    return realpathSync(given) === realpathSync(dir) && isRunning(pid);
  } catch {
    return false; // The process or the directory is gone.
  }
}

/**
 * Server processes whose working directory is the data directory: also backends that outlived their server. Root without the
 * ptrace capability (containers) can't see those; Postgres's own interlock then keeps a second server out.
 */
export function processesOn(dir: string): number[] {
  return everyProcess().filter((pid) => {
    try {
      if (readlinkSync(`/proc/${pid}/cwd`) !== realpathSync(dir)) return false;
      return basename(readlinkSync(`/proc/${pid}/exe`)).startsWith('postgres') && isRunning(pid);
    } catch {
      return false;
    }
  });
}

/** Resolves true when none of the processes runs any more, false when some still do after `timeoutMs`. */
export async function ended(pids: readonly number[], timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while (pids.some(isRunning)) {
    if (performance.now() > deadline) return false;
    await delay(POLL_MS);
  }
  return true;
}

/** Signals a process; one that has ended meanwhile needs none. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
