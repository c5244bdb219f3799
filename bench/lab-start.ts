/** How long a lab takes from nothing to every target healthy, and what it needs of memory. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Row } from './table.ts';
import { summary } from './table.ts';

const rounds = 3;

export async function labStart(): Promise<Row[]> {
  const seconds: number[] = [];
  let megabytes = 0;
  for (let round = 0; round < rounds; round += 1) {
    const home = await mkdtemp(join(tmpdir(), 'firedrill-bench-'));
    await chmod(home, 0o711); // As root, Postgres runs as somebody else, who must be able to pass.
    const config = JSON.stringify({ estate: 'multi-region', profile: 'fast', home, attached: true });
    const from = performance.now();
    const lab = spawn(process.execPath, ['dist/lab/main.js', config], { stdio: ['pipe', 'pipe', 'ignore'] });
    await once(lab.stdout, 'data');
    seconds.push((performance.now() - from) / 1000);
    megabytes = (await proportionalKb(home)) / 1024;
    lab.stdin.end();
    await once(lab, 'close');
    await rm(home, { recursive: true, force: true });
  }
  return [
    { what: 'start, until everything is healthy', ...summary(seconds, 's', 1), aim: '< 5 s' },
    { what: 'memory of all its processes (PSS)', figure: `${megabytes.toFixed(0)} MB` },
  ];
}

/** Memory of every process that has the home on its command line or in its environment, shared pages counted once. */
async function proportionalKb(home: string): Promise<number> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && name !== String(process.pid));
  const each = await Promise.all(
    pids.map(async (pid) => {
      const read = (file: string) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
      const belongs = (await read('cmdline')).includes(home) || (await read('environ')).includes(home);
      return belongs ? Number(/^Pss:\s+(\d+)/m.exec(await read('smaps_rollup'))?.[1] ?? 0) : 0;
    }),
  );
  return each.reduce((sum, kb) => sum + kb, 0);
}
