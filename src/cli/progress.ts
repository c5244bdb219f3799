/**
 * What a command says on stderr while it works and there is nothing to show yet. On a terminal one line counts the seconds and is
 * replaced in the end; elsewhere a line stands where it begins, one now and then while it lasts, and one where it is done.
 */
import { duration } from '../report/quantities.ts';
import { cut } from '../report/terminal.ts';
import type { Frame } from './frame.ts';

interface Work {
  /** `starting the lab`. */
  doing: string;
  /** `the lab is up`; nothing is said at the end when it is absent. */
  done?: string;
}

interface Means {
  /** Writes to stderr what is redrawn. */
  write?: (text: string) => void;
  /** Milliseconds that only grow. */
  now?: () => number;
  /** Between two signs of life, milliseconds. */
  everyMs?: number;
}

/** Says so while `work` lasts. @throws what `work` throws */
export async function during<T>(
  { live, err, columns }: Pick<Frame, 'live' | 'err' | 'columns'>,
  { doing, done }: Work,
  work: Promise<T>,
  { write = (text) => void process.stderr.write(text), now = () => performance.now(), everyMs }: Means = {},
): Promise<T> {
  const begun = now();
  const lastedMs = (): number => Math.round(now() - begun);
  const seconds = (): string => duration(Math.floor(lastedMs() / 1_000) * 1_000);
  const redraw = (text: string): void => write(`\r\u001b[2K${cut(text, Math.max(20, columns - 1))}`);
  if (live) redraw(`${doing} ...`);
  else err(`${doing} ...`);
  const timer = setInterval(
    () => (live ? redraw(`${doing} ... ${seconds()}`) : err(`still ${doing} after ${seconds()}`)),
    everyMs ?? (live ? 1_000 : 10_000),
  );
  try {
    const result = await work;
    if (live) redraw('');
    if (done !== undefined) err(`${done} after ${duration(lastedMs())}`);
    return result;
  } catch (error) {
    if (live) redraw('');
    throw error;
  } finally {
    clearInterval(timer);
  }
}
