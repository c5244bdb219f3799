/** How long a prober stays with a run whose owner is away for a moment. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { lockOf } from '../../src/app/app.ts';
import { blipMs, own } from '../../src/app/ownership.ts';
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

it('a rehearsal whose owner has lost its session is watched on for as long as that may take, and then no longer', async () => {
  const { app, env } = test;
  await begin(app, planFor('blip', { environment: 'lab', probes: [] }));
  await Journal.claim(app.log, app.clock, 'blip', 'host:1:x');
  const ownership = (await own(app, 'blip'))!;
  // When the prober saw its owner last is not known here, only that it had not begun to look yet.
  const sinceMs = performance.now();
  const probing = runProber(env, 'blip');
  await expect.poll(() => isHeld(app.store.pool, lockOf.prober('blip'))).toBe(true);
  await ownership.release();
  await probing;
  expect(performance.now() - sinceMs).toBeGreaterThan(blipMs);
  // Its owner may come back all the same, and takes a seal for the last word.
  expect(await app.samples.seals('blip')).toEqual([]);
});

it('a rehearsal is watched to its close', async () => {
  const { app, env } = test;
  await begin(app, planFor('closed', { environment: 'lab', probes: [] }));
  const journal = await Journal.claim(app.log, app.clock, 'closed', 'host:1:x');
  const ownership = (await own(app, 'closed'))!;
  const probing = runProber(env, 'closed');
  await expect.poll(() => isHeld(app.store.pool, lockOf.prober('closed'))).toBe(true);
  await journal.append({ type: 'run.closing' });
  await probing;
  await ownership.release();
  expect(await app.samples.seals('closed')).toHaveLength(1);
});
