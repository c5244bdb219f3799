/**
 * The lab that stands on its own, one a home: a file says where it is, its pid and start time whether it still is. A file that a
 * killed lab left is taken away by whoever looks next.
 */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FiredrillError } from '../domain/errors.ts';
import type { LabReady } from './lab-process.ts';

export interface LabState extends LabReady {
  /** Start time of the process in clock ticks since boot: a recycled pid is not the lab. */
  startTicks: string;
}

const fileIn = (home: string): string => join(home, 'lab.json');

/** @throws FiredrillError `lab-failed` when the process is gone already */
export async function rememberLab(home: string, lab: LabReady): Promise<void> {
  const { awsEndpoint, dns, url, env, pid, log } = lab;
  const startTicks = await startTicksOf(pid);
  if (startTicks === undefined) throw new FiredrillError('lab-failed', 'the lab ended as soon as it was ready');
  const state: LabState = { awsEndpoint, dns, url, env, pid, log, startTicks };
  await writeFile(fileIn(home), JSON.stringify(state), { mode: 0o600 });
}

/** @returns undefined when none is up */
export async function standingLab(home: string): Promise<LabState | undefined> {
  const text = await readFile(fileIn(home), 'utf8').catch(unlessMissing);
  if (text === undefined) return undefined;
  const state = JSON.parse(text) as LabState;
  if (await isUp(state)) return state;
  await forgetLab(home);
  return undefined;
}

export const forgetLab = (home: string): Promise<void> => rm(fileIn(home), { force: true });

export const isUp = async ({ pid, startTicks }: LabState): Promise<boolean> => (await startTicksOf(pid)) === startTicks;

/** Field 22 of /proc/PID/stat; undefined when there is no such process, or only its zombie. */
async function startTicksOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(unlessMissing);
  if (stat === undefined) return undefined;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' ? undefined : fields[19];
}

function unlessMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT' || error.code === 'ESRCH') return undefined;
  throw error;
}
