/**
 * Has the log say of runs whose lab is gone that nothing is left to undo: instead of standing open for ever where their process is
 * gone, too, and of needing a person for ever where they could not undo everything. A killed rehearsal takes its lab with it. Every
 * command that knows runs looks for those first.
 */
import { isLost } from '../domain/errors.ts';
import type { LogEntry } from '../domain/event.ts';
import type { Judgement, UndoState } from '../domain/record.ts';
import { undoIn } from '../measure/undo.ts';
import { abandonEphemeral, preparePublishTables } from '../publish/cursors.ts';
import { Journal } from '../run/journal.ts';
import { isHeld } from '../postgres/locks.ts';
import { needsPerson } from '../report/afterwards.ts';
import { toRecord } from '../report/record.ts';
import type { App } from './app.ts';
import { lockOf } from './app.ts';
import { newOwner } from './drive-run.ts';
import { abandoned, mayBeBeginning } from './ownership.ts';
import { isGone } from './process-identity.ts';

/** How many of the newest runs are looked at. */
const looked = 20;

/** What stays `incomplete` is in no person's hands: the exit code asks for nobody. */
const killed = (undo: UndoState, reason: string): Judgement => ({
  verdict: 'aborted',
  undo,
  recoveryLabel: 'aided',
  exitCode: 4,
  reasons: [reason],
  recovery: { declared: {}, phases: [] },
  probes: [],
  killed: true,
});

interface Left {
  runId: string;
  entries: readonly LogEntry[];
  end: (app: App, runId: string) => Promise<void>;
}

/** Ends what was left unfinished in a lab that is gone, and says of what is over that the rest went with its lab. */
export async function clearAway(app: App): Promise<void> {
  const unfinished: Left[] = [];
  for (const runId of await app.log.runs(looked)) {
    const entries = await app.log.read(runId);
    if (await isStuckInGoneLab(app, entries)) await tellOfGoneLab(app, runId);
    const end = await endOf(app, entries);
    if (end) unfinished.push({ runId, entries, end });
  }
  const unowned = new Set(await abandoned(app, unfinished));
  for (const { runId, end } of unfinished.filter((each) => unowned.has(each.runId))) {
    await abandonQueue(app, runId);
    await end(app, runId);
  }
}

/** @returns how the run ends, unless it is over, is just beginning, or its lab may be up */
async function endOf({ clock }: App, entries: readonly LogEntry[]): Promise<Left['end'] | undefined> {
  const { environment, lab } = startOf(entries) ?? {};
  if (entries.some(({ event }) => event.type === 'run.finished') || mayBeBeginning(clock, entries)) return undefined;
  if (environment === 'lab') return endRehearsal;
  return lab && (await isGone(clock, lab)) ? endWithLab : undefined;
}

async function isStuckInGoneLab({ clock }: App, entries: readonly LogEntry[]): Promise<boolean> {
  const lab = startOf(entries)?.lab;
  const isStuck = entries.some(({ event }) => event.type === 'run.finished' && event.judgement.exitCode === 5);
  if (!isStuck || !lab || !(await isGone(clock, lab))) return false;
  return needsPerson(toRecord(entries, { published: 0, pending: 0 }));
}

function startOf([first]: readonly LogEntry[]) {
  if (first?.event.type !== 'run.started') return undefined;
  const { plan, lab } = first.event;
  return { environment: plan.environment, lab };
}

async function abandonQueue({ store }: App, runId: string): Promise<void> {
  await preparePublishTables(store.pool);
  await abandonEphemeral(store.pool, runId);
}

async function endRehearsal(app: App, runId: string): Promise<void> {
  await endKilled(app, runId, 'The rehearsal was killed before its end. Its lab, with everything in it, is gone.');
  await untilUnwatched(app, runId);
}

/** Reads its log five times a second, and has nothing more to do: a second is enough, and a busy machine may take more. */
const proberLeavesWithinMs = 10_000;
const lookAgainMs = 50;

/** Whoever looks for processes after this command finds none of the rehearsal's. Waits no longer than it must on a prober that hangs. */
async function untilUnwatched({ clock, store }: App, runId: string): Promise<void> {
  const startNs = clock.monoNs();
  while (await isHeld(store.pool, lockOf.prober(runId))) {
    if (Number(clock.monoNs() - startNs) / 1e6 > proberLeavesWithinMs) return;
    await clock.sleep(lookAgainMs);
  }
}

/** Ends the log of a run that was left in the middle, in a lab that is down now: nothing of it is left to undo. */
export const endWithLab = (app: App, runId: string): Promise<void> =>
  endKilled(app, runId, 'Its process was gone before its end, and then the lab that it ran in was ended.');

/** Does nothing when another command ends it at the same moment. */
async function endKilled(app: App, runId: string, reason: string): Promise<void> {
  await unlessLost(async () => {
    const journal = await Journal.claim(app.log, app.clock, runId, newOwner());
    await journal.appendIf((state) => (state.closing ? undefined : { type: 'run.closing' }));
    // Another command may have ended it since it was looked at.
    await journal.appendIf((state) => {
      const judgement = killed(undoIn(state.plan, journal.entries).state, reason);
      return state.finished ? undefined : { type: 'run.finished', judgement };
    });
  });
}

/** An addendum to the log of a run that is over. Leaves it alone while somebody tries to take the run back. */
async function tellOfGoneLab(app: App, runId: string): Promise<void> {
  if (await isHeld(app.store.pool, lockOf.owner(runId))) return;
  await abandonQueue(app, runId);
  await unlessLost(async () => {
    const journal = await Journal.reopen(app.log, app.clock, runId);
    await journal.appendIf(({ plan }) => {
      // As above.
      if (journal.entries.some(({ event }) => event.type === 'undo.ended' && event.gone)) return undefined;
      return { type: 'undo.ended', undo: undoIn(plan, journal.entries).state, left: [], gone: true };
    });
  });
}

async function unlessLost(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isLost(error)) throw error;
  }
}
