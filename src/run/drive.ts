/**
 * Drives one run to its end. Start, resume and takeover are this same function: fold the log, claim it, do what `todo` says,
 * ask again.
 *
 *   log --fold--> state --todo--> steps | undo | prove-pivot | close --parts--> estate
 *    ^                                             |
 *    +------------------- append ------------------+
 */
import type { Clock } from '../domain/clock.ts';
import { isLost, reportOf } from '../domain/errors.ts';
import type { LogEntry, Turn } from '../domain/event.ts';
import type { ChangePart, Part } from '../domain/part.ts';
import type { PlannedStep } from '../domain/plan.ts';
import type { Inbox, Log, Observer } from '../domain/ports.ts';
import type { Judgement } from '../domain/record.ts';
import { Journal } from './journal.ts';
import type { RunState } from './next.ts';
import { provePivot } from './prove-pivot.ts';
import { StepContext } from './context.ts';
import type { Parts, StepDeps } from './context.ts';
import { doStep, undoStep } from './step.ts';
import { endTimers } from './timers.ts';
import { todo } from './todo.ts';
import type { Guardrail } from './watch.ts';
import { Watch } from './watch.ts';

export interface DriveDeps {
  log: Log;
  inbox: Inbox;
  observer: Observer;
  clock: Clock;
  parts: Parts;
  guardrail: Guardrail;
  /** Verdict from the log and the sealed samples. */
  judge(entries: readonly LogEntry[]): Promise<Judgement>;
  /** Names this process in the log, e.g. `host:pid:random`. */
  owner: string;
  /** Aborts when this process must leave the run, for a reason that doesn't stand in the log. */
  lost?: AbortSignal;
  /**
   * Time from claiming the run to the first effect, milliseconds. An owner that hangs may have a call under way, which the
   * claim can't fence; one that is dead has not, and then this is absent.
   */
  graceMs?: number;
  /** Cadence of polls and of the watch, milliseconds. */
  pollMs: number;
  /** How long the prober may take to read canaries back and seal, milliseconds. */
  sealMs: number;
}

/**
 * @returns the state of the finished run
 * @throws LostError when another process took the run over; nothing was undone then
 */
export async function drive(deps: DriveDeps, runId: string): Promise<RunState> {
  const journal = await Journal.claim(deps.log, deps.clock, runId, deps.owner);
  if (journal.state.finished) return journal.state;
  if (deps.lost) journal.leaveOn(deps.lost);
  if (deps.graceMs !== undefined) await deps.clock.sleep(deps.graceMs, journal.lost);
  const stepDeps: StepDeps = { journal, clock: deps.clock, parts: deps.parts, pollMs: deps.pollMs };
  const watch = new Watch({ ...deps, journal });
  const provenPivots = new Set<string>();
  await openEyes(deps, journal);
  watch.start();
  const timers = endTimers(stepDeps);
  try {
    for (;;) {
      const now = todo(journal.state, provenPivots);
      switch (now.do) {
        case 'steps':
          await enterPhase(journal, now.phase);
          await together(stepDeps, now.steps, watch);
          break;
        case 'undo':
          await timers.stop();
          await enterPhase(journal, 'undo');
          await undoAll(stepDeps, now.steps);
          break;
        case 'prove-pivot': {
          const context = new StepContext(stepDeps, now.step, journal.lost);
          if (await pivotWasPassed(context)) provenPivots.add(now.step.id);
          break;
        }
        case 'turn':
          await turn(journal, now.turn);
          break;
        case 'close':
          await timers.stop();
          await watch.stop();
          await close(deps, journal);
          return journal.state;
        case 'nothing':
          return journal.state;
      }
    }
  } finally {
    await timers.stop().catch(rethrowUnlessLost);
    await watch.stop().catch(rethrowUnlessLost);
  }
}

/** A run that nobody can watch proves nothing: it goes no further, and takes back what it may have begun before. */
async function openEyes({ observer }: DriveDeps, journal: Journal): Promise<void> {
  try {
    await observer.ensure(journal.runId);
  } catch (error) {
    if (isLost(error)) throw error;
    const message = `nobody could watch the run: ${reportOf(error).message}`;
    await turn(journal, { kind: 'inconclusive', message });
  }
}

async function turn(journal: Journal, turn: Turn): Promise<void> {
  await journal.appendIf((state) => (state.turn || state.closing ? undefined : { type: 'run.turned', turn }));
}

async function enterPhase(journal: Journal, phase: RunState['phases'][number]): Promise<void> {
  await journal.appendIf((state) => (state.phases.includes(phase) ? undefined : { type: 'phase.started', phase }));
}

/** Runs the steps of a group concurrently; a turn ends their polls, not a write under way. */
async function together(deps: StepDeps, steps: readonly PlannedStep[], watch: Watch): Promise<void> {
  const { journal } = deps;
  const afterTurn = journal.state.turn !== undefined;
  const signal = afterTurn
    ? AbortSignal.any([journal.lost, watch.broken])
    : AbortSignal.any([journal.lost, watch.broken, journal.turned]);
  const results = await Promise.allSettled(steps.map((step) => doOrSkip(deps, step, signal, afterTurn)));
  const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
  const worst = failures.find(isLost) ?? failures[0];
  if (worst !== undefined) throw worst;
  watch.broken.throwIfAborted();
}

/** After a turn nobody is asked any more. */
async function doOrSkip(deps: StepDeps, step: PlannedStep, signal: AbortSignal, afterTurn: boolean): Promise<void> {
  if (afterTurn && step.asks) {
    const why = 'the run is rolling forward after a promotion: nobody is asked';
    await deps.journal.append({ type: 'step.skipped', step: step.id, why });
    return;
  }
  await doStep(deps, step, signal);
}

async function undoAll(deps: StepDeps, steps: readonly PlannedStep[]): Promise<void> {
  for (const step of steps) await undoStep(new StepContext(deps, step, deps.journal.lost));
}

async function pivotWasPassed(context: StepContext): Promise<boolean> {
  const parts = await context.parts().catch((error: unknown): readonly Part[] => {
    if (isLost(error)) throw error;
    return []; // Nothing can be read, so nothing is proven.
  });
  const pivot = parts.find((part): part is ChangePart => part.shape === 'change' && part.pivot === true);
  return pivot ? provePivot(context, pivot) : true;
}

/** Lets the prober read back and seal, judges, and writes the last entry. */
async function close(deps: DriveDeps, journal: Journal): Promise<void> {
  const { clock, observer, pollMs } = deps;
  await journal.appendIf((state) => (state.closing ? undefined : { type: 'run.closing' }));
  const watched = await observer.ensure(journal.runId).then(
    () => true,
    (error: unknown) => {
      if (isLost(error)) throw error;
      return false; // There is nobody to wait for; what was sampled before is judged, and what is missing shows there.
    },
  );
  const since = clock.monoNs();
  while (watched && !journal.state.sealed && Number(clock.monoNs() - since) / 1e6 < deps.sealMs) {
    const seal = await observer.sealed(journal.runId);
    if (seal) await journal.append({ type: 'samples.sealed', ...seal });
    else await clock.sleep(pollMs, journal.lost);
  }
  await journal.append({ type: 'run.finished', judgement: await deps.judge(journal.entries) });
}

function rethrowUnlessLost(error: unknown): void {
  if (!isLost(error)) throw error;
}
