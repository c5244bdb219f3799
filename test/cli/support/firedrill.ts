/** The whole command line in this process, with streams that remember what was written. */
import { EventEmitter } from 'node:events';
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
  readonly columns = 80;

  constructor(isTTY: boolean) {
    super();
    this.isTTY = isTTY;
  }

  write(text: string): boolean {
    this.text += text;
    return true;
  }
}

export async function firedrill(
  args: readonly string[],
  { env = {}, tty = false }: { env?: NodeJS.ProcessEnv; tty?: boolean } = {},
): Promise<Outcome> {
  const [stdout, stderr] = [new Sink(tty), new Sink(tty)];
  const code = await main({ stdin: { isTTY: false }, stdout, stderr } as unknown as Io, env, args);
  return { code, stdout: stdout.text, stderr: stderr.text };
}
