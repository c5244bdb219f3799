/** The frame of a command that runs at a terminal, or in a pipe. */
import type { Frame } from './frame.ts';

/** Where a command reads and writes: the process, or a test. */
export type Io = Pick<NodeJS.Process, 'stdin' | 'stdout' | 'stderr'>;

interface Setting {
  /** Colours, where there is a terminal for them. */
  color: boolean;
  setExit: (code: number) => void;
  onPrint: () => void;
}

export function frameOf(io: Io, env: NodeJS.ProcessEnv, { color: wanted, setExit, onPrint }: Setting): Frame {
  const { stdin, stdout, stderr } = io;
  stdout.on('error', ignoreWhenNobodyReads);
  // Progress and logs: a full disk that they are written to must not end a run that has to undo.
  stderr.on('error', () => {});
  const dumb = env['TERM'] === 'dumb';
  const color = wanted && !env['NO_COLOR'] && !dumb;
  return {
    out(text) {
      onPrint();
      stdout.write(`${text}\n`);
    },
    err: (text) => void stderr.write(`${text}\n`),
    setExit,
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

/** Whoever reads may go away (`| head`, a terminal that is closed); a run goes on, and undoes, all the same. */
function ignoreWhenNobodyReads(error: NodeJS.ErrnoException): void {
  if (!nobodyReads.has(error.code)) throw error;
}

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
