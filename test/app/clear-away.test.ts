/** What becomes of runs whose process was killed: a rehearsal ends, a real run waits for somebody to carry it on. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lockOf } from '../../src/app/app.ts';
import { clearKilledRehearsals } from '../../src/app/clear-away.ts';
import { recordOf } from '../../src/app/records.ts';
import { withApp } from '../../src/app/with-app.ts';
import { verifyChain } from '../../src/log/chain.ts';
import { tryLock } from '../../src/postgres/locks.ts';
import { emptyHead } from '../support/memory-log.ts';
import { begin, finishedRun, justNow, openTestApp, planFor } from './support/app.ts';
import type { TestApp } from './support/app.ts';

let test: TestApp;
beforeAll(async () => {
  test = await openTestApp();
});
afterAll(() => test.close());

const types = async (runId: string): Promise<string[]> =>
  (await test.app.log.read(runId)).map(({ event }) => event.type);

describe('a rehearsal that was killed', () => {
  it('is ended by the next command, as aborted, with nothing left to undo', async () => {
    await begin(test.app, planFor('killed', { environment: 'lab' }));
    await withApp(test.env, () => Promise.resolve());
    expect(await types('killed')).toEqual(['run.started', 'run.claimed', 'run.closing', 'run.finished']);
    expect(await recordOf(test.app, 'killed')).toMatchObject({ verdict: 'aborted', undo: 'none', exitCode: 4 });
    expect(verifyChain(await test.app.log.read('killed'))).toBeUndefined();
  });

  it('is ended once, whoever else looks at the same moment', async () => {
    await begin(test.app, planFor('raced', { environment: 'lab' }));
    await Promise.all([1, 2, 3, 4, 5, 6].map(() => clearKilledRehearsals(test.app)));
    expect((await types('raced')).filter((type) => type === 'run.finished')).toHaveLength(1);
    await clearKilledRehearsals(test.app);
    expect((await types('raced')).filter((type) => type === 'run.finished')).toHaveLength(1);
  });

  it('is ended with its prober: the command goes on when that has left', async () => {
    await begin(test.app, planFor('watched', { environment: 'lab' }));
    const watching = await tryLock(() => test.app.store.connect(), lockOf.prober('watched'));
    let cleared = false;
    const clearing = clearKilledRehearsals(test.app).then(() => (cleared = true));
    await expect.poll(() => types('watched')).toContain('run.finished');
    expect(cleared).toBe(false);
    await watching!.release();
    await clearing;
  });

  it('is left as it is by a command that saw it unfinished and comes too late', async () => {
    await begin(test.app, planFor('late', { environment: 'lab' }));
    const { log } = test.app;
    const stale = (await log.read('late')).slice();
    await clearKilledRehearsals(test.app);
    let first = true;
    const read: typeof log.read = (runId, after) => {
      if (runId !== 'late' || !first) return log.read(runId, after);
      first = false;
      return Promise.resolve(stale);
    };
    const before = await types('late');
    await clearKilledRehearsals({ ...test.app, log: { ...log, read } });
    expect(first).toBe(false);
    expect(await types('late')).toEqual(before);
  });

  it('is not taken for one that has just begun and is not driven yet', async () => {
    const event = {
      type: 'run.started',
      plan: planFor('young', { environment: 'lab' }),
      startedBy: 'ada',
      toolVersion: '1',
    } as const;
    await test.app.log.append('young', emptyHead, { ...event, mark: justNow(test.app.clock) });
    await clearKilledRehearsals(test.app);
    expect(await types('young')).toEqual(['run.started']);
  });

  it('is left alone while its process lives', async () => {
    await begin(test.app, planFor('alive', { environment: 'lab' }));
    const lock = await tryLock(() => test.app.store.connect(), lockOf.owner('alive'));
    await clearKilledRehearsals(test.app);
    expect(await types('alive')).toEqual(['run.started']);
    await lock!.release();
    await clearKilledRehearsals(test.app);
    expect(await types('alive')).toContain('run.finished');
  });
});

describe('anything else', () => {
  it('that is no rehearsal waits for people, however long it stands', async () => {
    await begin(test.app, planFor('real', { environment: 'aws' }));
    await begin(test.app, planFor('other', { environment: 'other' }));
    await clearKilledRehearsals(test.app);
    expect(await types('real')).toEqual(['run.started']);
    expect(await types('other')).toEqual(['run.started']);
  });

  it('that is over stays as it is', async () => {
    await finishedRun(test.app, 'over', { environment: 'lab' });
    const before = await types('over');
    await clearKilledRehearsals(test.app);
    expect(await types('over')).toEqual(before);
  });
});
