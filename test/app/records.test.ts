/** Records out of the store. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { entriesOf, recordOf, reportInputOf } from '../../src/app/records.ts';
import { begin, finishedRun, openTestApp, planFor } from './support/app.ts';
import type { TestApp } from './support/app.ts';

let test: TestApp;
beforeAll(async () => {
  test = await openTestApp();
  await finishedRun(test.app, 'r1');
});
afterAll(() => test.close());

it('the record of a run is what its log says: verdict, figures, steps, and the hash that stands for all of it', async () => {
  const entries = await entriesOf(test.app, 'r1');
  const record = await recordOf(test.app, 'r1');
  expect(record).toMatchObject({
    schemaVersion: 1,
    runId: 'r1',
    drill: 'lose-a-zone',
    verdict: 'pass',
    undo: 'complete',
    startedBy: 'ada@host',
    recordHash: entries.at(-1)!.hash,
    recovery: { measured: { lowerMs: 4_400, upperMs: 4_600, clock: 'monotonic', episodes: 1 } },
    steps: [{ id: 'lose', state: 'undone', awsCalls: 3 }],
    events: { published: 0, pending: 0 },
  });
});

it('a report is given the samples and the log besides', async () => {
  const input = await reportInputOf(test.app, await recordOf(test.app, 'r1'));
  expect(input.samples.length).toBe(194);
  expect(input.entries.at(-1)!.event.type).toBe('run.finished');
});

it('a run that is not there is the user’s mistake, with a way to find the right one', async () => {
  await expect(entriesOf(test.app, 'r2')).rejects.toMatchObject({
    name: 'UsageError',
    code: 'run-not-found',
    remedy: expect.stringContaining('firedrill runs'),
  });
});

it('a run that is still on has no record', async () => {
  await begin(test.app, planFor('on'));
  await expect(recordOf(test.app, 'on')).rejects.toMatchObject({ code: 'run-unfinished' });
});
