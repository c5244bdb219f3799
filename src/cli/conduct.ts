/**
 * What `run`, `rehearse` and `resume` share while a run is on: live progress, answers in a rehearsal, Ctrl-C, published
 * events, and in the end the record, on the terminal and as a report on disk.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { App } from '../app/app.ts';
import type { Driver, RunEnv } from '../app/drive-run.ts';
import { openPublisher } from '../app/publishing.ts';
import type { Publisher, QueuePlace } from '../app/publishing.ts';
import { recordOf, reportInputOf } from '../app/records.ts';
import type { ReportInput } from '../app/records.ts';
import { refuseToStart, startRun } from '../app/start-run.ts';
import type { FiredrillError } from '../domain/errors.ts';
import { reportOf } from '../domain/errors.ts';
import type { LogEntry, ProcessIdentity } from '../domain/event.ts';
import type { Plan } from '../domain/plan.ts';
import type { Consent, RunRecord } from '../domain/record.ts';
import { watch } from '../log/watch.ts';
import { isConnectionLoss } from '../postgres/outage.ts';
import { htmlReport } from '../report/html.ts';
import { jsonReport } from '../report/json.ts';
import type { Live } from '../report/live.ts';
import { createLive } from '../report/live.ts';
import { sentenceOf } from '../report/log-line.ts';
import { textReport } from '../report/text.ts';
import type { EarlyInterrupts } from './early-interrupts.ts';
import type { Frame } from './frame.ts';
import { catchInterrupts } from './interrupts.ts';
import { leftBehind } from './left-behind.ts';

export interface Conduct extends RunEnv {
  /** A plan to start, or the id of a run to carry on. */
  run: Plan | string;
  driver: Driver;
  /** To faults in production, of a run that is started. */
  consent?: Consent;
  /** The lab of a rehearsal that is started. */
  lab?: ProcessIdentity;
  json: boolean;
  /** Approvals are granted as soon as they are asked for. */
  autoApprove: boolean;
  /** A run that is carried on is aborted first. */
  undo?: boolean;
  /** What a signal has meant until now; from here on it aborts the run. */
  early?: EarlyInterrupts;
  /** Queue for step events and the environment in which it is reached. */
  queue?: QueuePlace;
}

/** Longest time that an exiting command waits for events to be sent, milliseconds. */
const drainMs = 5_000;

/** Drives the run to its end and shows it. Sets the exit code. */
export async function conduct(
  frame: Frame,
  app: App,
  { run, driver, consent, lab, ...how }: Conduct,
): Promise<RunRecord> {
  const runId = typeof run === 'string' ? run : run.runId;
  if (typeof run !== 'string') refuseToStart(app, run);
  const inLab = typeof run !== 'string' && run.environment === 'lab';
  const done = new AbortController();
  const publisher = await openPublisher(app, how.queue);
  const drawn = frame.live && !how.json;
  const live = createLive({
    live: drawn,
    color: frame.live && frame.color,
    columns: frame.columns,
    write: (text) => void process.stderr.write(text),
  });
  const leave = (why: FiredrillError): never => {
    live.close();
    return frame.leave(why);
  };
  const interrupts = catchInterrupts({ say: (text) => live.above(text), leave }, app, runId, { rehearsal: inLab });
  const undivert = drawn ? app.logLines.divert((line) => live.above(sentenceOf(line))) : undefined;
  let showing: Promise<void> | undefined;
  let broke: { error: unknown } | undefined;
  try {
    how.early?.over();
    if (how.undo) await app.inbox.post(runId, { kind: 'abort', by: userInfo().username, reason: 'firedrill undo' });
    await publisher.enrol(runId, how.queue?.ephemeral);
    if (typeof run !== 'string') await startRun(app, run, consent, lab);
    showing = show(live, app, { ...how, runId, done: done.signal });
    showing.catch(() => undefined); // awaited below
    await driver.drive(how, runId).catch((error: unknown) => {
      throw leftBehind(error, runId, inLab);
    });
  } catch (error) {
    broke = { error };
  }
  interrupts.stop();
  done.abort();
  const ends = await Promise.allSettled([showing, sendRest(publisher)]);
  live.close();
  undivert?.();
  // What becomes of the run comes first: a store that is away breaks the view of it and the events as well.
  if (broke) throw broke.error;
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  const record = await recordOf(app, runId);
  await present(frame, app, record, how.json);
  return record;
}

/** Waits a moment for what the queue hasn't got yet. */
export async function sendRest(publisher: Publisher): Promise<void> {
  try {
    await publisher.drain(drainMs);
  } finally {
    await publisher.close();
  }
}

interface Shown {
  runId: string;
  autoApprove: boolean;
  /** Aborts when the run is over. */
  done: AbortSignal;
}

async function show(live: Live, app: App, { runId, autoApprove, done }: Shown): Promise<void> {
  const source = { log: app.log, connect: () => app.store.connect() };
  try {
    for await (const entry of watch(source, runId, { signal: done })) {
      live.entry(entry);
      if (autoApprove) await answer(app, entry);
      if (entry.event.type === 'run.finished') break;
    }
  } finally {
    live.close();
  }
}

/** In a rehearsal nobody is waited for; the record says that nobody was asked. */
async function answer(app: App, { runId, event }: LogEntry): Promise<void> {
  if (event.type !== 'step.begun' || !event.asks) return;
  const by = 'rehearsal';
  await app.inbox.post(runId, { kind: 'approve', step: event.step, by, automatic: true });
  if (event.asks.fourEyes) {
    await app.inbox.post(runId, { kind: 'approve', step: event.step, by: `${by} (second)`, automatic: true });
  }
}

async function present(frame: Frame, app: App, record: RunRecord, json: boolean): Promise<void> {
  frame.out(
    json
      ? jsonReport([record]).trimEnd()
      : textReport(record, { columns: frame.columns, color: frame.color }).trimEnd(),
  );
  frame.setExit(record.exitCode);
  await saveReport(frame, app, record);
}

/** Writes the page for people, or writes it anew. */
export async function saveReport(frame: Frame, app: App, record: RunRecord): Promise<void> {
  const file = join(app.settings.home, 'reports', `${record.runId}.html`);
  await mkdir(join(app.settings.home, 'reports'), { recursive: true });
  await writeFile(file, htmlReport(await pageInput(frame, app, record)));
  frame.err(`report: ${file}`);
}

/** Of a run whose samples are broken, which its record says, there is a page all the same. */
async function pageInput(frame: Frame, app: App, record: RunRecord): Promise<ReportInput> {
  try {
    return await reportInputOf(app, record);
  } catch (error) {
    if (isConnectionLoss(error)) throw error;
    frame.err(`the report shows no samples: ${reportOf(error).message}`);
    return { record, entries: await app.log.read(record.runId), samples: [] };
  }
}
