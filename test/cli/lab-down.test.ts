/** `lab down` under a run that stands on the lab. The lab is a process that only has to live and to be ended. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { lockOf } from '../../src/app/app.ts';
import { rememberLab } from '../../src/app/lab-state.ts';
import { emptyHead } from '../support/memory-log.ts';
import { tryLock } from '../../src/postgres/locks.ts';
import { begin, finishedRun, justNow, openTestApp, planFor } from '../app/support/app.ts';
import type { TestApp } from '../app/support/app.ts';
import { firedrill } from './support/firedrill.ts';

let test: TestApp;
let lab: ChildProcess;

beforeEach(async () => {
  test = await openTestApp();
  lab = spawn('sleep', ['1000']);
  await once(lab, 'spawn');
  const dns = { host: '127.0.0.1', port: 1 };
  await rememberLab(test.app.settings.home, {
    awsEndpoint: 'http://127.0.0.1:1',
    dns,
    url: 'http://u',
    env: {},
    pid: lab.pid!,
  });
});
afterEach(async () => {
  if (isUp()) {
    lab.kill('SIGKILL');
    await once(lab, 'close');
  }
  await test.close();
});

const isUp = (): boolean => lab.exitCode === null && lab.signalCode === null;
const down = (...options: string[]) => firedrill(['lab', 'down', ...options], { env: test.env });
const drive = (runId: string) => tryLock(() => test.app.store.connect(), lockOf.owner(runId));

it('is refused while a run is on against an endpoint that is not AWS, and names the run', async () => {
  await begin(test.app, planFor('r1', { environment: 'other' }));
  const lock = await drive('r1');
  expect(await down()).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/run r1 \(lose-a-zone\) is on[\s\S]*firedrill abort r1[\s\S]*--force/) as string,
  });
  const { stdout } = await down('--json');
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'lab-in-use' } });
  expect(isUp()).toBe(true);
  await lock!.release();
});

it('is refused under a run that has just begun, and that nobody drives yet', async () => {
  const { log, clock } = test.app;
  const plan = planFor('r1', { environment: 'other' });
  const started = { type: 'run.started', plan, startedBy: 'ada@host', toolVersion: '1.2.3' } as const;
  await log.append('r1', emptyHead, { ...started, mark: justNow(clock) });
  expect(await down()).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('run r1 (lose-a-zone) is on') as string,
  });
  expect(isUp()).toBe(true);
});

it('ends the lab all the same when it is forced', async () => {
  await begin(test.app, planFor('r1', { environment: 'other' }));
  const lock = await drive('r1');
  const closed = once(lab, 'close');
  expect(await down('--force')).toMatchObject({ code: 0, stdout: 'the lab is down\n' });
  await closed;
  await lock!.release();
});

it('is no failure where the lab ends by itself while it is asked who stands on it', async () => {
  const holding = await test.app.store.connect();
  await holding.query('BEGIN; LOCK TABLE firedrill.log');
  const ended = down();
  const waiting = `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'`;
  // Within a transaction, pg_stat_activity stays as it was first read: so another session looks.
  await expect.poll(async () => (await test.app.store.pool.query(waiting)).rowCount).toBeGreaterThan(0);
  const closed = once(lab, 'close');
  lab.kill('SIGKILL');
  await closed;
  await holding.query('COMMIT');
  await holding.end();
  expect(await ended).toMatchObject({ code: 0, stdout: 'the lab is down\n' });
});

it('is not kept up by runs that are over, that run elsewhere, or whose process is gone', async () => {
  await finishedRun(test.app, 'over', { environment: 'other' });
  await begin(test.app, planFor('elsewhere', { environment: 'aws' }));
  await begin(test.app, planFor('left', { environment: 'other' }));
  const lock = await drive('elsewhere');
  const closed = once(lab, 'close');
  expect(await down()).toMatchObject({
    code: 0,
    stdout: 'the lab is down\n',
    stderr: expect.stringContaining('left (lose-a-zone) was left in the middle') as string,
  });
  await closed;
  await lock!.release();
});

it('ends the record of a run that was left on this lab, and of no other, and is not refused under a run on another one', async () => {
  const endpoint = 'http://127.0.0.1:1';
  await begin(test.app, planFor('here', { environment: 'other' }), endpoint);
  await begin(test.app, planFor('unknown', { environment: 'other' }));
  await begin(test.app, planFor('there', { environment: 'other' }), 'http://127.0.0.1:2');
  await begin(test.app, planFor('on-there', { environment: 'other' }), 'http://127.0.0.1:2');
  const lock = await drive('on-there');
  const closed = once(lab, 'close');
  expect(await down()).toMatchObject({ code: 0, stderr: expect.not.stringContaining('there (') as string });
  await closed;
  await lock!.release();
  const states = JSON.parse((await firedrill(['runs', '--json'], { env: test.env })).stdout) as unknown[];
  expect(states).toMatchObject([
    { runId: 'on-there', state: 'forward' },
    { runId: 'there', state: 'forward' },
    { runId: 'unknown', state: 'forward' },
    { runId: 'here', state: 'finished', verdict: 'aborted', exitCode: 4, undo: 'none' },
  ]);
});
