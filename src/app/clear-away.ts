/**
 * Ends the log of runs whose process is gone and whose lab is gone, too: there is nothing to undo, and the record says so instead of
 * standing open for ever. A killed rehearsal takes its lab with it; every command that knows runs looks for those first.
 */
import { isLost } from '../domain/errors.ts';
import type { LogEntry } from '../domain/event.ts';
import type { Judgement } from '../domain/record.ts';
import { abandonEphemeral, preparePublishTables } from '../publish/cursors.ts';
import { Journal } from '../run/journal.ts';
import { isHeld } from '../postgres/locks.ts';
import type { App } from './app.ts';
import { lockOf } from './app.ts';
import { newOwner } from './drive-run.ts';
import { abandoned, mayBeBeginning } from './ownership.ts';

/** How many of the newest runs are looked at. */
const looked = 20;

const killed = (reason: string): Judgement => ({
  verdict: 'aborted',
  undo: 'none',
  recoveryLabel: 'aided',
  exitCode: 4,
  reasons: [reason],
  recovery: { declared: {}, phases: [] },
  probes: [],
  killed: true,
});

export async function clearKilledRehearsals(app: App): Promise<void> {
  const unfinished: { runId: string; entries: LogEntry[] }[] = [];
  for (const runId of await app.log.runs(looked)) {
    const entries = await app.log.read(runId);
    if (isUnfinishedRehearsal(app, entries)) unfinished.push({ runId, entries });
  }
  for (const runId of await abandoned(app, unfinished)) {
    await preparePublishTables(app.store.pool);
    await abandonEphemeral(app.store.pool, runId);
    const reason = 'The rehearsal was killed before its end. Its lab, with everything in it, is gone.';
    await endKilled(app, runId, reason);
    await untilUnwatched(app, runId);
  }
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

function isUnfinishedRehearsal({ clock }: App, entries: readonly LogEntry[]): boolean {
  const [first] = entries;
  if (first?.event.type !== 'run.started' || first.event.plan.environment !== 'lab') return false;
  if (entries.some(({ event }) => event.type === 'run.finished')) return false;
  return !mayBeBeginning(clock, entries);
}

/** Does nothing when another command ends it at the same moment. */
async function endKilled(app: App, runId: string, reason: string): Promise<void> {
  try {
    const journal = await Journal.claim(app.log, app.clock, runId, newOwner());
    await journal.appendIf((state) => (state.closing ? undefined : { type: 'run.closing' }));
    // Another command may have ended it since it was looked at.
    await journal.appendIf((state) =>
      state.finished ? undefined : { type: 'run.finished', judgement: killed(reason) },
    );
  } catch (error) {
    if (!isLost(error)) throw error;
  }
}
