/** Peak memory of a command, and of the program that restores on an instance of the command's lab, as the kernel knows it. */
import { readFile, readdir } from 'node:fs/promises';

const everyMs = 250;

export function peaksOf(
  pid: number,
  home: string | undefined,
): { stop(): Promise<{ commandKb: number; toolKb: number }> } {
  let [commandKb, toolKb] = [0, 0];
  let tool: string | undefined;
  const look = async () => {
    commandKb = Math.max(commandKb, await peakOf(String(pid)));
    if (home !== undefined) tool ??= await toolOf(home);
    if (tool !== undefined) toolKb = Math.max(toolKb, await peakOf(tool));
  };
  let looking = Promise.resolve();
  const timer = setInterval(() => void (looking = looking.then(look)), everyMs);
  return {
    async stop() {
      clearInterval(timer);
      await looking;
      return { commandKb, toolKb };
    },
  };
}

/** Nothing of a process that has ended. */
const read = (pid: string, file: string): Promise<string> => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');

const peakOf = async (pid: string): Promise<number> =>
  Number(/VmHWM:\s+(\d+)/.exec(await read(pid, 'status'))?.[1] ?? 0);

async function toolOf(home: string): Promise<string | undefined> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const isTool = async (pid: string) =>
    (await read(pid, 'cmdline')).includes('restore-image.js') && (await read(pid, 'environ')).includes(home);
  const found = await Promise.all(pids.map(async (pid) => ((await isTool(pid)) ? [pid] : [])));
  return found.flat()[0];
}
