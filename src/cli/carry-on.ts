/** Takes up a run whose process is gone, or hangs, to finish it or to take it back. */
import { userInfo } from 'node:os';
import type { App } from '../app/app.ts';
import { openDriver } from '../app/drive-run.ts';
import { makeWay } from '../app/ownership.ts';
import { entriesOf, recordOf } from '../app/records.ts';
import { withApp } from '../app/with-app.ts';
import { needsPerson, undoNow } from '../report/afterwards.ts';
import { jsonReport } from '../report/json.ts';
import { mustDo } from '../report/wording.ts';
import { conduct } from './conduct.ts';
import type { Frame } from './frame.ts';
import { undoFinished } from './undo-finished.ts';

export async function carryOn(
  frame: Frame,
  runId: string,
  { json, undo }: { json: boolean; undo: boolean },
): Promise<void> {
  const { env } = frame;
  await withApp(env, async (app) => {
    const entries = await entriesOf(app, runId);
    if (entries.some(({ event }) => event.type === 'run.finished')) {
      return undo ? undoFinished(frame, app, runId, json) : sayThatItIsOver(frame, app, runId, json);
    }
    const hung = await makeWay(app, runId);
    if (hung !== undefined) frame.err(hung);
    if (undo) await app.inbox.post(runId, { kind: 'abort', by: userInfo().username, reason: 'firedrill undo' });
    const url = app.settings.queueUrl;
    const queue = url ? { url, env } : undefined;
    const driver = await openDriver(app);
    try {
      await conduct(frame, app, {
        run: runId,
        driver,
        json,
        autoApprove: false,
        env,
        fromHung: hung !== undefined,
        queue,
      });
    } finally {
      await driver.close();
    }
  });
}

async function sayThatItIsOver(frame: Frame, app: App, runId: string, json: boolean): Promise<void> {
  const record = await recordOf(app, runId);
  if (json) frame.out(jsonReport([record]).trimEnd());
  frame.err(`run ${runId} is over: ${record.verdict}, undo ${undoNow(record)}`);
  for (const line of mustDo(record)) frame.err(`  ${line}`);
  if (needsPerson(record)) frame.err(`  Then have the rest taken back: firedrill undo ${runId}`);
  frame.setExit(record.exitCode);
}
