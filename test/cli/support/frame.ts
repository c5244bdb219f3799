/** What a command is given in a test: an environment, no terminal, and somebody who writes down what it says. */
import { catalogue } from '../../../src/app/catalogue.ts';
import type { Frame } from '../../../src/cli/frame.ts';

export interface TestFrame extends Frame {
  said: { out: string; err: string; exitCode: number };
}

export function testFrame(env: NodeJS.ProcessEnv = {}, more: Partial<Frame> = {}): TestFrame {
  const said = { out: '', err: '', exitCode: 0 };
  return {
    said,
    out: (text) => void (said.out += `${text}\n`),
    leave(why) {
      throw why;
    },
    written: () => Promise.resolve(true),
    err: (text) => void (said.err += `${text}\n`),
    setExit: (code) => void (said.exitCode = Math.max(said.exitCode, code)),
    env,
    live: false,
    color: false,
    columns: 100,
    catalogue: () => Promise.resolve(catalogue),
    ...more,
  };
}
