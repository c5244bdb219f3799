/** A run where the standard AWS environment points: definition, plan, run, report. */
import { openStage } from '../app/stage.ts';
import { environmentOf, planRun, refuseToStart } from '../app/start-run.ts';
import { conduct } from './conduct.ts';
import { askConsent } from './consent-ask.ts';
import { readDrill } from './drill-file.ts';
import type { EarlyInterrupts } from './early-interrupts.ts';
import type { Frame } from './frame.ts';
import { during } from './progress.ts';

export interface RunOptions {
  json?: boolean;
  values?: string;
  /** The drill's name: consent to faults in production. */
  consent?: string;
}

/** @param early what signals mean until the run begins */
export async function runDrill(frame: Frame, file: string, options: RunOptions, early: EarlyInterrupts): Promise<void> {
  const { values, json = false } = options;
  const { env } = frame;
  const drill = await early.unlessStopped(readDrill(frame, file, { purpose: 'run', values }));
  const stage = await openStage(env);
  const { app, driver } = stage;
  try {
    const planning = early.unlessStopped(planRun(app, { drill, environment: environmentOf(env), env }));
    const plan = await during(frame, { doing: 'planning' }, planning);
    refuseToStart(app, plan);
    const consent = await early.unlessStopped(askConsent(frame, plan, options.consent));
    const url = app.settings.queueUrl;
    const queue = url ? { url, env } : undefined;
    await conduct(frame, app, { run: plan, driver, consent, json, autoApprove: false, env, queue, early });
  } finally {
    await stage.close();
  }
}
