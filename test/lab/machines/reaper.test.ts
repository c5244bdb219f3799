import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { processEntry, processTable, type ProcessEntry } from '../../../src/lab/machines/process-table.ts';
import { reap, survivors } from '../../../src/lab/machines/reaper.ts';

const entry = (pid: number, more: Partial<ProcessEntry> = {}): ProcessEntry => ({
  pid,
  parent: 1,
  group: pid,
  startTime: '100',
  zombie: false,
  ...more,
});
const pidsOf = (found: ProcessEntry[]) => found.map(({ pid }) => pid);

describe('what the reaper may end', () => {
  const recorded = [{ pid: 10, startTime: '100' }];

  it('is what was recorded, its group, and everything that descends from it', () => {
    const table = [
      entry(10),
      entry(11, { group: 10 }),
      entry(12, { parent: 11 }),
      entry(13, { parent: 12 }),
      entry(20),
    ];
    expect(pidsOf(survivors(recorded, table))).toEqual([10, 11, 12, 13]);
  });

  it('is the rest of a group whose leader has ended', () => {
    expect(pidsOf(survivors(recorded, [entry(11, { group: 10 }), entry(20)]))).toEqual([11]);
  });

  it('is never a process that was given the pid later, nor its group', () => {
    const table = [entry(10, { startTime: '200' }), entry(11, { group: 10 }), entry(12, { parent: 10 })];
    expect(survivors(recorded, table)).toEqual([]);
  });
});

describe('the process table', () => {
  it('knows this process, and nobody where there is none', () => {
    expect(processTable().some(({ pid }) => pid === process.pid)).toBe(true);
    expect(processEntry(process.pid)).toMatchObject({ pid: process.pid, parent: process.ppid, zombie: false });
    expect(processEntry(2 ** 22 + 1)).toBeUndefined();
  });
});

describe('the reaper', () => {
  const children: ChildProcess[] = [];
  const run = (script: string): ChildProcess => {
    const child = spawn('/bin/sh', ['-c', script], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
    children.push(child);
    return child;
  };
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });
  const line = (child: ChildProcess, signal = '') =>
    `process ${child.pid} ${processEntry(child.pid ?? 0)?.startTime} ${signal}\n`;

  it('ends what is left when the pipe closes, asks first what can end by itself, and removes the directory', async () => {
    const place = await mkdtemp(join(tmpdir(), 'firedrill reaper-'));
    const [directory, farewell] = [join(place, 'lab'), join(place, 'farewell')];
    await mkdir(join(directory, 'data'), { recursive: true });
    const polite = run(`trap ': >"${farewell}"; exit 0' QUIT; echo up; while :; do sleep 0.05; done`);
    const family = run(`sleep 1000 & echo $!; wait`);
    const bystander = run('echo up; exec sleep 1000');
    const [[, grandchild]] = await Promise.all([
      Promise.all([once(polite.stdout!, 'data'), once(family.stdout!, 'data').then(([chunk]) => Number(chunk))]),
      once(bystander.stdout!, 'data'),
    ]);
    const input = new PassThrough();
    const done = reap(input);
    input.write(`directory ${directory}\n${line(polite, 'SIGQUIT')}${line(family)}`);
    input.end(`process ${bystander.pid} 1 \n`);
    await done;
    expect([polite.pid, family.pid, grandchild].filter((pid) => processEntry(pid ?? 0)?.zombie === false)).toEqual([]);
    expect(existsSync(farewell)).toBe(true);
    expect(existsSync(directory)).toBe(false);
    expect(processEntry(bystander.pid ?? 0)).toMatchObject({ zombie: false });
    await rm(place, { recursive: true });
  });

  it('ends what lives on an instance, though nobody recorded it and nothing ties it to the lab but its environment', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'firedrill-reaper-'));
    const start = (instance: string): ChildProcess => {
      const env = { PATH: process.env['PATH'], LAB_INSTANCE: instance };
      const child = spawn('/bin/sh', ['-c', 'exec sleep 1000'], {
        env,
        cwd: '/',
        detached: true,
        stdio: 'ignore',
      });
      children.push(child);
      return child;
    };
    const [inhabitant, neighbour] = [start(join(directory, 'i-1')), start(`${directory}-other/i-1`)];
    // Its environment can't be read in the moment in which it becomes another program.
    const program = ({ pid }: ChildProcess) => readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    for (const child of [inhabitant, neighbour]) await expect.poll(() => program(child)).toBe('sleep\x001000\x00');
    const input = new PassThrough();
    const done = reap(input);
    input.end(`directory ${directory}\n`);
    await done;
    expect(processEntry(inhabitant.pid ?? 0)?.zombie ?? true).toBe(true);
    expect(processEntry(neighbour.pid ?? 0)).toMatchObject({ zombie: false });
  });
});
