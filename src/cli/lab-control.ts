/** What the `lab` commands do with the lab that stands on its own. */
import { setTimeout as delay } from 'node:timers/promises';
import { labEnvironment, leadingOut } from '../app/lab-env.ts';
import { startLab } from '../app/lab-process.ts';
import type { LabReady } from '../app/lab-process.ts';
import { runsBesideAws } from '../app/live-runs.ts';
import { forgetLab, isUp, rememberLab, standingLab } from '../app/lab-state.ts';
import { settingsOf } from '../app/settings.ts';
import { FiredrillError, UsageError } from '../domain/errors.ts';
import type { Frame } from './frame.ts';
import type { LabDownOptions, LabUpOptions } from './lab-options.ts';

const stopMs = 30_000;
const pollMs = 50;

const homeOf = (frame: Frame): string => settingsOf(frame.env).home;

export async function labUp(frame: Frame, { estate, profile, json = false }: LabUpOptions): Promise<void> {
  const home = homeOf(frame);
  const running = await standingLab(home);
  if (running) {
    throw new UsageError('lab-is-up', `a lab is up already (pid ${running.pid})`, {
      remedy: 'Use it, or end it with "firedrill lab down".',
    });
  }
  frame.err('starting the lab ...');
  const lab = await startLab({ estate, profile, home, attached: false }, labEnvironment(frame.env));
  await rememberLab(home, lab);
  lab.detach();
  const { awsEndpoint, dns, url, env } = lab;
  frame.out(
    json
      ? JSON.stringify({ awsEndpoint, dns, url, env }, null, 2)
      : `${describe(lab)}\npoint any AWS client at it:  eval "$(firedrill lab env)"\nend it:  firedrill lab down`,
  );
}

/**
 * @throws UsageError `lab-in-use` when a run may stand on the lab, unless it is forced
 * @throws FiredrillError `lab-stuck`
 */
export async function labDown(frame: Frame, { json = false, force = false }: LabDownOptions): Promise<void> {
  const home = homeOf(frame);
  const lab = await standingLab(home);
  if (lab) {
    if (!force) await refuseUnderRuns(frame);
    process.kill(lab.pid, 'SIGTERM');
    const until = performance.now() + stopMs;
    while (await isUp(lab)) {
      if (performance.now() > until) {
        throw new FiredrillError('lab-stuck', `the lab (pid ${lab.pid}) does not end`, {
          remedy: `Look at its processes with "ps -g ${lab.pid}", then kill it; what it started ends with it.`,
        });
      }
      await delay(pollMs);
    }
    await forgetLab(home);
  }
  if (json) frame.out(JSON.stringify({ up: false, was: lab ? { pid: lab.pid } : null }, null, 2));
  else frame.out(lab ? 'the lab is down' : 'no lab is up');
}

/** A run whose process is gone can't be undone without the lab, but then there is nothing left to undo either. */
async function refuseUnderRuns(frame: Frame): Promise<void> {
  const live = await runsBesideAws(frame.env);
  for (const { runId, drill, driven } of live) {
    if (!driven) frame.err(`${runId} (${drill}) was left in the middle; what it did in this lab goes with it`);
  }
  const [run] = live.filter(({ driven }) => driven);
  if (!run) return;
  throw new UsageError('lab-in-use', `run ${run.runId} (${run.drill}) is on, and may stand on this lab`, {
    remedy: `End it first with "firedrill abort ${run.runId}", or end the lab all the same with "firedrill lab down --force".`,
  });
}

export async function labStatus(frame: Frame, json: boolean): Promise<void> {
  const lab = await standingLab(homeOf(frame));
  if (json) frame.out(JSON.stringify(lab ? { up: true, ...lab } : { up: false }, null, 2));
  else frame.out(lab ? describe(lab) : 'no lab is up: firedrill lab up');
}

/** Lines for a shell: what is in force afterwards is the lab's, and nothing of the user's that would lead past it. */
export async function labEnv(frame: Frame, json: boolean): Promise<void> {
  const lab = await standingLab(homeOf(frame));
  if (!lab) throw new UsageError('no-lab', 'no lab is up', { remedy: 'Start one with "firedrill lab up".' });
  const unset = leadingOut(frame.env, lab.env);
  if (json) {
    frame.out(JSON.stringify({ env: lab.env, unset }, null, 2));
    return;
  }
  const exported = Object.entries(lab.env).map(([name, value]) => `export ${name}='${value.replaceAll("'", `'\\''`)}'`);
  frame.out([...unset.map((name) => `unset ${name}`), ...exported].join('\n'));
}

const describe = ({ awsEndpoint, dns, url, pid, log }: LabReady): string =>
  [
    `lab is up (pid ${pid})`,
    `  AWS endpoint  ${awsEndpoint}`,
    `  DNS           ${dns.host}:${dns.port}`,
    `  site          ${url}`,
    ...(log ? [`  log           ${log}`] : []),
  ].join('\n');
