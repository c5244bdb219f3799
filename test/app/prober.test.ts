/** How long a prober stays with a run whose owner is away for a moment. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { lockOf } from '../../src/app/app.ts';
import { own } from '../../src/app/ownership.ts';
import { runProber } from '../../src/app/prober.ts';
import { isHeld } from '../../src/postgres/locks.ts';
import { Journal } from '../../src/run/journal.ts';
import { begin, openTestApp, planFor } from './support/app.ts';
import type { TestApp } from './support/app.ts';

let test: TestApp;
beforeAll(async () => {
  test = await openTestApp();
});
afterAll(() => test.close());

it('a rehearsal whose owner has lost its session for a moment is watched on', async () => {
  const { app, env } = test;
  await begin(app, planFor('blip', { environment: 'lab', probes: [] }));
  const journal = await Journal.claim(app.log, app.clock, 'blip', 'host:1:x');
  const before = (await own(app, 'blip'))!;
  const probing = runProber(env, 'blip');
  const watched = (): Promise<boolean> => isHeld(app.store.pool, lockOf.prober('blip'));
  await expect.poll(watched).toBe(true);
  await before.release();
  await app.clock.sleep(3_000);
  expect(await watched()).toBe(true);
  expect(await app.samples.seals('blip')).toEqual([]);
  await journal.append({ type: 'run.closing' });
  await probing;
  expect(await app.samples.seals('blip')).toHaveLength(1);
});
