/**
 * Tells a process from every other one that ever had its pid, and whether it is gone. That is said only where it is proven: a process
 * of another machine or container can't be seen from here, and may live.
 */
import { existsSync, readlinkSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import type { Clock } from '../domain/clock.ts';
import type { ProcessIdentity } from '../domain/event.ts';

/** @returns undefined when there is no such process */
export async function identify({ clockId: boot }: Clock, pid: number): Promise<ProcessIdentity | undefined> {
  const startTicks = await startTicksOf(pid);
  if (startTicks === undefined) return undefined;
  return { host: hostname(), boot, pidSpace: pidSpace(), pid, startTicks };
}

/** Whether the process is proven to be gone. */
export async function isGone(
  clock: Clock,
  { host, boot, pidSpace: space, pid, startTicks }: ProcessIdentity,
): Promise<boolean> {
  const now = await startTicksOf(pid);
  if (now === startTicks || host !== hostname()) return false;
  // Nothing outlives its machine's boot.
  if (boot !== clock.clockId) return true;
  return space === pidSpace() && (now !== undefined || !isHidden(pid));
}

/** Field 22 of /proc/PID/stat; undefined when there is no such process, or only its zombie. */
export async function startTicksOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(unlessMissing);
  if (stat === undefined) return undefined;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' ? undefined : fields[19];
}

const pidSpace = (): string => readlinkSync('/proc/self/ns/pid');

/** A machine may hide the processes of other users from /proc; their pids are still seen to be taken. */
function isHidden(pid: number): boolean {
  if (existsSync(`/proc/${pid}`)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

function unlessMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT' || error.code === 'ESRCH') return undefined;
  throw error;
}
