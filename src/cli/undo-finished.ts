/** `firedrill undo` of a run that is over: what it could not undo is tried again, and is told until nothing is left. */
import { userInfo } from 'node:os';
import type { App } from '../app/app.ts';
import { openPublisher } from '../app/publishing.ts';
import { makeWay } from '../app/ownership.ts';
import { recordOf } from '../app/records.ts';
import { canRetryUndo, retryUndo } from '../app/retry-undo.ts';
import type { RunRecord } from '../domain/record.ts';
import { watch } from '../log/watch.ts';
import { needsPerson, undoNow, wentWithLab } from '../report/afterwards.ts';
import { jsonReport } from '../report/json.ts';
import { createLive } from '../report/live.ts';
import { mustDo } from '../report/wording.ts';
import { saveReport, sendRest } from './conduct.ts';
import type { EarlyInterrupts } from './early-interrupts.ts';
import type { Frame } from './frame.ts';
import { undoLeft } from './left-behind.ts';

/**
 * Exits with 0 when nothing is left that a person must do, else with 5.
 * @param early what signals mean until anything is taken back
 */
export async function undoFinished(
  frame: Frame,
  app: App,
  runId: string,
  json: boolean,
  early: EarlyInterrupts,
): Promise<void> {
  const before = await early.unlessStopped(recordOf(app, runId));
  if (!needsPerson(before)) {
    const why = wentWithLab(before) ? 'what it could not undo went with its lab' : 'there is nothing left to take back';
    return tell(frame, before, json, `run ${runId} is over: ${why}`);
  }
  if (!(await early.unlessStopped(canRetryUndo(app, runId)))) {
    return tell(frame, before, json, `run ${runId} is over, and nothing of it can be taken back any more:`);
  }
  const hung = await early.unlessStopped(makeWay(app, runId));
  if (hung !== undefined) frame.err(hung);
  await follow(frame, app, runId, () => {
    early.over();
    return takeBack(frame, app, runId, hung !== undefined);
  });
  const record = await recordOf(app, runId);
  await saveReport(frame, app, record);
  const undone = record.addenda?.at(-1)?.undone ?? [];
  const isLeft = undoNow(record) === 'incomplete';
  const done = undone.length > 0 ? [`took back ${undone.join(', ')}`] : isLeft ? ['nothing could be taken back'] : [];
  const rest = isLeft ? 'a person is still needed:' : 'nothing is left to take back';
  tell(frame, record, json, `run ${runId}: ${[...done, rest].join('; ')}`);
}

function tell(frame: Frame, record: RunRecord, json: boolean, headline: string): void {
  const lines = [headline, ...mustDo(record).map((line) => `  ${line}`)];
  if (json) frame.out(jsonReport([record]).trimEnd());
  for (const line of lines) {
    if (json) frame.err(line);
    else frame.out(line);
  }
  frame.setExit(needsPerson(record) ? 5 : 0);
}

async function takeBack({ env }: Frame, app: App, runId: string, fromHung: boolean): Promise<void> {
  const url = app.settings.queueUrl;
  const publisher = await openPublisher(app, url ? { url, env } : undefined);
  try {
    await publisher.enrol(runId);
    await retryUndo(app, { env, fromHung }, runId, userInfo().username);
  } finally {
    await sendRest(publisher);
  }
}

/** Shows what is done while it is done. Ctrl-C leaves it: whatever was taken back stands in the log. */
async function follow(frame: Frame, app: App, runId: string, work: () => Promise<void>): Promise<void> {
  const entries = await app.log.read(runId);
  const done = new AbortController();
  let told = false;
  const write = (text: string): void => void (told && frame.err(text.trimEnd()));
  const live = createLive({ live: false, color: frame.live && frame.color, columns: frame.columns, write });
  for (const entry of entries) live.entry(entry);
  told = true;
  const source = { log: app.log, connect: () => app.store.connect() };
  const showing = (async () => {
    for await (const entry of watch(source, runId, { after: entries.length, signal: done.signal })) live.entry(entry);
  })();
  showing.catch(() => undefined); // awaited below
  const leave = (): void => {
    frame.err(`\nleft the undo of ${runId} where it is. Go on with:\n  firedrill undo ${runId}`);
    frame.leave(undoLeft(runId));
  };
  process.once('SIGINT', leave).once('SIGTERM', leave);
  try {
    await work();
  } finally {
    process.off('SIGINT', leave).off('SIGTERM', leave);
    done.abort();
    live.close();
  }
  await showing;
}
