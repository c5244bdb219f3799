/** A rehearsal from beginning to end: definition, lab, plan, run, report, lab down. */
import type { App } from '../app/app.ts';
import { openApp } from '../app/app.ts';
import { clearKilledRehearsals } from '../app/clear-away.ts';
import { startLab } from '../app/lab-process.ts';
import type { LabProcess } from '../app/lab-process.ts';
import { settingsOf } from '../app/settings.ts';
import { planRun } from '../app/start-run.ts';
import type { Drill } from '../domain/drill.ts';
import { UsageError } from '../domain/errors.ts';
import { conduct } from './conduct.ts';
import { readDrill } from './drill-file.ts';
import type { Frame } from './frame.ts';

export interface RehearseOptions {
  json?: boolean;
  ask?: boolean;
  keepLab?: boolean;
  values?: string;
  profile: 'fast' | 'realistic';
}

export async function rehearse(frame: Frame, file: string, options: RehearseOptions): Promise<void> {
  const drill = await readDrill(frame, file, { purpose: 'rehearse', values: options.values });
  if (!drill) return;
  if (!drill.lab) throw noLab(file);
  const [app, lab] = await both(openApp(frame.env), startLab(labConfig(frame, drill, options), frame.env));
  try {
    await clearKilledRehearsals(app);
    await runInLab(frame, app, lab, drill, options);
  } finally {
    await app.close();
    if (options.keepLab) keep(frame, lab);
    else await lab.stop();
  }
}

async function runInLab(
  frame: Frame,
  app: App,
  lab: LabProcess,
  drill: Drill,
  options: RehearseOptions,
): Promise<void> {
  const env = { ...frame.env, ...lab.env };
  const plan = await planRun(app, { drill, environment: 'lab', env });
  const own = frame.env['FIREDRILL_EVENTS_QUEUE_URL'];
  const labQueue = lab.env['FIREDRILL_EVENTS_QUEUE_URL'];
  const queue = own ? { url: own, env: frame.env } : labQueue ? { url: labQueue, env } : undefined;
  const { json = false, ask = false } = options;
  await conduct(frame, app, { run: plan, json, autoApprove: !ask, env, queue });
}

const labConfig = (frame: Frame, drill: Drill, { profile, keepLab = false }: RehearseOptions) => ({
  ...drill.lab!,
  profile,
  home: settingsOf(frame.env).home,
  attached: !keepLab,
});

/** Starts two things side by side; when one fails, the other isn't left behind. */
async function both(opening: Promise<App>, starting: Promise<LabProcess>): Promise<[App, LabProcess]> {
  const [app, lab] = await Promise.allSettled([opening, starting]);
  if (app.status === 'fulfilled' && lab.status === 'fulfilled') return [app.value, lab.value];
  if (app.status === 'fulfilled') await app.value.close();
  if (lab.status === 'fulfilled') await lab.value.stop();
  throw [app, lab].find((result) => result.status === 'rejected')!.reason;
}

function keep(frame: Frame, lab: LabProcess): void {
  lab.detach();
  frame.err(`the lab stays up (pid ${lab.pid}): ${lab.url}\nend it with: firedrill lab down`);
}

const noLab = (file: string): UsageError =>
  new UsageError('no-lab', `${file} names no lab estate, so it can't be rehearsed`, {
    expected: 'lab: { estate: multi-region }',
    remedy: 'Add a lab estate and a value set "lab", or use "firedrill run" against an AWS endpoint.',
  });
