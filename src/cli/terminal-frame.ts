/** The frame of a command that runs at a terminal, or in a pipe. */
import type { Frame } from './frame.ts';

/** Where a command reads and writes: the process, or a test. */
export type Io = Pick<NodeJS.Process, 'stdin' | 'stdout' | 'stderr'>;

interface Setting {
  /** Colours, where there is a terminal for them. */
  color: boolean;
  setExit: (code: number) => void;
  onPrint: () => void;
  leave: Frame['leave'];
}

/** Exit code of a command whose result could not be written, where nothing worse came of it. */
const unwrittenCode = 1;

export function frameOf(io: Io, env: NodeJS.ProcessEnv, { color: wanted, setExit, onPrint, leave }: Setting): Frame {
  const { stdin, stdout, stderr } = io;
  // Neither the result nor progress and logs: a full disk that they are written to must not end a run that has to undo.
  for (const stream of [stdout, stderr]) stream.on('error', () => {});
  const err = (text: string): void => void stderr.write(`${text}\n`);
  let writing: Promise<boolean> = Promise.resolve(true);
  let lost = false;
  const onWritten = (error: Error | null | undefined): boolean => {
    if (!error) return true;
    if (!lost && !meansThatNobodyReads(error)) {
      err(`error: the result could not be written to stdout: ${error.message}`);
      setExit(unwrittenCode);
    }
    lost = true;
    return false;
  };
  const dumb = env['TERM'] === 'dumb';
  const color = wanted && !env['NO_COLOR'] && !dumb;
  return {
    out(text) {
      onPrint();
      const now = new Promise<boolean>((resolve) => {
        stdout.write(`${text}\n`, (error) => resolve(onWritten(error)));
      });
      writing = Promise.all([writing, now]).then(([before, after]) => before && after);
    },
    written: () => writing,
    err,
    setExit,
    leave,
    env,
    ask: stdin.isTTY && stderr.isTTY ? (question) => askAtTerminal(io, question) : undefined,
    live: stderr.isTTY && !dumb,
    color: color && stdout.isTTY,
    tty: stdout.isTTY,
    // A terminal that says 0 doesn't know.
    columns: [stdout.columns, stderr.columns].find((columns) => columns > 0) ?? 100,
    async catalogue() {
      const { catalogue } = await import('../app/catalogue.ts');
      return catalogue;
    },
  };
}

/** Whoever reads may go away (`| head`, a terminal that is closed), and needs no word about it. */
const meansThatNobodyReads = ({ code }: NodeJS.ErrnoException): boolean => nobodyReads.has(code);

const nobodyReads: ReadonlySet<string | undefined> = new Set(['EPIPE', 'EIO', 'ERR_STREAM_DESTROYED']);

async function askAtTerminal({ stdin, stderr }: Io, question: string): Promise<string> {
  const { createInterface } = await import('node:readline');
  const terminal = createInterface({ input: stdin, output: stderr });
  return new Promise((resolve) => {
    let answer: string | undefined;
    terminal.once('close', () => {
      if (answer === undefined) stderr.write('\n');
      resolve(answer?.trim() ?? '');
    });
    terminal.question(question, (typed) => {
      answer = typed;
      terminal.close();
    });
  });
}
