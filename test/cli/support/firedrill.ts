/** The whole command line in this process, with streams that remember what was written. */
import { EventEmitter } from 'node:events';
import type { Writable } from 'node:stream';
import { main } from '../../../src/cli/program.ts';
import type { Io } from '../../../src/cli/terminal-frame.ts';

export interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

class Sink extends EventEmitter {
  text = '';
  readonly isTTY: boolean;
  readonly columns: number;

  constructor(isTTY: boolean, columns: number) {
    super();
    this.isTTY = isTTY;
    this.columns = columns;
  }

  write(text: string, onWritten?: () => void): boolean {
    this.text += text;
    onWritten?.();
    return true;
  }
}

interface Setting {
  env?: NodeJS.ProcessEnv;
  tty?: boolean;
  columns?: number;
  /** Where stdout goes, instead of being remembered. */
  into?: Writable;
}

export async function firedrill(
  args: readonly string[],
  { env = {}, tty = false, columns = 80, into }: Setting = {},
): Promise<Outcome> {
  const [stdout, stderr] = [new Sink(tty, columns), new Sink(tty, columns)];
  const code = await main({ stdin: { isTTY: false }, stdout: into ?? stdout, stderr } as unknown as Io, env, args);
  return { code, stdout: stdout.text, stderr: stderr.text };
}
