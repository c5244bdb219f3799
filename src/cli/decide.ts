/** Puts people's decisions into a run's inbox; the process that drives the run takes them up. */
import { userInfo } from 'node:os';
import type { App } from '../app/app.ts';
import { lockOf } from '../app/app.ts';
import { entriesOf } from '../app/records.ts';
import { withApp } from '../app/with-app.ts';
import { UsageError } from '../domain/errors.ts';
import { isHeld } from '../postgres/locks.ts';
import { toView } from '../report/record.ts';
import type { Frame } from './frame.ts';

export interface ApproveOptions {
  step?: string;
  as?: string;
  comment?: string;
  refuse?: boolean;
  json?: boolean;
}

export interface AbortOptions {
  reason?: string;
  json?: boolean;
}

export async function approve(frame: Frame, runId: string, options: ApproveOptions): Promise<void> {
  await withApp(frame.env, async (app) => {
    const { waitingFor } = toView(await openEntries(app, runId), { published: 0, pending: 0 });
    const asked = waitingFor.filter(({ question }) => question !== undefined);
    const step = options.step ?? (asked.length === 1 ? asked[0]!.step : undefined);
    if (step === undefined || !asked.some((each) => each.step === step))
      throw notAsked(
        runId,
        asked.map((each) => each.step),
      );
    const { comment, refuse = false, as: by = userInfo().username, json } = options;
    await app.inbox.post(runId, { kind: 'approve', step, by, comment, automatic: false, refused: refuse });
    const decision = refuse ? 'refused' : 'approved';
    frame.out(
      json
        ? JSON.stringify({ runId, step, decision, by, comment }, null, 2)
        : `${decision} ${step} of ${runId} as ${by}`,
    );
  });
}

export async function abort(frame: Frame, runId: string, { reason, json }: AbortOptions): Promise<void> {
  await withApp(frame.env, async (app) => {
    await openEntries(app, runId);
    const by = userInfo().username;
    await app.inbox.post(runId, { kind: 'abort', by, reason });
    const driven = await isHeld(app.store.pool, lockOf.owner(runId));
    if (json) frame.out(JSON.stringify({ runId, decision: 'abort', by, reason, driven }, null, 2));
    else frame.out(`abort of ${runId} requested`);
    if (!driven) frame.err(`no process drives ${runId}; take it back with: firedrill undo ${runId}`);
  });
}

/** @throws UsageError `run-not-found`, `run-finished` */
async function openEntries(app: App, runId: string) {
  const entries = await entriesOf(app, runId);
  if (!entries.some(({ event }) => event.type === 'run.finished')) return entries;
  throw new UsageError('run-finished', `run ${runId} is over`, {
    remedy: `See how it ended with "firedrill runs show ${runId}".`,
  });
}

const notAsked = (runId: string, asked: readonly string[]): UsageError =>
  new UsageError('not-asked', `run ${runId} does not wait for that approval`, {
    expected: '--step with one of the approvals that are waited for',
    found: asked.length > 0 ? asked.join(', ') : 'none',
    remedy: `See what it waits for with "firedrill runs show ${runId}".`,
  });
