/**
 * What every command is given: where to write, how to end, and the parts that are put together at the top. A command file
 * exports `register(program, frame)` and imports everything heavy inside its action, so that `--help` stays quick.
 */
import type { Command } from 'commander';
import type { Catalogue } from '../domain/catalogue.ts';
import type { FiredrillError } from '../domain/errors.ts';

export interface Frame {
  /** Results: stdout. With `--json` the one document and nothing else. */
  out(text: string): void;
  /** Waits until all of it is written. False: it can't be, and nothing more will be. */
  written(): Promise<boolean>;
  /** Progress, warnings, errors: stderr. */
  err(text: string): void;
  /** The exit code when the command is over; the highest one wins. */
  setExit(code: number): void;
  /** Ends the process at once, because of this: its code is the exit code, and with `--json` it is the document. */
  leave(why: FiredrillError): never;
  env: NodeJS.ProcessEnv;
  /** Asks the person at the terminal, and gives what was typed (nothing for Ctrl-C and Ctrl-D). Absent when nobody sits there. */
  ask?(question: string): Promise<string>;
  /** Whether stderr is a terminal that may be redrawn, and whether colours are wanted (NO_COLOR, TTY). */
  live: boolean;
  color: boolean;
  /** Set when stdout is a terminal: lines wider than `columns` break there. */
  tty?: boolean;
  /** Terminal width in characters. */
  columns: number;
  catalogue(): Promise<Catalogue>;
}

export type Register = (program: Command, frame: Frame) => void;
