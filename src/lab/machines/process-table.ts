/**
 * Processes as /proc shows them. A pid alone names nobody, because the kernel gives it out again; a pid and a start time do.
 */
import { readdirSync, readFileSync } from 'node:fs';

export interface ProcessEntry {
  pid: number;
  parent: number;
  group: number;
  /** Clock ticks since boot, as text. */
  startTime: string;
  /** Ended, but not yet collected by its parent. */
  zombie: boolean;
}

/** The process that has this pid now, if any. */
export function processEntry(pid: number): ProcessEntry | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // The second field is the command in parentheses, which may hold anything.
  const [state, parent, group, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const startTime = rest[16] ?? '';
  return { pid, parent: Number(parent), group: Number(group), startTime, zombie: state === 'Z' || state === 'X' };
}

/** Every process that lives now. */
export const processTable = (): ProcessEntry[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => processEntry(Number(name)))
    .filter((entry) => entry !== undefined && !entry.zombie)
    .map((entry) => entry as ProcessEntry);
