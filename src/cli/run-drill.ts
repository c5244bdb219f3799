/** A run where the standard AWS environment points: definition, plan, run, report. */
import { openStage } from '../app/stage.ts';
import { environmentOf, planRun } from '../app/start-run.ts';
import { conduct } from './conduct.ts';
import { readDrill } from './drill-file.ts';
import type { Frame } from './frame.ts';

export interface RunOptions {
  json?: boolean;
  values?: string;
}

export async function runDrill(frame: Frame, file: string, { values, json = false }: RunOptions): Promise<void> {
  const { env } = frame;
  const drill = await readDrill(frame, file, { purpose: 'run', values });
  if (!drill) return;
  const { app, driver, close } = await openStage(env);
  try {
    const plan = await planRun(app, { drill, environment: environmentOf(env), env });
    const url = app.settings.queueUrl;
    const queue = url ? { url, env } : undefined;
    await conduct(frame, app, { run: plan, driver, json, autoApprove: false, env, queue });
  } finally {
    await close();
  }
}
