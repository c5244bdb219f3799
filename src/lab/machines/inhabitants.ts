/**
 * Who lives on an instance. What its script starts may leave group and parent behind (servers do), so everything on an instance
 * carries the instance's directory in its environment, and is found by that. Ends nobody; instance.ts and reaper.ts do.
 */
import { readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { processTable, type ProcessEntry } from './process-table.ts';

/** Variable that holds the instance's directory. */
export const instanceVariable = 'LAB_INSTANCE';

export interface Inhabitant extends ProcessEntry {
  /** Signal on which it ends by itself and takes along what it has of the kernel; absent: it is killed. */
  endsOn?: NodeJS.Signals;
}

/**
 * Every process on the instance of this directory, or on any instance below it. Without the right to look at other users' processes
 * (root in a container that lacks it), those are not found.
 */
export function inhabitantsOf(directory: string): Inhabitant[] {
  const table = processTable();
  const found = new Set(table.filter(({ pid }) => livesIn(pid, directory)).map(({ pid }) => pid));
  // A server's children overwrite their environment with their titles.
  for (let before = -1; before !== found.size;) {
    before = found.size;
    for (const { pid, parent } of table) if (found.has(parent)) found.add(pid);
  }
  const servers = new Set([...found].filter(isPostgres));
  return table
    .filter(({ pid }) => found.has(pid))
    .map((entry) => (servers.has(entry.pid) && !servers.has(entry.parent) ? { ...entry, endsOn: 'SIGQUIT' } : entry));
}

/** Postgres takes its shared memory along when it ends by itself, and its children too. */
function isPostgres(pid: number): boolean {
  try {
    return basename(readlinkSync(`/proc/${pid}/exe`)) === 'postgres';
  } catch {
    return false; // It has ended, or it is somebody else's.
  }
}

function livesIn(pid: number, directory: string): boolean {
  let environment: string;
  try {
    environment = readFileSync(`/proc/${pid}/environ`, 'latin1');
  } catch {
    return false; // As above.
  }
  const marked = `\0${environment}`.split(`\0${instanceVariable}=`)[1]?.split('\0')[0];
  return marked === directory || marked?.startsWith(`${directory}/`) === true;
}
