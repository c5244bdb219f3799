/**
 * The process that outlives a lab by a moment: it is told of everything the lab starts, and when its pipe closes, for whatever
 * reason, it ends what is left of that and removes the lab's directory. Started by reaping.ts, detached, so that whatever kills the
 * lab's process group leaves it alone.
 *
 * One line each: `process PID STARTTIME [SIGNAL]`, with the signal on which it ends by itself, and `directory PATH`.
 */
import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { inhabitantsOf } from './inhabitants.ts';
import { processTable, type ProcessEntry } from './process-table.ts';

/** Postgres takes its shared memory along when it ends by itself, for which it gives its own processes 5 s; then it is killed. */
const graceMs = 10_000;

interface Recorded {
  pid: number;
  startTime: string;
  endsOn?: NodeJS.Signals;
}

/** What of `recorded`, their groups and their descendants lives now. */
export function survivors(recorded: readonly Recorded[], table: readonly ProcessEntry[]): ProcessEntry[] {
  const byPid = new Map(table.map((entry) => [entry.pid, entry]));
  const ours = new Set<number>();
  for (const { pid, startTime } of recorded) {
    const leader = byPid.get(pid);
    // Someone else has the pid now: then the group of that number is someone else's too.
    if (leader !== undefined && leader.startTime !== startTime) continue;
    for (const entry of table) if (entry.pid === pid || entry.group === pid) ours.add(entry.pid);
  }
  for (let before = -1; before !== ours.size;) {
    before = ours.size;
    for (const entry of table) if (ours.has(entry.parent)) ours.add(entry.pid);
  }
  return table.filter((entry) => ours.has(entry.pid));
}

function signal({ pid }: ProcessEntry, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    // It ended by itself meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** @param directories of labs; what lives on instances there is theirs, whoever started it */
async function endAll(recorded: readonly Recorded[], directories: readonly string[]): Promise<void> {
  const onInstances = directories.flatMap(inhabitantsOf);
  // What was seen once stays known, also when its parent is gone and nothing ties it to the lab any more.
  const known: Recorded[] = [...recorded, ...onInstances];
  const living = () => {
    known.push(...directories.flatMap(inhabitantsOf));
    const left = survivors(known, processTable());
    known.push(...left);
    return left;
  };
  const asked = new Map([...onInstances, ...recorded].map(({ pid, endsOn }) => [pid, endsOn]));
  let patient = false;
  for (const entry of living()) {
    const endsOn = asked.get(entry.pid);
    patient ||= endsOn !== undefined;
    signal(entry, endsOn ?? 'SIGKILL');
  }
  for (let waitedMs = 0; patient && waitedMs < graceMs && living().length > 0; waitedMs += 20) await sleep(20);
  for (let left = living(); left.length > 0; left = living()) {
    for (const entry of left) signal(entry, 'SIGKILL');
    await sleep(20);
  }
}

/** Reads the lab's lines until the pipe closes, then cleans up. */
export async function reap(input: NodeJS.ReadableStream): Promise<void> {
  const recorded: Recorded[] = [];
  const directories: string[] = [];
  for await (const line of createInterface({ input })) {
    const [word, first = '', ...rest] = line.split(' ');
    if (word === 'process') {
      const [startTime = '', endsOn] = rest;
      recorded.push({ pid: Number(first), startTime, endsOn: endsOn as NodeJS.Signals | undefined });
    }
    if (word === 'directory') directories.push([first, ...rest].join(' '));
  }
  await endAll(recorded, directories);
  for (const path of directories) await rm(path, { recursive: true, force: true, maxRetries: 3 });
}
