/**
 * The lab's end of the reaper (reaper.ts): starts it and tells it of every process as soon as there is one. Whoever starts a
 * process of the lab records it here in the same breath.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { processEntry } from './process-table.ts';

export interface Reaping {
  /** @param endsOn signal on which the process ends by itself; others are killed */
  record(pid: number, endsOn?: NodeJS.Signals): void;
  /** Closes the pipe. Resolves when everything recorded has ended and the directory is gone. */
  close(): Promise<void>;
}

/**
 * @param directory removed at the end
 * @param program compiled reaper-main
 */
export async function startReaping(directory: string, program: string): Promise<Reaping> {
  const child = spawn(process.execPath, [program], { detached: true, stdio: ['pipe', 'ignore', 'inherit'], cwd: '/' });
  await once(child, 'spawn');
  child.unref();
  const gone = once(child, 'close');
  // A lab whose reaper was killed still ends what it started, when it ends in good order.
  child.stdin.on('error', () => undefined);
  child.stdin.write(`directory ${directory}\n`);
  return {
    record(pid, endsOn) {
      const entry = processEntry(pid);
      if (entry !== undefined) child.stdin.write(`process ${pid} ${entry.startTime} ${endsOn ?? ''}\n`);
    },
    async close() {
      child.ref();
      child.stdin.end();
      await gone;
    },
  };
}
