/** `firedrill undo` of runs that are over, on a store of their own. What it does to an estate is tried in the lab. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lockOf } from '../../src/app/app.ts';
import type { RunRecord } from '../../src/domain/record.ts';
import { tryLock } from '../../src/postgres/locks.ts';
import { Journal } from '../../src/run/journal.ts';
import { finishedRun, goneProcess, openTestApp, stuckRun } from '../app/support/app.ts';
import type { TestApp } from '../app/support/app.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { firedrill } from './support/firedrill.ts';

let test: TestApp;

beforeAll(async () => {
  test = await openTestApp();
  await finishedRun(test.app, 'done');
  await stuckRun(test.app, 'rehearsed');
  await stuckRun(test.app, 'stuck', { environment: 'aws' });
});
afterAll(() => test.close());

const on = (...args: string[]) => firedrill(args, { env: test.env });
const headOf = (runId: string): Promise<number> => test.app.log.head(runId);

describe('firedrill undo of a run that is over', () => {
  it('has nothing to do where everything was undone, whatever the verdict', async () => {
    const head = await headOf('done');
    expect(await on('undo', 'done')).toEqual({
      code: 0,
      stdout: 'run done is over: there is nothing left to take back\n',
      stderr: '',
    });
    expect(JSON.parse((await on('undo', 'done', '--json')).stdout)).toMatchObject({ runId: 'done', verdict: 'pass' });
    expect(await headOf('done')).toBe(head);
  });

  it('asks where the lab is, of a rehearsal, before it touches anything', async () => {
    const head = await headOf('rehearsed');
    const { code, stderr } = await on('undo', 'rehearsed');
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('firedrill lab env') });
    expect(await headOf('rehearsed')).toBe(head);
  });

  it('looks for nothing of a run on AWS at another endpoint, where it would seem to be gone', async () => {
    const head = await headOf('stuck');
    const env = { ...test.env, AWS_ENDPOINT_URL: 'http://127.0.0.1:9' };
    const { code, stderr } = await firedrill(['undo', 'stuck'], { env });
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('began on AWS, not here') });
    expect(await headOf('stuck')).toBe(head);
  });

  it('leaves it to the process that does the same already', async () => {
    const lock = await tryLock(() => test.app.store.connect(), lockOf.owner('stuck'));
    const { code, stderr } = await on('undo', 'stuck');
    await lock!.release();
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('is being taken back by another') });
    expect(stderr).not.toContain('firedrill abort');
  });

  it('says what a person must do when it could not take everything back, and can be asked again', async () => {
    const { code, stdout } = await on('undo', 'stuck');
    expect(code).toBe(5);
    expect(stdout).toMatch(/^run stuck: nothing could be taken back; a person is still needed:\n {2}lose: /);
    const again = await on('undo', 'stuck', '--json');
    expect(again.code).toBe(5);
    expect((JSON.parse(again.stdout) as RunRecord).addenda).toMatchObject([
      { undo: 'incomplete', undone: [], left: [expect.stringContaining('Part acl of step lose')] },
      { undo: 'incomplete' },
    ]);
  });

  it('closes one that was broken off when all was done already', async () => {
    await stuckRun(test.app, 'broken-off', { environment: 'aws' });
    const journal = await Journal.reopen(test.app.log, new VirtualClock(), 'broken-off');
    await journal.append({ type: 'undo.retried', by: 'ada', owner: 'host:1:x' });
    await journal.append({ type: 'step.undoing', step: 'lose', part: 'acl' });
    await journal.append({ type: 'step.undone', step: 'lose', part: 'acl' });
    expect(await on('undo', 'broken-off')).toMatchObject({
      code: 0,
      stdout: 'run broken-off: nothing is left to take back\n',
    });
    expect((await on('undo', 'broken-off')).stdout).toContain('is over: there is nothing left');
  });

  it('has nothing to do where the rest went with its lab', async () => {
    await stuckRun(test.app, 'gone', { environment: 'lab' }, await goneProcess(test.app));
    expect(await on('undo', 'gone')).toEqual({
      code: 0,
      stdout: 'run gone is over: what it could not undo went with its lab\n',
      stderr: '',
    });
    const { code, stderr } = await on('resume', 'gone');
    expect({ code, stderr }).toEqual({ code: 5, stderr: expect.stringContaining('the rest went with its lab') });
    expect(await on('verify', 'gone')).toMatchObject({ code: 0 });
  });

  it('is what "resume" points at, and what "verify" still holds to be the same run', async () => {
    const { code, stderr } = await on('resume', 'stuck');
    expect({ code, stderr }).toEqual({ code: 5, stderr: expect.stringContaining('firedrill undo stuck') });
    expect(await on('verify', 'stuck')).toMatchObject({ code: 0 });
  });
});
