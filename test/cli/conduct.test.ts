/** What is shown and kept of a run when it is over. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordOf } from '../../src/app/records.ts';
import { conduct } from '../../src/cli/conduct.ts';
import { finishedRun, openTestApp } from '../app/support/app.ts';
import type { TestApp } from '../app/support/app.ts';
import { testFrame } from './support/frame.ts';
import { listening } from './support/signals.ts';

let test: TestApp;
beforeAll(async () => {
  test = await openTestApp();
});
afterAll(() => test.close());

it('a run whose samples are broken is shown and has its page, without them', async () => {
  const { app, env } = test;
  await finishedRun(app, 'r1', { environment: 'aws' });
  await app.samples.putChunk({ runId: 'r1', prober: 'p', n: 3, gz: Buffer.from('not a chunk'), hash: 'f'.repeat(64) });
  const frame = testFrame(env);
  const driver = { drive: () => Promise.resolve(), close: () => Promise.resolve() };
  await conduct(frame, app, { run: 'r1', driver, json: true, autoApprove: false, env });
  const record = await recordOf(app, 'r1');
  expect(JSON.parse(frame.said.out)).toMatchObject({ runId: 'r1', verdict: record.verdict });
  expect(frame.said).toMatchObject({ exitCode: record.exitCode });
  expect(frame.said.err).toMatch(/shows no samples: the raw samples of prober p are not the ones/);
  expect(await readFile(join(app.settings.home, 'reports', 'r1.html'), 'utf8')).toContain('r1');
});

describe('a run that is carried on', () => {
  const never = new AbortController().signal;
  const inTime = { signal: never, unlessStopped: <T>(work: Promise<T>) => work, tooLate() {}, over() {} };

  it('to be taken back is aborted before it is driven', async () => {
    const { app, env } = test;
    await finishedRun(app, 'r2', { environment: 'aws' });
    let found: unknown;
    const drive = async () => void (found = (await app.inbox.read('r2', 0)).map(({ message }) => message));
    const driver = { drive, close: () => Promise.resolve() };
    const how = { driver, json: true, undo: true, autoApprove: false, env, early: inTime };
    await conduct(testFrame(env), app, { run: 'r2', ...how });
    expect(found).toMatchObject([{ kind: 'abort', reason: 'firedrill undo' }]);
  });

  it('is not touched when somebody said stop before', async () => {
    const { app, env } = test;
    await finishedRun(app, 'r3', { environment: 'aws' });
    let driven = false;
    const driver = { drive: async () => void (driven = true), close: () => Promise.resolve() };
    const stopped = new Error('stopped');
    const over = (): void => {
      throw stopped;
    };
    const how = { driver, json: true, undo: true, autoApprove: false, env, early: { ...inTime, over } };
    await expect(conduct(testFrame(env), app, { run: 'r3', ...how })).rejects.toBe(stopped);
    expect({ driven, inbox: await app.inbox.read('r3', 0) }).toEqual({ driven: false, inbox: [] });
  });

  it('is left at once by a second Ctrl-C, with what a person must do', async () => {
    const { app, env } = test;
    await finishedRun(app, 'r4', { environment: 'aws' });
    let end = (): void => undefined;
    const driving = new Promise<void>((resolve) => (end = resolve));
    let done: Promise<unknown> = Promise.resolve();
    const signal = await listening(
      () =>
        new Promise<void>((begun) => {
          const drive = (): Promise<void> => {
            begun();
            return driving;
          };
          const driver = { drive, close: () => Promise.resolve() };
          done = conduct(testFrame(env), app, { run: 'r4', driver, json: true, autoApprove: false, env });
        }),
    );
    signal('SIGINT');
    await expect.poll(() => app.inbox.read('r4', 0)).toMatchObject([{ message: { kind: 'abort' } }]);
    expect(() => signal('SIGINT')).toThrow('run r4 was left before its end, and is not undone');
    end();
    await done;
  });
});
