/** Takes up a run whose process is gone, or hangs, to finish it or to take it back. */
import type { App } from '../app/app.ts';
import { openDriver } from '../app/drive-run.ts';
import { makeWay } from '../app/ownership.ts';
import { entriesOf, recordOf } from '../app/records.ts';
import { endpointOf, environmentOf } from '../app/start-run.ts';
import { withApp } from '../app/with-app.ts';
import { UsageError } from '../domain/errors.ts';
import type { LogEntry } from '../domain/event.ts';
import type { Plan } from '../domain/plan.ts';
import { needsPerson, undoNow, wentWithLab } from '../report/afterwards.ts';
import { jsonReport } from '../report/json.ts';
import { mustDo, summary } from '../report/wording.ts';
import { conduct } from './conduct.ts';
import type { EarlyInterrupts } from './early-interrupts.ts';
import type { Frame } from './frame.ts';
import { undoFinished } from './undo-finished.ts';

/** @param early what signals mean until the run is taken up */
export async function carryOn(
  frame: Frame,
  runId: string,
  { json, undo }: { json: boolean; undo: boolean },
  early: EarlyInterrupts,
): Promise<void> {
  const { env } = frame;
  await withApp(env, async (app) => {
    early.signal.throwIfAborted();
    const entries = await early.unlessStopped(entriesOf(app, runId));
    const finished = entries.some(({ event }) => event.type === 'run.finished');
    if (finished && !undo) return early.unlessStopped(sayThatItIsOver(frame, app, runId, json));
    const elsewhere = whereItBegan(entries, env);
    if (elsewhere !== undefined) frame.err(elsewhere);
    if (finished) return undoFinished(frame, app, runId, json, early);
    const hung = await early.unlessStopped(makeWay(app, runId));
    if (hung !== undefined) frame.err(hung);
    const url = app.settings.queueUrl;
    const queue = url ? { url, env } : undefined;
    const driver = await openDriver(app);
    try {
      await conduct(frame, app, {
        run: runId,
        driver,
        json,
        undo,
        autoApprove: false,
        env,
        fromHung: hung !== undefined,
        queue,
        early,
      });
    } finally {
      await driver.close();
    }
  });
}

/**
 * What to know when the environment points elsewhere than where the run began.
 * @throws UsageError `other-environment` when one of both is AWS and the other is not: nothing of the run can be there
 */
function whereItBegan(entries: readonly LogEntry[], env: NodeJS.ProcessEnv): string | undefined {
  const first = entries[0]!.event;
  if (first.type !== 'run.started' || first.plan.environment === 'lab') return undefined;
  const { plan, endpoint } = first;
  const [here, now] = [environmentOf(env), endpointOf(env)];
  if (here !== plan.environment) throw otherEnvironment(plan, endpoint, now);
  if (endpoint === undefined || endpoint === now) return undefined;
  return `${plan.runId} began at ${endpoint}, and AWS_ENDPOINT_URL points at ${now}: if that is another lab, nothing of it is there`;
}

function otherEnvironment({ runId, environment }: Plan, endpoint = 'another endpoint', now = 'AWS'): UsageError {
  const onAws = environment === 'aws';
  return new UsageError('other-environment', `run ${runId} began ${onAws ? 'on AWS' : `at ${endpoint}`}, not here`, {
    expected: onAws ? 'an environment without AWS_ENDPOINT_URL' : `AWS_ENDPOINT_URL=${endpoint}`,
    found: now,
    remedy: onAws
      ? 'Unset AWS_ENDPOINT_URL, and give the credentials with which it began.'
      : 'Point at where it began; at the lab with: eval "$(firedrill lab env)". What was done in a lab that is gone, is gone with it.',
  });
}

async function sayThatItIsOver(frame: Frame, app: App, runId: string, json: boolean): Promise<void> {
  const record = await recordOf(app, runId);
  if (json) frame.out(jsonReport([record]).trimEnd());
  frame.err(`run ${runId} is over: ${record.verdict}, undo ${undoNow(record)}`);
  for (const line of mustDo(record)) frame.err(`  ${line}`);
  if (record.killed || wentWithLab(record)) frame.err(`  ${summary(record).at(-1)}`);
  if (needsPerson(record)) frame.err(`  Then have the rest taken back: firedrill undo ${runId}`);
  frame.setExit(record.exitCode);
}
