/**
 * What Ctrl-C, SIGTERM and a closed terminal mean while a command only prepares: nothing has been touched, so it ends what it has
 * begun to start, and leaves. Once a run is on they mean something else: interrupts.ts.
 */
import { FiredrillError } from '../domain/errors.ts';
import type { Frame } from './frame.ts';
import type { Signal, Signals, Teller } from './interrupts.ts';
import { signals, words } from './interrupts.ts';

/** What a stop leaves as it was, as people are told. */
export interface Untouched {
  /** While the command stops. @default 'nothing has been touched' */
  now: string;
  /** Once it has stopped. @default 'stopped before anything was touched; there is nothing to undo' */
  after: string;
}

const untouched: Untouched = {
  now: 'nothing has been touched',
  after: 'stopped before anything was touched; there is nothing to undo',
};

/** Of a command that is about one run. */
export const runUntouched = (runId: string): Untouched => ({
  now: `run ${runId} stays as it is`,
  after: `stopped before run ${runId} was touched; it is as it was`,
});

/** A person, or the system, stopped a command before it had touched anything. */
class StoppedError extends FiredrillError {
  override name = 'StoppedError';
  constructor(signal: Signal, { after }: Untouched) {
    super('stopped', `${words[signal]}: ${after}`);
  }
}

export interface EarlyInterrupts {
  /** Aborts as soon as somebody says stop. */
  signal: AbortSignal;
  /** What `work` gives, unless somebody says stop before it is done. @throws FiredrillError `stopped` */
  unlessStopped<T>(work: Promise<T>): Promise<T>;
  /**
   * From here on it is too late to stop: what is begun takes a moment, and is ended in good order. A second signal still leaves.
   * @throws FiredrillError `stopped` when one came before
   */
  tooLate(): void;
  /** Lets signals mean what they meant before. @throws FiredrillError `stopped` when one came in time */
  over(): void;
}

/**
 * Does `work` while signals mean this, and lets them mean what they meant before in the end. What a command needs is to be loaded
 * within it: that takes half a second, and somebody may say stop meanwhile.
 * @throws FiredrillError `stopped`, and what `work` throws
 */
export async function preparing<T>(
  { err, leave }: Pick<Frame, 'err' | 'leave'>,
  work: (early: EarlyInterrupts) => Promise<T>,
  from: Signals & { untouched?: Untouched } = {},
): Promise<T> {
  const early = catchEarlyInterrupts({ say: err, leave }, from);
  try {
    return await work(early);
  } finally {
    early.over();
  }
}

export function catchEarlyInterrupts(
  { say, leave }: Teller,
  { on = process, untouched: left = untouched }: Signals & { untouched?: Untouched } = {},
): EarlyInterrupts {
  const stop = new AbortController();
  const stopped = new Promise<never>((_, reject) => {
    stop.signal.addEventListener('abort', () => reject(stop.signal.reason as StoppedError), { once: true });
  });
  stopped.catch(() => undefined); // Nobody may be waiting just then; over() tells it.
  let asked = false;
  let late = false;
  const onSignal = (signal: Signal): void => {
    if (asked) {
      if (signal !== 'SIGHUP') leave(late ? leftLate(signal) : new StoppedError(signal, left));
      return;
    }
    asked = true;
    if (late)
      return say(`\n${words[signal]}: it is being done already, and ends in a moment. Once more leaves at once.`);
    say(`\n${words[signal]}: stopping; ${left.now}. Once more leaves at once.`);
    stop.abort(new StoppedError(signal, left));
  };
  for (const signal of signals) on.on(signal, onSignal);
  return {
    signal: stop.signal,
    unlessStopped: (work) => Promise.race([stopped, work]),
    tooLate() {
      stop.signal.throwIfAborted();
      late = true;
    },
    over() {
      for (const signal of signals) on.off(signal, onSignal);
      stop.signal.throwIfAborted();
    },
  };
}

const leftLate = (signal: Signal): FiredrillError =>
  new FiredrillError('stopped', `${words[signal]}: left while it was being done, so it may be done or not`, {
    remedy: 'See where the run stands with "firedrill runs show", and ask again.',
  });
