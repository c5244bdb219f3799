/**
 * What is watched while a run goes on: the inbox (aborts, approvals), the probes' state, the guardrails, and the timers of
 * faults that end by themselves (`for`). Findings become events; the driver's polls are interrupted through `turned`.
 */
import type { Clock } from '../domain/clock.ts';
import { msBetween } from '../domain/clock.ts';
import { isLost, reportOf } from '../domain/errors.ts';
import type { Turn } from '../domain/event.ts';
import type { Inbox, InboxMessage, Observer } from '../domain/ports.ts';
import type { ProbeStatus } from '../domain/sample.ts';
import { durationText } from '../domain/time-text.ts';
import type { Journal } from './journal.ts';
import type { RunState, StepRun } from './next.ts';
import { pivotPassed } from './todo.ts';

/** Decides whether a guardrail stops the run now. Asked a few times a second; may look at alarms. */
export interface Guardrail {
  check(state: RunState, probes: readonly ProbeStatus[]): Promise<Turn | undefined>;
}

export interface WatchDeps {
  journal: Journal;
  clock: Clock;
  inbox: Inbox;
  observer: Observer;
  guardrail: Guardrail;
  pollMs: number;
}

/** Time from one look at whether a prober watches to the next, milliseconds. */
const eyesMs = 5_000;

export class Watch {
  readonly #deps: WatchDeps;
  readonly #broken = new AbortController();
  readonly #stopped = new AbortController();
  readonly #known = new Map<string, string>();
  #running: Promise<void> | undefined;
  #eyes: Promise<void> | undefined;
  #eyesAt: bigint;

  constructor(deps: WatchDeps) {
    this.#deps = deps;
    this.#eyesAt = deps.clock.monoNs();
  }

  /** Aborts when watching itself broke: a run that can't be stopped must not go on. */
  get broken(): AbortSignal {
    return this.#broken.signal;
  }

  start(): void {
    this.#running = this.#loop();
    this.#running.catch(() => undefined); // stop() hands it on
  }

  /** Ends the watch. @throws what ended it early, LostError above all */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#eyes;
    await this.#running;
  }

  async #loop(): Promise<void> {
    const { clock, journal, pollMs } = this.#deps;
    const signal = AbortSignal.any([this.#stopped.signal, journal.lost]);
    while (!signal.aborted) {
      try {
        this.#keepEyes();
        await this.look();
        await clock.sleep(pollMs, signal);
      } catch (error) {
        if (isLost(error) || signal.aborted) return;
        await this.#turnBlind(error);
      }
    }
  }

  /**
   * Replaces a prober that was killed. Beside the watch: a start takes a while, and an abort must be heard meanwhile. One that
   * can't be started is tried again, and what it should have seen stays unseen, which the probes' steps and the judge tell.
   */
  #keepEyes(): void {
    const { clock, observer, journal } = this.#deps;
    if (this.#eyes || Number(clock.monoNs() - this.#eyesAt) / 1e6 < eyesMs) return;
    this.#eyesAt = clock.monoNs();
    this.#eyes = observer
      .ensure(journal.runId)
      .catch(() => undefined)
      .finally(() => (this.#eyes = undefined));
  }

  /** A run that can't be stopped must not go forward: it turns. Where not even that can be written, driving it ends. */
  async #turnBlind(cause: unknown): Promise<void> {
    const { clock, journal, pollMs } = this.#deps;
    try {
      await this.#turn({
        kind: 'failed',
        message: `the run could not be watched any more: ${reportOf(cause).message}`,
      });
      await clock.sleep(pollMs, AbortSignal.any([this.#stopped.signal, journal.lost]));
    } catch (error) {
      if (isLost(error) || this.#stopped.signal.aborted) return;
      this.#broken.abort(error);
      throw error;
    }
  }

  /** One look at everything. */
  async look(): Promise<void> {
    await this.#readInbox();
    const probes = await this.#readProbes();
    const { journal, guardrail } = this.#deps;
    if (journal.state.turn || pivotPassed(journal.state) || isGoingBack(journal.state)) return;
    const turn = await guardrail.check(journal.state, probes);
    if (turn) await this.#turn(turn);
  }

  async #readInbox(): Promise<void> {
    const { journal, inbox } = this.#deps;
    for (const { id, message } of await inbox.read(journal.runId, journal.state.inboxSeen)) {
      if (message.kind === 'abort') await this.#turn(abortOf(message), id);
      else await this.#approve(message, id);
    }
  }

  /**
   * A refusal turns the run, and the turn comes first: a process that dies between the two finds the message again, and no
   * poll of the asking step can make a failure of it.
   */
  async #approve(message: Extract<InboxMessage, { kind: 'approve' }>, inbox: number): Promise<void> {
    const { kind: _, step: wanted, ...given } = message;
    const { journal } = this.#deps;
    const asked = (state: RunState): string | undefined => {
      const step = wanted ?? waitingApproval(state);
      return step !== undefined && state.steps.has(step) ? step : undefined;
    };
    if (message.refused) {
      await journal.appendIf((state) => {
        const step = asked(state);
        if (state.turn || step === undefined || !isUnanswered(state.steps.get(step)!)) return undefined;
        return { type: 'run.turned', turn: refusalOf(message, step) };
      });
    }
    await journal.appendIf((state) => {
      const step = asked(state);
      return step === undefined ? undefined : { type: 'approval.given', step, ...given, inbox };
    });
  }

  async #turn(turn: Turn, inbox?: number): Promise<void> {
    const { journal } = this.#deps;
    await journal.appendIf((state) => (state.turn ? undefined : { type: 'run.turned', turn, inbox }));
  }

  async #readProbes(): Promise<ProbeStatus[]> {
    const { journal, observer } = this.#deps;
    const statuses = await observer.status(journal.runId);
    for (const { probe, state, sinceNs, clockId, why } of statuses) {
      if (this.#known.get(probe) === `${state} ${sinceNs}`) continue;
      this.#known.set(probe, `${state} ${sinceNs}`);
      await journal.append({ type: 'probe.changed', probe, state, sinceNs, clockId, why });
    }
    return statuses;
  }
}

