/** What becomes of runs whose process was killed: a rehearsal ends, a real run waits for somebody to carry it on. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lockOf } from '../../src/app/app.ts';
import { clearAway } from '../../src/app/clear-away.ts';
import { identify } from '../../src/app/process-identity.ts';
import { recordOf } from '../../src/app/records.ts';
import { withApp } from '../../src/app/with-app.ts';
import type { ProcessIdentity } from '../../src/domain/event.ts';
import type { Plan } from '../../src/domain/plan.ts';
import { verifyChain } from '../../src/log/chain.ts';
import { tryLock } from '../../src/postgres/locks.ts';
import { needsPerson } from '../../src/report/afterwards.ts';
import { Journal } from '../../src/run/journal.ts';
import { emptyHead } from '../support/memory-log.ts';
import { begin, finishedRun, goneProcess, justNow, killedRun, openTestApp, planFor, stuckRun } from './support/app.ts';
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

  it.each([
    ['before it changed anything', 1, 'none'],
    ['while what it changed stood', 5, 'incomplete'],
    ['after it had taken everything back', 8, 'complete'],
  ] as const)('%s says what became of that, and needs nobody for what went with its lab', async (_, events, undo) => {
    const runId = `killed-${events}`;
    await killedRun(test.app, runId, events, { environment: 'lab' });
    await clearAway(test.app);
    const record = await recordOf(test.app, runId);
    expect(record).toMatchObject({ verdict: 'aborted', killed: true, exitCode: 4, undo });
    expect(needsPerson(record)).toBe(false);
  });

  it('is ended once, whoever else looks at the same moment', async () => {
    await begin(test.app, planFor('raced', { environment: 'lab' }));
    await Promise.all([1, 2, 3, 4, 5, 6].map(() => clearAway(test.app)));
    expect((await types('raced')).filter((type) => type === 'run.finished')).toHaveLength(1);
    await clearAway(test.app);
    expect((await types('raced')).filter((type) => type === 'run.finished')).toHaveLength(1);
  });

  it('is ended with its prober: the command goes on when that has left', async () => {
    await begin(test.app, planFor('watched', { environment: 'lab' }));
    const watching = await tryLock(() => test.app.store.connect(), lockOf.prober('watched'));
    let cleared = false;
    const clearing = clearAway(test.app).then(() => (cleared = true));
    await expect.poll(() => types('watched')).toContain('run.finished');
    expect(cleared).toBe(false);
    await watching!.release();
    await clearing;
  });

  it('is left as it is by a command that saw it unfinished and comes too late', async () => {
    await begin(test.app, planFor('late', { environment: 'lab' }));
    const { log } = test.app;
    const stale = (await log.read('late')).slice();
    await clearAway(test.app);
    let first = true;
    const read: typeof log.read = (runId, after) => {
      if (runId !== 'late' || !first) return log.read(runId, after);
      first = false;
      return Promise.resolve(stale);
    };
    const before = await types('late');
    await clearAway({ ...test.app, log: { ...log, read } });
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
    await clearAway(test.app);
    expect(await types('young')).toEqual(['run.started']);
  });

  it('is left alone while its process lives', async () => {
    await begin(test.app, planFor('alive', { environment: 'lab' }));
    const lock = await tryLock(() => test.app.store.connect(), lockOf.owner('alive'));
    await clearAway(test.app);
    expect(await types('alive')).toEqual(['run.started']);
    await lock!.release();
    await clearAway(test.app);
    expect(await types('alive')).toContain('run.finished');
  });
});

describe('a run that could not undo everything, in a lab that is gone', () => {
  const inGoneLab = async (runId: string, more: Partial<Plan> = { environment: 'lab' }): Promise<void> =>
    stuckRun(test.app, runId, more, await goneProcess(test.app));

  it('needs nobody any more, by an addendum that changes nothing of its record', async () => {
    await inGoneLab('stuck');
    const before = await recordOf(test.app, 'stuck');
    expect(needsPerson(before)).toBe(true);
    await withApp(test.env, () => Promise.resolve());
    const { addenda, resources, ...after } = await recordOf(test.app, 'stuck');
    expect(addenda).toMatchObject([{ by: 'firedrill', gone: true, undo: 'incomplete', undone: [], left: [] }]);
    expect(resources.map(({ state }) => state)).toEqual(before.resources.map(() => 'deleted'));
    expect({ ...after, resources: before.resources }).toEqual(before);
    expect(needsPerson({ ...after, addenda })).toBe(false);
    expect(verifyChain(await test.app.log.read('stuck'))).toBeUndefined();
  });

  it('is told of once, whoever else looks at the same moment', async () => {
    await inGoneLab('stuck-raced', { environment: 'other' });
    await Promise.all([1, 2, 3, 4, 5, 6].map(() => clearAway(test.app)));
    await clearAway(test.app);
    expect((await types('stuck-raced')).filter((type) => type === 'undo.ended')).toHaveLength(1);
  });

  it('is left to the process that is taking it back', async () => {
    await inGoneLab('retried');
    const lock = await tryLock(() => test.app.store.connect(), lockOf.owner('retried'));
    await clearAway(test.app);
    expect(await types('retried')).not.toContain('undo.ended');
    await lock!.release();
    await clearAway(test.app);
    expect(await types('retried')).toContain('undo.ended');
  });

  it('is told of also where an undo was broken off', async () => {
    await inGoneLab('broken-off');
    const journal = await Journal.reopen(test.app.log, test.app.clock, 'broken-off');
    await journal.append({ type: 'undo.retried', by: 'ada', owner: 'process-2' });
    await clearAway(test.app);
    const record = await recordOf(test.app, 'broken-off');
    expect(record.addenda).toMatchObject([{ by: 'ada' }, { by: 'firedrill', gone: true }]);
    expect(record.addenda![0]!.endedAt).toBeUndefined();
    expect(needsPerson(record)).toBe(false);
  });
});

describe('a run that was left in the middle in a lab of its user’s', () => {
  it('is ended once that is gone, and not before', async () => {
    const plan = planFor('left', { environment: 'other' });
    await begin(test.app, plan, undefined, await goneProcess(test.app));
    const here = await identify(test.app.clock, process.pid);
    await begin(test.app, planFor('left-in-one-that-is-up', { environment: 'other' }), undefined, here);
    await clearAway(test.app);
    expect(await recordOf(test.app, 'left')).toMatchObject({ verdict: 'aborted', killed: true });
    expect(await types('left-in-one-that-is-up')).toEqual(['run.started']);
  });
});

describe('anything else', () => {
  it.each<[string, () => Promise<ProcessIdentity | undefined>, Partial<Plan>]>([
    ['on AWS', () => Promise.resolve(undefined), { environment: 'aws' }],
    ['where no lab is known', () => Promise.resolve(undefined), { environment: 'other' }],
    ['in a lab that is up', () => identify(test.app.clock, process.pid), { environment: 'lab' }],
    [
      'in a lab of another machine',
      async () => ({ ...(await goneProcess(test.app)), host: 'b' }),
      { environment: 'lab' },
    ],
  ])('that could not undo everything needs a person: %s', async (where, lab, more) => {
    await stuckRun(test.app, where, more, await lab());
    const before = await types(where);
    await clearAway(test.app);
    expect(await types(where)).toEqual(before);
    expect(needsPerson(await recordOf(test.app, where))).toBe(true);
  });

  it('that is no rehearsal waits for people, however long it stands', async () => {
    await begin(test.app, planFor('real', { environment: 'aws' }));
    await begin(test.app, planFor('other', { environment: 'other' }));
    await clearAway(test.app);
    expect(await types('real')).toEqual(['run.started']);
    expect(await types('other')).toEqual(['run.started']);
  });

  it('that is over stays as it is', async () => {
    await finishedRun(test.app, 'over', { environment: 'lab' });
    const before = await types('over');
    await clearAway(test.app);
    expect(await types('over')).toEqual(before);
  });
});
