import { afterAll, beforeAll, expect, it } from 'vitest';
import { once } from 'node:events';
import { alone, breakLock, holderOf, isHeld, tryLock } from '../../src/postgres/locks.ts';
import { migrate } from '../../src/postgres/migrate.ts';
import { ridingOut } from '../../src/postgres/outage.ts';
import type { TestStore } from './temporary.ts';
import { temporaryStore } from './temporary.ts';

let store: TestStore;
beforeAll(async () => {
  store = await temporaryStore();
});
afterAll(() => store.close());

it('a lock has one holder, is seen by others and free after release', async () => {
  const held = await tryLock(store.connect, 'prober:r1');
  expect(await isHeld(store.pool, 'prober:r1')).toBe(true);
  expect(await isHeld(store.pool, 'prober:r2')).toBe(false);
  expect(await tryLock(store.connect, 'prober:r1')).toBeUndefined();
  await held!.release();
  expect(held!.lost.aborted).toBe(false);
  await expect.poll(() => isHeld(store.pool, 'prober:r1')).toBe(false);
});

it('a lock is free as soon as its session breaks, and its holder is told', async () => {
  const held = (await tryLock(store.connect, 'owner:r1'))!;
  const lost = once(held.lost, 'abort');
  await store.pool.query(
    `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted AND mode = 'ExclusiveLock'`,
  );
  await lost;
  expect(await isHeld(store.pool, 'owner:r1')).toBe(false);
  await held.release();
});

it('a holder whose event loop turns shows life, and keeps its lock', async () => {
  const held = (await tryLock(store.connect, 'owner:lively', 20))!;
  const quiet = async (): Promise<number> => (await holderOf(store.pool, 'owner:lively'))!.quietMs;
  await store.pool.query('SELECT pg_sleep(0.3)');
  await expect.poll(quiet).toBeLessThan(250);
  expect(await breakLock(store.pool, 'owner:lively', 60_000)).toBe(false);
  expect(held.lost.aborted).toBe(false);
  await held.release();
  expect(await holderOf(store.pool, 'owner:lively')).toBeUndefined();
});

it('a lock is free once it was released, also in the middle of a sign of life', async () => {
  for (let n = 0; n < 30; n += 1) {
    const held = (await tryLock(store.connect, 'owner:leaving', 1))!;
    await store.pool.query('SELECT pg_sleep(0.003)');
    await held.release();
    expect(await isHeld(store.pool, 'owner:leaving')).toBe(false);
  }
});

it('a lock is broken also when its owner has it again at once, in another session', async () => {
  const held = (await tryLock(store.connect, 'owner:quick', 60_000))!;
  let again: Awaited<ReturnType<typeof tryLock>>;
  const pool = {
    async query(text: string, values: unknown[]) {
      const result = await store.pool.query(text, values);
      while (!again) again = await tryLock(store.connect, 'owner:quick', 60_000);
      return result;
    },
  };
  expect(await breakLock(pool as never, 'owner:quick', 0)).toBe(true);
  expect(await holderOf(store.pool, 'owner:quick')).toMatchObject({ backend: again!.backend });
  await held.release();
  await again!.release();
});

it('the lock of a holder that shows no life can be broken, and is free then', async () => {
  const held = (await tryLock(store.connect, 'owner:hung', 60_000))!;
  const other = (await tryLock(store.connect, 'owner:other', 60_000))!;
  expect(await holderOf(store.pool, 'owner:hung')).toMatchObject({ backend: held.backend });
  const lost = once(held.lost, 'abort');
  await store.pool.query('SELECT pg_sleep(0.1)');
  expect(await breakLock(store.pool, 'owner:hung', 100)).toBe(true);
  const heir = await tryLock(store.connect, 'owner:hung');
  expect(heir).toBeDefined();
  await lost;
  expect(other.lost.aborted).toBe(false);
  expect(await breakLock(store.pool, 'owner:nobody', 0)).toBe(false);
  await Promise.all([held, other, heir!].map((lock) => lock.release()));
});

it('work of one name is done by one at a time, and the lock is free after a failure', async () => {
  let inside = 0;
  let most = 0;
  const work = async (): Promise<void> => {
    most = Math.max(most, (inside += 1));
    await store.pool.query('SELECT pg_sleep(0.01)');
    inside -= 1;
  };
  await Promise.all([1, 2, 3, 4].map(() => alone(store.connect, 'work', work)));
  expect(most).toBe(1);
  const failing = alone(store.connect, 'work', () => Promise.reject(new Error('no')));
  await expect(failing).rejects.toThrow('no');
  await alone(store.connect, 'work', work);
});

it('waiting for work of one name does not hold up an index that is made concurrently', async () => {
  await store.pool.query('CREATE TABLE indexed (a int)');
  const work = () => store.pool.query('CREATE INDEX CONCURRENTLY ON indexed (a)');
  await Promise.all([alone(store.connect, 'index', work), alone(store.connect, 'index', work)]);
});

it('migrations run once each, in order, also when several processes start at once', async () => {
  const steps = ['CREATE TABLE firedrill.m (n int)', 'INSERT INTO firedrill.m VALUES (1)'];
  await Promise.all([1, 2, 3].map(() => migrate(store.pool, 'test', steps)));
  await migrate(store.pool, 'test', [...steps, 'INSERT INTO firedrill.m VALUES (2)']);
  expect((await store.pool.query('SELECT n FROM firedrill.m ORDER BY n')).rows).toEqual([{ n: 1 }, { n: 2 }]);
  await expect(migrate(store.pool, 'test', steps)).rejects.toMatchObject({ code: 'store-newer' });
});

it('a migration that fails leaves nothing behind', async () => {
  const broken = ['CREATE TABLE firedrill.half (n int); SELECT 1 / 0'];
  await expect(migrate(store.pool, 'broken', broken)).rejects.toThrow('division by zero');
  await migrate(store.pool, 'broken', ['CREATE TABLE firedrill.half (n int)']);
});

it('work is done again after its connection was lost, and not after any other failure', async () => {
  let tries = 0;
  const answer = await ridingOut(async () => {
    tries += 1;
    const fatal = tries < 3 ? 'pg_terminate_backend(pg_backend_pid())' : '42';
    return (await store.pool.query<{ answer: unknown }>(`SELECT ${fatal} AS answer`)).rows[0]?.answer;
  });
  expect([answer, tries]).toEqual([42, 3]);
  await expect(ridingOut(() => store.pool.query('SELECT 1 / 0'))).rejects.toThrow('division by zero');
});
