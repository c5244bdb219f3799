/** Faults that end by themselves: takes an inject step back when its `for` is over, beside whatever runs then. */
import { markNow, msBetween } from '../domain/clock.ts';
import { isLost } from '../domain/errors.ts';
import type { RunState, StepRun } from './next.ts';
import { StepContext } from './context.ts';
import type { StepDeps } from './context.ts';
import { undoStep } from './step.ts';
import { standing } from './todo.ts';

export interface Timers {
  /** Ends the watch, letting an undo under way finish. Safe to call again. */
  stop(): Promise<void>;
}

export function endTimers(deps: StepDeps): Timers {
  const stopped = new AbortController();
  const timed = [...deps.journal.state.steps.values()].some(({ step }) => isTimed(step));
  const running = timed ? loop(deps, AbortSignal.any([stopped.signal, deps.journal.lost])) : Promise.resolve();
  running.catch(() => undefined); // stop() hands it on
  return {
    async stop() {
      stopped.abort();
      await running;
    },
  };
}

async function loop(deps: StepDeps, signal: AbortSignal): Promise<void> {
  const { journal, clock, pollMs } = deps;
  while (!signal.aborted) {
    try {
      const now = markNow(clock);
      for (const run of standing(journal.state)) {
        if (!isDue(run, (mark) => msBetween(mark, now).ms)) continue;
        await undoStep(new StepContext(deps, run.step, journal.lost), `${run.step.id} (for)`);
      }
      await clock.sleep(pollMs, signal);
    } catch (error) {
      if (isLost(error) || signal.aborted) return;
      throw error;
    }
  }
}

const isTimed = (step: StepRun['step']): boolean => step.phase === 'inject' && step.forMs !== undefined;

const isDue = (run: StepRun, sinceMs: (mark: RunState['startedAt']) => number): boolean =>
  isTimed(run.step) && run.succeededAt !== undefined && sinceMs(run.succeededAt) >= run.step.forMs!;