const abortOf = (message: Extract<InboxMessage, { kind: 'abort' }>): Turn => ({
  kind: 'aborted',
  message: message.reason ? `aborted by ${message.by}: ${message.reason}` : `aborted by ${message.by}`,
  by: message.by,
});

const refusalOf = ({ by, comment }: Extract<InboxMessage, { kind: 'approve' }>, step: string): Turn => ({
  kind: 'aborted',
  message: `${by} refused ${step}${comment ? `: ${comment}` : ''}`,
  by,
  step,
});

const isUnanswered = ({ step, succeeded, failed, skipped }: StepRun): boolean =>
  step.asks && !succeeded && !failed && !skipped;

/** The approval that the run is waiting for, when there is just one. */
export function waitingApproval(state: RunState): string | undefined {
  for (const run of state.steps.values()) {
    if (run.startedAt && isUnanswered(run)) return run.step.id;
  }
  return undefined;
}

/** Whether `stopOn` is in force: from inject (in a drill without one: from the first step after baseline) to the end of recover. */
export const isGuarded = ({ phases }: RunState): boolean =>
  phases.some((phase) => guarded.has(phase)) && !phases.includes('verify');

/** Failback and undoing are never stopped by a guardrail. */
const isGoingBack = ({ phases }: RunState): boolean => phases.includes('failback') || phases.includes('undo');

const guarded = new Set<RunState['phases'][number]>(['inject', 'detect', 'decide', 'recover']);

/**
 * The guardrails that need nothing but the run itself: its longest duration (until failback begins) and probes that are bad
 * for too long (from inject to the end of recover).
 */
export function runGuardrail(clock: Clock): Guardrail {
  return {
    check(state, probes) {
      const { guardrails } = state.plan.drill;
      const now = { clockId: clock.clockId, ns: clock.monoNs().toString(), at: clock.wall().toISOString() };
      const runningMs = msBetween(state.startedAt, now).ms;
      if (runningMs > guardrails.maxDurationMs) {
        const message = `the run took longer than maxDuration (${durationText(guardrails.maxDurationMs)})`;
        return Promise.resolve({ kind: 'guardrail', message });
      }
      const limits = isGuarded(state) ? guardrails.stopOn : [];
      for (const limit of limits) {
        if (!('probe' in limit)) continue;
        const status = probes.find(({ probe }) => probe === limit.probe);
        if (status?.state !== 'bad' || status.clockId !== clock.clockId) continue;
        const badMs = Number(BigInt(now.ns) - BigInt(status.sinceNs)) / 1e6;
        if (badMs <= limit.badMs) continue;
        const message = `probe ${limit.probe} has been bad for more than ${durationText(limit.badMs)}`;
        return Promise.resolve({ kind: 'guardrail', message });
      }
      return Promise.resolve(undefined);
    },
  };
}
