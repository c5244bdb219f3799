/**
 * What Ctrl-C, SIGTERM and a closed terminal mean while a command only prepares: nothing has been touched, so it ends what it has
 * begun to start, and leaves. Once a run is on they mean something else: interrupts.ts.
 */
import { FiredrillError } from '../domain/errors.ts';
import type { Frame } from './frame.ts';
import type { Process, Signal } from './interrupts.ts';
import { signals, words } from './interrupts.ts';

/** A person, or the system, stopped a command before it had touched anything. */
class StoppedError extends FiredrillError {
  override name = 'StoppedError';
  constructor(signal: Signal) {
    super('stopped', `${words[signal]}: stopped before anything was touched; there is nothing to undo`);
  }
}

export interface EarlyInterrupts {
  /** Aborts as soon as somebody says stop. */
  signal: AbortSignal;
  /** What `work` gives, unless somebody says stop before it is done. @throws FiredrillError `stopped` */
  unlessStopped<T>(work: Promise<T>): Promise<T>;
  /** Lets signals mean what they meant before. @throws FiredrillError `stopped` when one came */
  over(): void;
}

/** Exit code of a command that a person stopped. */
const stoppedCode = 4;

/**
 * Does `work` while signals mean this, and lets them mean what they meant before in the end. What a command needs is to be loaded
 * within it: that takes half a second, and somebody may say stop meanwhile.
 * @throws FiredrillError `stopped`, and what `work` throws
 */
export async function preparing<T>(
  { err }: Pick<Frame, 'err'>,
  work: (early: EarlyInterrupts) => Promise<T>,
  from: Process = {},
): Promise<T> {
  const early = catchEarlyInterrupts((text) => err(text), from);
  try {
    return await work(early);
  } finally {
    early.over();
  }
}

/** @param say tells the person at the terminal */
export function catchEarlyInterrupts(
  say: (text: string) => void,
  { on = process, exit = (code) => process.exit(code) }: Process = {},
): EarlyInterrupts {
  const stop = new AbortController();
  const stopped = new Promise<never>((_, reject) => {
    stop.signal.addEventListener('abort', () => reject(stop.signal.reason as StoppedError), { once: true });
  });
  stopped.catch(() => undefined); // Nobody may be waiting just then; over() tells it.
  const onSignal = (signal: Signal): void => {
    if (!stop.signal.aborted) {
      say(`\n${words[signal]}: stopping; nothing has been touched. Once more leaves at once.`);
      stop.abort(new StoppedError(signal));
    } else if (signal !== 'SIGHUP') {
      exit(stoppedCode);
    }
  };
  for (const signal of signals) on.on(signal, onSignal);
  return {
    signal: stop.signal,
    unlessStopped: (work) => Promise.race([stopped, work]),
    over() {
      for (const signal of signals) on.off(signal, onSignal);
      stop.signal.throwIfAborted();
    },
  };
}
