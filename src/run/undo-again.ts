/**
 * Tries the undo of a finished run once more, after a person has removed what was in its way: the same parts, the same writing
 * ahead and the same rules, as an addendum to the run's log. Verdict and record hash stay what they were.
 *
 *   run.finished -> undo.retried -> step.undoing -> step.undone | step.undo-failed -> ... -> undo.ended
 */
import type { Clock } from '../domain/clock.ts';
import type { LogEntry } from '../domain/event.ts';
import type { Log } from '../domain/ports.ts';
import type { UndoState } from '../domain/record.ts';
import { StepContext } from './context.ts';
import type { Parts } from './context.ts';
import { Journal } from './journal.ts';
import type { RunState } from './next.ts';
import { undoStep } from './step.ts';
import { undoAgain } from './todo.ts';

export interface UndoAgainDeps {
  log: Log;
  clock: Clock;
  parts: Parts;
  /** Where a log leaves the estate, and what is left in it. */
  leaves(entries: readonly LogEntry[]): { undo: UndoState; left: readonly string[] };
  /** Names this process in the log. */
  owner: string;
  /** Aborts when this process must leave the run, for a reason that doesn't stand in the log. */
  lost?: AbortSignal;
  /** Time to wait for a call that an owner which hangs may have under way, milliseconds. */
  graceMs?: number;
  /** Who wants it. */
  by: string;
  /** Cadence of polls, milliseconds. */
  pollMs: number;
}

/**
 * Takes back what still stands and may go; each part is tried as often as at the end of a run. Writes nothing when there is no
 * such part. May be called again after a crash at any point.
 * @throws FiredrillError `run-not-found`, `run-unfinished`, and about credentials; the addendum stays open then
 * @throws LostError when another process does the same
 */
export async function retryUndo(deps: UndoAgainDeps, runId: string): Promise<RunState> {
  const { log, clock, parts, pollMs, by, owner } = deps;
  const journal = await Journal.reopen(log, clock, runId);
  const steps = undoAgain(journal.state);
  if (steps.length === 0 && !journal.state.retrying) return journal.state;
  if (deps.lost) journal.leaveOn(deps.lost);
  await journal.append({ type: 'undo.retried', by, owner });
  if (deps.graceMs !== undefined) await clock.sleep(deps.graceMs, journal.lost);
  for (const step of steps) await undoStep(new StepContext({ journal, clock, parts, pollMs }, step, journal.lost));
  await journal.append({ type: 'undo.ended', ...deps.leaves(journal.entries) });
  return journal.state;
}
