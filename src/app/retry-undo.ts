/**
 * Takes back, for a person, what a finished run could not: puts the run stage's retry together with the run's funnel and
 * actions, under the lock of whoever drives a run. What the user sees of it is the command's business.
 */
import { actions } from '../actions/index.ts';
import { callTimeoutMs } from '../aws/funnel.ts';
import { FiredrillError, UsageError, isLost, reportOf } from '../domain/errors.ts';
import { undoIn } from '../measure/undo.ts';
import { retryUndo as retry } from '../run/undo-again.ts';
import { fold } from '../run/next.ts';
import { undoAgain } from '../run/todo.ts';
import type { App } from './app.ts';
import type { RunEnv } from './drive-run.ts';
import { createRunAws, newOwner, pollMsOf } from './drive-run.ts';
import { isDriven, own } from './ownership.ts';
import { bindParts } from './parts.ts';
import { entriesOf } from './records.ts';

/** Whether anything of a finished run is left that may be taken back, or a retry was broken off. */
export async function canRetryUndo(app: App, runId: string): Promise<boolean> {
  const state = fold(await entriesOf(app, runId))!;
  return state.retrying || undoAgain(state).length > 0;
}

/**
 * @param by who wants it
 * @throws FiredrillError `run-is-driven` when another process does the same, `run-left` when it broke off: what it did so far
 *   stands in the log, and it may be called again
 * @throws UsageError `lab-not-named` for a rehearsal when nothing says where its lab is
 */
export async function retryUndo(app: App, { env, fromHung = false }: RunEnv, runId: string, by: string): Promise<void> {
  const [first] = await entriesOf(app, runId);
  if (first?.event.type !== 'run.started') throw new FiredrillError('log-broken', 'the log has no beginning');
  const { plan } = first.event;
  if (plan.environment === 'lab' && !env['AWS_ENDPOINT_URL']) throw labNotNamed(runId);
  const ownership = await own(app, runId);
  if (!ownership) throw await isDriven(app, runId);
  const aws = createRunAws(app, { env }, runId);
  const pollMs = pollMsOf(plan.environment);
  const statuses = (id: string) => app.samples.status(id);
  try {
    const { log, clock } = app;
    const parts = bindParts({ actions, aws, clock, env, pollMs, statuses });
    const leaves: Parameters<typeof retry>[0]['leaves'] = (entries) => {
      const { state: undo, left } = undoIn(plan, entries);
      return { undo, left };
    };
    const hold = { owner: newOwner(), lost: ownership.lost, graceMs: fromHung ? callTimeoutMs : undefined };
    await retry({ log, clock, parts, leaves, by, pollMs, ...hold }, runId);
  } catch (error) {
    throw isLost(error) ? error : brokeOff(runId, error);
  } finally {
    aws.close();
    await ownership.release();
  }
}

const labNotNamed = (runId: string): UsageError =>
  new UsageError('lab-not-named', `run ${runId} was a rehearsal, and nothing says where its lab is`, {
    expected: 'the lab that the rehearsal kept (--keep-lab), in AWS_ENDPOINT_URL',
    remedy:
      'Point at it with: eval "$(firedrill lab env)". If it is down, everything that the rehearsal left is gone with it.',
  });

const brokeOff = (runId: string, cause: unknown): FiredrillError =>
  new FiredrillError('run-left', `taking run ${runId} back broke off: ${reportOf(cause).message}`, {
    remedy: `Put the cause right, then try again with "firedrill undo ${runId}".`,
    cause,
  });
