/** Puts people's decisions into a run's inbox; the process that drives the run takes them up. */
import { userInfo } from 'node:os';
import type { App } from '../app/app.ts';
import { lockOf } from '../app/app.ts';
import { entriesOf } from '../app/records.ts';
import { withApp } from '../app/with-app.ts';
import { UsageError } from '../domain/errors.ts';
import type { LogEntry } from '../domain/event.ts';
import { differentPeople, samePerson } from '../domain/people.ts';
import { isHeld } from '../postgres/locks.ts';
import { counted } from '../report/quantities.ts';
import type { RunView } from '../report/record.ts';
import { toView } from '../report/record.ts';
import type { EarlyInterrupts } from './early-interrupts.ts';
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

/** @param early what signals mean until the decision is written down */
export async function approve(
  frame: Frame,
  runId: string,
  options: ApproveOptions,
  early: EarlyInterrupts,
): Promise<void> {
  const { comment, refuse = false, as: by = userInfo().username, json = false } = options;
  if (by.trim() === '') throw nobody();
  await withApp(frame.env, async (app) => {
    early.signal.throwIfAborted();
    const entries = await early.unlessStopped(openEntries(app, runId));
    const step = askedStep(entries, options.step);
    const decision = refuse ? 'refused' : 'approved';
    const short = refuse ? 0 : await early.unlessStopped(stillNeeded(app, entries, step, by));
    early.tooLate();
    await app.inbox.post(runId, { kind: 'approve', step, by, comment, automatic: false, refused: refuse });
    const more = short > 0 ? `; ${counted(short, 'more person', 'more people')} must approve` : '';
    if (json) frame.out(JSON.stringify({ runId, step, decision, by, comment }, null, 2));
    else frame.out(`${decision} ${step} of ${runId} as ${by}${more}`);
    if (await isDriven(app, runId)) return;
    frame.err(`no process drives ${runId}; it hears of this when it is carried on: firedrill resume ${runId}`);
  });
}

/** @param early what signals mean until the request is written down */
export async function abort(
  frame: Frame,
  runId: string,
  { reason, json = false }: AbortOptions,
  early: EarlyInterrupts,
): Promise<void> {
  await withApp(frame.env, async (app) => {
    early.signal.throwIfAborted();
    const { turn } = viewOf(await early.unlessStopped(openEntries(app, runId)));
    early.tooLate();
    const by = userInfo().username;
    if (!turn) await app.inbox.post(runId, { kind: 'abort', by, reason });
    const driven = await isDriven(app, runId);
    if (json)
      frame.out(JSON.stringify({ runId, decision: 'abort', by, reason, driven, turned: turn?.message }, null, 2));
    else if (turn) frame.out(`${runId} goes no further already: ${turn.message}`);
    else frame.out(`abort of ${runId} requested`);
    if (!driven) frame.err(`no process drives ${runId}; take it back with: firedrill undo ${runId}`);
  });
}

const isDriven = ({ store }: App, runId: string): Promise<boolean> => isHeld(store.pool, lockOf.owner(runId));

const viewOf = (entries: readonly LogEntry[]): RunView => toView(entries, { published: 0, pending: 0 });

/** The approval that is meant: the only one that is waited for, unless it is named. @throws UsageError `not-asked` */
function askedStep(entries: readonly LogEntry[], wanted: string | undefined): string {
  const { runId } = entries[0]!;
  const asked = viewOf(entries).waitingFor.flatMap(({ step, question }) => (question === undefined ? [] : [step]));
  if (wanted === undefined && asked.length === 1) return asked[0]!;
  if (wanted !== undefined && asked.includes(wanted)) return wanted;
  throw notAsked(runId, asked, wanted);
}

/**
 * How many other people must approve besides, where four eyes are wanted.
 * @throws UsageError `not-your-approval` when theirs would not count: they started the run, or have approved already
 */
async function stillNeeded(app: App, entries: readonly LogEntry[], step: string, by: string): Promise<number> {
  const { runId, event: first } = entries[0]!;
  const begun = entries.map(({ event }) => event).findLast((e) => e.type === 'step.begun' && e.step === step);
  if (begun?.type !== 'step.begun' || !begun.asks?.fourEyes || first.type !== 'run.started') return 0;
  const isStarter = (name: string): boolean => samePerson(name, first.startedBy);
  if (isStarter(by)) throw notYours(`${by} started run ${runId}, and two others must approve ${step}`);
  const messages = (await app.inbox.read(runId, 0)).map(({ message }) => message);
  const said = messages.flatMap((each) =>
    each.kind === 'approve' && each.step === step && !each.refused && !isStarter(each.by) ? [each.by] : [],
  );
  if (said.some((name) => samePerson(name, by))) {
    throw notYours(`${by} has approved ${step} of run ${runId} already, and somebody else must too`);
  }
  return Math.max(0, 2 - differentPeople([...said, by]).length);
}

/** @throws UsageError `run-not-found`, `run-finished` */
async function openEntries(app: App, runId: string) {
  const entries = await entriesOf(app, runId);
  if (!entries.some(({ event }) => event.type === 'run.finished')) return entries;
  throw new UsageError('run-finished', `run ${runId} is over`, {
    remedy: `See how it ended with "firedrill runs show ${runId}".`,
  });
}

function notAsked(runId: string, asked: readonly string[], wanted: string | undefined): UsageError {
  const remedy = `See what it waits for with "firedrill runs show ${runId}".`;
  const about = wanted === undefined ? '' : ` of ${wanted}`;
  if (asked.length === 0) return new UsageError('not-asked', `run ${runId} waits for no approval${about}`, { remedy });
  const message =
    wanted === undefined ? `run ${runId} waits for several approvals` : `run ${runId} waits for no approval${about}`;
  return new UsageError('not-asked', message, {
    expected: `--step with one of ${asked.join(', ')}`,
    found: wanted,
    remedy,
  });
}

const notYours = (message: string): UsageError =>
  new UsageError('not-your-approval', message, {
    expected: 'two different people, neither of whom started the run',
    remedy: 'Ask somebody else to approve, or refuse with --refuse.',
  });

const nobody = (): UsageError =>
  new UsageError('nobody', '--as names nobody', {
    expected: 'the name of whoever decides',
    remedy: 'Give a name, or leave --as out.',
  });
