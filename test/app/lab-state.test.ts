/** Which lab stands on its own, told from a real process that lives and dies. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { rememberLab, standingLab } from '../../src/app/lab-state.ts';

let home: string;
let lab: ChildProcess;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'firedrill-lab-'));
  lab = spawn('sleep', ['1000']);
  await once(lab, 'spawn');
});
afterEach(async () => {
  await end();
  await rm(home, { recursive: true });
});

async function end(): Promise<void> {
  if (lab.exitCode !== null || lab.signalCode !== null) return;
  lab.kill('SIGKILL');
  await once(lab, 'close');
}

const ready = () => ({
  awsEndpoint: 'http://a',
  dns: { host: 'h', port: 1 },
  url: 'http://u',
  env: { A: 'b' },
  pid: lab.pid!,
});

it('a lab is known while its process lives, for its owner alone to read', async () => {
  await rememberLab(home, ready());
  expect(await standingLab(home)).toMatchObject(ready());
  expect((await stat(join(home, 'lab.json'))).mode & 0o077).toBe(0);
});

it('a lab that was killed is forgotten by whoever looks next', async () => {
  await rememberLab(home, ready());
  await end();
  expect(await standingLab(home)).toBeUndefined();
  expect(await readdir(home)).toEqual([]);
});

it('of two labs that come up at the same moment one is that of the home, and the other is told', async () => {
  const both = await Promise.allSettled(['a', 'b'].map((url) => rememberLab(home, { ...ready(), url })));
  const [known] = both.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const refused = both.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : []));
  expect(refused).toMatchObject([{ name: 'UsageError', code: 'lab-is-up' }]);
  expect(await standingLab(home)).toEqual(known);
  expect(await readdir(home)).toEqual(['lab.json']);
});

it('another process that got the pid of a dead lab is not the lab', async () => {
  await rememberLab(home, ready());
  const file = join(home, 'lab.json');
  const state = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
  await writeFile(file, JSON.stringify({ ...state, startTicks: '1' }));
  expect(await standingLab(home)).toBeUndefined();
});

it('a lab that ended at once is never remembered', async () => {
  const { pid } = ready();
  await end();
  await expect(rememberLab(home, { ...ready(), pid })).rejects.toMatchObject({ code: 'lab-failed' });
  expect(await readdir(home)).toEqual([]);
});

it('no lab is up in a home that is new', async () => {
  expect(await standingLab(join(home, 'nowhere'))).toBeUndefined();
});
