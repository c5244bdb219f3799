/**
 * The frame of commands that only look: they open the store and close it again, also when somebody says stop meanwhile. Else its
 * Postgres, which Ctrl-C does not reach, would be left running.
 */
import type { App } from '../app/app.ts';
import { withApp } from '../app/with-app.ts';
import { preparing } from './early-interrupts.ts';
import type { EarlyInterrupts } from './early-interrupts.ts';
import type { Frame } from './frame.ts';
import type { Signals } from './interrupts.ts';

/**
 * @param work what takes long in it goes through `unlessStopped`, so that nothing is said of it any more after a stop
 * @throws FiredrillError `stopped`, and what `work` throws
 */
export const looking = <T>(
  frame: Pick<Frame, 'env' | 'err' | 'leave'>,
  work: (app: App, unlessStopped: EarlyInterrupts['unlessStopped']) => Promise<T>,
  from: Signals = {},
): Promise<T> =>
  preparing(
    frame,
    (early) =>
      withApp(frame.env, async (app) => {
        early.signal.throwIfAborted();
        return early.unlessStopped(work(app, (one) => early.unlessStopped(one)));
      }),
    from,
  );
