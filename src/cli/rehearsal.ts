/** A rehearsal from beginning to end: definition, lab, plan, run, report, lab down. */
import { labEnvironment } from '../app/lab-env.ts';
import { startLab } from '../app/lab-process.ts';
import type { LabConfig, LabProcess } from '../app/lab-process.ts';
import { rememberLab, standingLab } from '../app/lab-state.ts';
import type { LabKind } from '../app/lab-state.ts';
import { identify } from '../app/process-identity.ts';
import { settingsOf } from '../app/settings.ts';
import { openStage } from '../app/stage.ts';
import type { Stage } from '../app/stage.ts';
import { planRun } from '../app/start-run.ts';
import type { Drill } from '../domain/drill.ts';
import { UsageError } from '../domain/errors.ts';
import { conduct } from './conduct.ts';
import { readDrill } from './drill-file.ts';
import type { EarlyInterrupts } from './early-interrupts.ts';
import type { Frame } from './frame.ts';
import { during } from './progress.ts';

export interface RehearseOptions {
  json?: boolean;
  ask?: boolean;
  keepLab?: boolean;
  values?: string;
  profile: 'fast' | 'realistic';
}

/** @param early what signals mean until the run begins */
export async function rehearse(
  frame: Frame,
  file: string,
  options: RehearseOptions,
  early: EarlyInterrupts,
): Promise<void> {
  const drill = await early.unlessStopped(readDrill(frame, file, { purpose: 'rehearse', values: options.values }));
  if (!drill.lab) throw noLab(file);
  const [stage, lab] = await during(
    frame,
    { doing: 'starting the lab', done: 'the lab is up' },
    both(openStage(frame.env), startLab(labConfig(frame, drill, options), labEnvironment(frame.env), early.signal)),
  );
  try {
    await runInLab(frame, stage, lab, drill, { ...options, early });
  } finally {
    await during(
      frame,
      { doing: options.keepLab ? 'closing' : 'ending the lab' },
      end(frame, stage, lab, drill, options),
    );
  }
}

async function end(
  frame: Frame,
  stage: Stage,
  lab: LabProcess,
  drill: Drill,
  { keepLab = false, profile }: RehearseOptions,
): Promise<void> {
  await stage.close();
  if (keepLab) await keep(frame, lab, { estate: drill.lab!.estate, profile });
  else await lab.stop();
}

async function runInLab(
  frame: Frame,
  { app, driver }: Stage,
  lab: LabProcess,
  drill: Drill,
  { json = false, ask = false, early }: RehearseOptions & { early: EarlyInterrupts },
): Promise<void> {
  early.signal.throwIfAborted();
  const env = labEnvironment(frame.env, lab.env);
  const planning = early.unlessStopped(planRun(app, { drill, environment: 'lab', env }));
  const plan = await during(frame, { doing: 'planning' }, planning);
  const own = frame.env['FIREDRILL_EVENTS_QUEUE_URL'];
  const labQueue = lab.env['FIREDRILL_EVENTS_QUEUE_URL'];
  const queue = own ? { url: own, env: frame.env } : labQueue ? { url: labQueue, env, ephemeral: true } : undefined;
  const how = { driver, json, autoApprove: !ask, env, queue, early };
  await conduct(frame, app, { run: plan, lab: await identify(app.clock, lab.pid), ...how });
}

const labConfig = (frame: Frame, drill: Drill, { profile, keepLab = false }: RehearseOptions): LabConfig => ({
  ...drill.lab!,
  profile,
  home: settingsOf(frame.env).home,
  mayStay: keepLab,
});

/** Starts two things side by side; when one fails, the other isn't left behind. */
async function both(opening: Promise<Stage>, starting: Promise<LabProcess>): Promise<[Stage, LabProcess]> {
  const [stage, lab] = await Promise.allSettled([opening, starting]);
  if (stage.status === 'fulfilled' && lab.status === 'fulfilled') return [stage.value, lab.value];
  if (lab.status === 'fulfilled') await lab.value.stop();
  if (stage.status === 'fulfilled') await stage.value.close();
  throw [stage, lab].find((result) => result.status === 'rejected')!.reason;
}

/** It becomes the lab that `lab status`, `lab env` and `lab down` are about, unless there is one. */
async function keep(frame: Frame, lab: LabProcess, kind: LabKind): Promise<void> {
  const { home } = settingsOf(frame.env);
  const known = (await standingLab(home)) === undefined;
  if (known) await rememberLab(home, lab, kind);
  await lab.detach();
  const how = known
    ? 'look around in it: eval "$(firedrill lab env)"\nend it: firedrill lab down'
    : `"firedrill lab" goes on being about the one that was up before\nend this one: kill ${lab.pid}`;
  frame.err(`the lab stays up (pid ${lab.pid}): AWS endpoint ${lab.awsEndpoint}, site ${lab.url}\n${how}`);
}

const noLab = (file: string): UsageError =>
  new UsageError('no-lab', `${file} names no lab estate, so it can't be rehearsed`, {
    expected: 'lab: { estate: multi-region }',
    remedy: 'Add a lab estate and a value set "lab", or use "firedrill run" against an AWS endpoint.',
  });
