/** A lab that stands on its own: its state file says where it is, its pid and start time whether it still is. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startLab } from '../app/lab-process.ts';
import type { LabReady } from '../app/lab-process.ts';
import { settingsOf } from '../app/settings.ts';
import { FiredrillError, UsageError } from '../domain/errors.ts';
import type { Frame } from './frame.ts';
import type { LabUpOptions } from './lab-options.ts';

interface LabState extends LabReady {
  /** Start time of the process in clock ticks since boot: a recycled pid is not the lab. */
  startTicks: string;
}

const stopMs = 30_000;
const pollMs = 50;

const stateFile = (frame: Frame): string => join(settingsOf(frame.env).home, 'lab.json');

export async function labUp(frame: Frame, { estate, profile, json = false }: LabUpOptions): Promise<void> {
  const running = await readState(frame);
  if (running) {
    throw new UsageError('lab-is-up', `a lab is up already (pid ${running.pid})`, {
      remedy: 'Use it, or end it with "firedrill lab down".',
    });
  }
  const { home } = settingsOf(frame.env);
  if (!json) frame.err('starting the lab ...');
  const lab = await startLab({ estate, profile, home, attached: false }, frame.env);
  const { awsEndpoint, dns, url, env, pid } = lab;
  const startTicks = await startTicksOf(pid);
  if (startTicks === undefined) throw new FiredrillError('lab-failed', 'the lab ended as soon as it was ready');
  await mkdir(home, { recursive: true });
  await writeFile(stateFile(frame), JSON.stringify({ awsEndpoint, dns, url, env, pid, startTicks }), { mode: 0o600 });
  lab.detach();
  if (json) frame.out(JSON.stringify({ awsEndpoint, dns, url, env }, null, 2));
  else
    frame.out(
      `${describe(lab)}\npoint any AWS client at it:  eval "$(firedrill lab env)"\nend it:  firedrill lab down`,
    );
}

export async function labDown(frame: Frame): Promise<void> {
  const state = await readState(frame);
  if (!state) {
    frame.out('no lab is up');
    return;
  }
  process.kill(state.pid, 'SIGTERM');
  const until = performance.now() + stopMs;
  while ((await startTicksOf(state.pid)) === state.startTicks) {
    if (performance.now() > until) {
      throw new FiredrillError('lab-stuck', `the lab (pid ${state.pid}) does not end`, {
        remedy: `Look at its processes with "ps -g ${state.pid}", then kill it; what it started ends with it.`,
      });
    }
    await delay(pollMs);
  }
  await rm(stateFile(frame), { force: true });
  frame.out('the lab is down');
}

export async function labStatus(frame: Frame, json: boolean): Promise<void> {
  const state = await readState(frame);
  if (json) frame.out(JSON.stringify(state ? { up: true, ...state } : { up: false }, null, 2));
  else frame.out(state ? describe(state) : 'no lab is up: firedrill lab up');
}

export async function labEnv(frame: Frame): Promise<void> {
  const state = await readState(frame);
  if (!state) throw new UsageError('no-lab', 'no lab is up', { remedy: 'Start one with "firedrill lab up".' });
  frame.out(
    Object.entries(state.env)
      .map(([name, value]) => `export ${name}='${value.replaceAll("'", `'\\''`)}'`)
      .join('\n'),
  );
}

const describe = ({ awsEndpoint, dns, url, pid }: LabReady): string =>
  `lab is up (pid ${pid})\n  AWS endpoint  ${awsEndpoint}\n  DNS           ${dns.host}:${dns.port}\n  site          ${url}`;

/** The lab that is up; a file that a killed lab left is taken away. */
async function readState(frame: Frame): Promise<LabState | undefined> {
  const text = await readFile(stateFile(frame), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const state = JSON.parse(text) as LabState;
  if ((await startTicksOf(state.pid)) === state.startTicks) return state;
  await rm(stateFile(frame), { force: true });
  return undefined;
}

/** Field 22 of /proc/PID/stat; undefined when there is no such process, or only its zombie. */
async function startTicksOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' ? undefined : fields[19];
}
