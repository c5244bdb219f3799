/** CPU time of whole commands that people and CI run often, against a node that does nothing. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { Row } from './table.ts';
import { median, summary } from './table.ts';

const runs = 7;
/** Linux reports process times in ticks of 10 ms; sysconf(_SC_CLK_TCK) is 100 everywhere that Node runs. */
const ticksPerSecond = 100;

export async function coldStart(): Promise<Row[]> {
  const program = 'dist/cli/main.js';
  const bare = await cpuSeconds(['-e', '0']);
  const help = await cpuSeconds([program, '--help']);
  const validate = await cpuSeconds([program, 'validate', 'drills/regional-failover.yaml']);
  return [
    { what: 'node -e 0, CPU', ...summary(bare, 's') },
    { what: 'firedrill --help, CPU', ...summary(help, 's'), aim: '< 0.2 s' },
    { what: 'firedrill validate, CPU', ...summary(validate, 's'), aim: '< 0.4 s' },
    { what: '--help against bare node', figure: `${(median(help) / median(bare)).toFixed(1)} x` },
    { what: 'validate against bare node', figure: `${(median(validate) / median(bare)).toFixed(1)} x` },
  ];
}

/** User and system time of the children that ended, as the kernel adds it up for this process. */
async function cpuSeconds(args: readonly string[]): Promise<number[]> {
  const seconds: number[] = [];
  for (let i = 0; i <= runs; i += 1) {
    const before = await childTicks();
    const child = spawn(process.execPath, args, { stdio: 'ignore' });
    await once(child, 'exit');
    if (i > 0) seconds.push(((await childTicks()) - before) / ticksPerSecond); // The first one warms the file cache.
  }
  return seconds;
}

async function childTicks(): Promise<number> {
  const stat = await readFile('/proc/self/stat', 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[13]) + Number(fields[14]);
}
