/**
 * The lab that stands on its own, one a home: a file says where it is, its pid and start time whether it still is. A file that a
 * killed lab left is taken away by whoever looks next.
 */
import { randomUUID } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FiredrillError, UsageError } from '../domain/errors.ts';
import { foreignHome } from './foreign-home.ts';
import type { LabReady } from './lab-process.ts';
import { startTicksOf } from './process-identity.ts';

/** What a lab was asked to be. Absent of labs that another version of firedrill started. */
export interface LabKind {
  estate?: string;
  profile?: string;
}

export interface LabState extends LabReady, LabKind {
  /** ISO 8601; absent as the kind is. */
  startedAt?: string;
  /** Start time of the process in clock ticks since boot: a recycled pid is not the lab. */
  startTicks: string;
}

const fileIn = (home: string): string => join(home, 'lab.json');

/**
 * @throws FiredrillError `lab-failed` when the process is gone already
 * @throws UsageError `lab-is-up` when another command's lab became that of the home meanwhile
 */
export async function rememberLab(home: string, lab: LabReady, { estate, profile }: LabKind = {}): Promise<LabState> {
  const { awsEndpoint, dns, url, env, pid, log } = lab;
  const startTicks = await startTicksOf(pid);
  if (startTicks === undefined) throw new FiredrillError('lab-failed', 'the lab ended as soon as it was ready');
  const startedAt = new Date().toISOString();
  const state: LabState = { awsEndpoint, dns, url, env, pid, log, startTicks, estate, profile, startedAt };
  await putWhole(home, JSON.stringify(state));
  return state;
}

/** The file appears with all that stands in it, whoever looks meanwhile, and one that is there stays. */
async function putWhole(home: string, text: string): Promise<void> {
  const next = `${fileIn(home)}.${randomUUID()}`;
  try {
    await writeFile(next, text, { mode: 0o600 });
    for (;;) {
      const taken = await link(next, fileIn(home)).then(
        () => false,
        (error: NodeJS.ErrnoException) => {
          if (error.code !== 'EEXIST') throw error;
          return true;
        },
      );
      if (!taken) return;
      const other = await standingLab(home);
      if (other) throw isUpAlready(home, other);
    }
  } finally {
    await rm(next, { force: true });
  }
}

export const isUpAlready = (home: string, { pid, awsEndpoint, estate }: LabState): UsageError =>
  new UsageError('lab-is-up', `a lab is up already, and ${home} has one at a time`, {
    found: `pid ${pid} at ${awsEndpoint}${estate === undefined ? '' : `, ${estate}`}`,
    remedy:
      'Use it (eval "$(firedrill lab env)") or end it (firedrill lab down). Another one beside it needs a home of its own: ' +
      'FIREDRILL_HOME=/tmp/lab2 firedrill lab up.',
  });

/**
 * @returns undefined when none is up
 * @throws UsageError `home-foreign` when another user's lab state lies there
 */
export async function standingLab(home: string): Promise<LabState | undefined> {
  const text = await readFile(fileIn(home), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EACCES') throw foreignHome(home, error);
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const state = JSON.parse(text) as LabState;
  if (await isUp(state)) return state;
  await forgetLab(home);
  return undefined;
}

export const forgetLab = (home: string): Promise<void> => rm(fileIn(home), { force: true });

export const isUp = async ({ pid, startTicks }: LabState): Promise<boolean> => (await startTicksOf(pid)) === startTicks;
