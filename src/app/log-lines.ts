/** Where log lines go: to stderr, or to whoever draws there just now, because a line in between would break the drawing. */
import pino from 'pino';

export interface LogLines {
  /** Takes one JSON line with its end. */
  write(line: string): void;
  /** Sends what is written from now on elsewhere. @returns gives the lines back to stderr */
  divert(to: (line: string) => void): () => void;
}

export function openLogLines(): LogLines {
  const stderr = pino.destination({ fd: 2, sync: true });
  stderr.on('error', () => undefined); // Nobody may be there any more to read it: a terminal that was closed ends no run.
  let diverted: ((line: string) => void) | undefined;
  return {
    write: (line) => void (diverted ? diverted(line) : stderr.write(line)),
    divert(to) {
      diverted = to;
      return () => {
        if (diverted === to) diverted = undefined;
      };
    },
  };
}
