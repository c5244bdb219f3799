/** What the `lab` commands do with the lab that stands on its own. */
import { setTimeout as delay } from 'node:timers/promises';
import { labEnvironment, leadingOut } from '../app/lab-env.ts';
import { startLab } from '../app/lab-process.ts';
import { endWithLab } from '../app/clear-away.ts';
import type { LiveRun } from '../app/live-runs.ts';
import { runsBesideAws } from '../app/live-runs.ts';
import { withApp } from '../app/with-app.ts';
import { forgetLab, isUp, isUpAlready, rememberLab, standingLab } from '../app/lab-state.ts';
import type { LabState } from '../app/lab-state.ts';
import { settingsOf } from '../app/settings.ts';
import { FiredrillError, UsageError } from '../domain/errors.ts';
import { moment } from '../report/quantities.ts';
import type { EarlyInterrupts } from './early-interrupts.ts';
import type { Frame } from './frame.ts';
import type { LabDownOptions, LabUpOptions } from './lab-options.ts';
import { during } from './progress.ts';

/** It ends its databases in good order, each of which has 30 s for that, and then whatever is left: no lab that is stuck. */
const stopMs = 120_000;
const pollMs = 50;

const homeOf = (frame: Frame): string => settingsOf(frame.env).home;

/** @param early what signals mean until the lab is up */
export async function labUp(
  frame: Frame,
  { estate, profile, json = false }: LabUpOptions,
  early: EarlyInterrupts,
): Promise<void> {
  const home = homeOf(frame);
  const running = await early.unlessStopped(standingLab(home));
  if (running) throw isUpAlready(home, running);
  const starting = startLab({ estate, profile, home, mayStay: true }, labEnvironment(frame.env), early.signal);
  const lab = await during(frame, { doing: 'starting the lab' }, starting);
  early.over();
  const state = await rememberLab(home, lab, { estate, profile }).catch(async (error: unknown) => {
    // Nobody would find it again.
    await lab.stop();
    throw error;
  });
  await lab.detach();
  const { awsEndpoint, dns, url, env } = lab;
  frame.out(
    json
      ? JSON.stringify({ awsEndpoint, dns, url, env }, null, 2)
      : `${describe(state, home)}\npoint any AWS client at it:  eval "$(firedrill lab env)"\nend it:  firedrill lab down`,
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
    const left = await runsLeftOn(frame, lab, force);
    await during(frame, { doing: 'ending the lab' }, end(lab));
    await forgetLab(home);
    await endRuns(frame, left);
  }
  if (json) frame.out(JSON.stringify({ up: false, was: lab ? { pid: lab.pid } : null }, null, 2));
  else frame.out(lab ? 'the lab is down' : `no lab of ${home} is up`);
}

async function end(lab: LabState): Promise<void> {
  const until = performance.now() + stopMs;
  // It may have ended while it was asked who stands on it.
  for (let asked = false; await isUp(lab);) {
    if (!asked) asked = process.kill(lab.pid, 'SIGTERM');
    if (performance.now() > until) {
      throw new FiredrillError('lab-stuck', `the lab (pid ${lab.pid}) does not end`, {
        remedy: `Look at its processes with "ps -g ${lab.pid}", then kill it; what it started ends with it.`,
      });
    }
    await delay(pollMs);
  }
}

/**
 * Runs on this lab whose process is gone. They can't be undone without it, but then there is nothing left to undo either.
 * @throws UsageError `lab-in-use` when a process drives one, unless that shall not matter
 */
async function runsLeftOn(frame: Frame, lab: LabState, force: boolean): Promise<LiveRun[]> {
  const all = await runsBesideAws(frame.env);
  const { origin } = new URL(lab.awsEndpoint);
  // Of runs that older versions began it isn't known where: they may be here.
  const here = all.filter(({ endpoint = origin }) => endpoint === origin);
  const [run] = here.filter(({ driven }) => driven);
  if (!run || force) return here.filter(({ driven }) => !driven);
  throw new UsageError('lab-in-use', `run ${run.runId} (${run.drill}) is on, and stands on this lab`, {
    remedy: `End it first with "firedrill abort ${run.runId}", or end the lab all the same with "firedrill lab down --force".`,
  });
}

async function endRuns(frame: Frame, left: readonly LiveRun[]): Promise<void> {
  for (const { runId, drill } of left) {
    frame.err(`${runId} (${drill}) was left in the middle; what it did in this lab is gone with it`);
  }
  const known = left.filter(({ endpoint }) => endpoint !== undefined);
  if (known.length === 0) return;
  await withApp(frame.env, async (app) => {
    for (const { runId } of known) await endWithLab(app, runId);
  });
}

export async function labStatus(frame: Frame, json: boolean): Promise<void> {
  const home = homeOf(frame);
  const lab = await standingLab(home);
  if (json) frame.out(JSON.stringify(lab ? { up: true, home, ...lab } : { up: false, home }, null, 2));
  else frame.out(lab ? describe(lab, home) : `no lab of ${home} is up: firedrill lab up`);
}

/** Lines for a shell: what is in force afterwards is the lab's, and nothing of the user's that would lead past it. */
export async function labEnv(frame: Frame, json: boolean): Promise<void> {
  const lab = await standingLab(homeOf(frame));
  if (!lab) {
    throw new UsageError('no-lab', `no lab of ${homeOf(frame)} is up`, {
      remedy: 'Start one with "firedrill lab up".',
    });
  }
  const unset = leadingOut(frame.env, lab.env);
  if (json) {
    frame.out(JSON.stringify({ env: lab.env, unset }, null, 2));
    return;
  }
  const exported = Object.entries(lab.env).map(([name, value]) => `export ${name}='${value.replaceAll("'", `'\\''`)}'`);
  frame.out([...unset.map((name) => `unset ${name}`), ...exported].join('\n'));
}

function describe(state: LabState, home: string): string {
  const { awsEndpoint, dns, url, pid, log, estate, profile, startedAt } = state;
  const kind = [estate, profile, startedAt && `since ${moment(startedAt)}`].filter((each) => each !== undefined);
  return [
    `lab is up (pid ${pid})${kind.length > 0 ? `: ${kind.join(', ')}` : ''}`,
    `  AWS endpoint  ${awsEndpoint}`,
    `  DNS           ${dns.host}:${dns.port}`,
    `  site          ${url}`,
    `  home          ${home}`,
    ...(log ? [`  log           ${log}`] : []),
  ].join('\n');
}
