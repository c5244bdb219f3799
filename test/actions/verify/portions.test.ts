/** Which portion of a restore's time each rung is: what waits for a server that isn't up yet is no verifying. */
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { verifyMysql } from '../../../src/actions/mysql/verify.ts';
import { verifyPostgres } from '../../../src/actions/postgres/verify.ts';
import { axisOf } from '../../../src/measure/axis.ts';
import { portionsOf } from '../../../src/measure/portions.ts';
import { storyOf } from '../../../src/measure/story.ts';
import { logOf, phase, planOf, step } from '../../measure/support/world.ts';
import type { Told } from '../../measure/support/world.ts';
import { databaseAt, inputOf, now } from './support/climb.ts';

const asksForAll = {
  schema: '{}',
  tables: { orders: { minRows: '1', checksum: 'all' } },
  source: 'db',
  freshness: { table: 'orders', column: 'placed_at' },
  queries: [{ sql: 'select 1 from orders', answer: '1' }],
  performance: [{ sql: 'select 1 from orders' }],
};

test.each([
  ['postgres/verify', verifyPostgres],
  ['mysql/verify', verifyMysql],
])('every rung of %s is one, and those that need the server first are work of the restore', async (_, action) => {
  const portion = action.spec.portion as Readonly<Record<string, string>>;
  const targets = { db: databaseAt(1, 'shop') };
  const rungs = await action.parts(inputOf(action, { params: asksForAll, targets, began: now() }));
  expect(Object.keys(portion)).toEqual(rungs.map(({ name }) => name));
  expect(Object.keys(portion).filter((name) => portion[name] === 'restore')).toEqual(['connects', 'not-the-source']);
  expect(new Set(Object.values(portion))).toEqual(new Set(['restore', 'verify']));
});

test('a server that takes no connections yet is waited for by the first rung, whose time counts as restoring', async () => {
  const starting = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => starting.listen(0, '127.0.0.1', resolve));
  const targets = { db: databaseAt((starting.address() as AddressInfo).port, 'shop') };
  const params = { queries: asksForAll.queries };
  const [first] = await verifyPostgres.parts(inputOf(verifyPostgres, { params, targets, began: now() }));
  if (first?.shape !== 'observe') throw new Error('the first rung does not observe');
  try {
    expect(await first.poll({ key: 'k', signal: AbortSignal.timeout(60_000) })).toMatchObject({ done: false });
  } finally {
    await new Promise((resolve) => starting.close(resolve));
  }

  const steps = [step('contents', 'verify', { effect: 'observes', portion: verifyPostgres.spec.portion })];
  const part = (name: string, fromMs: number, toMs: number): Told[] => [
    [fromMs, { type: 'step.begun', step: 'contents', part: name, key: 'k', touches: 'x' }],
    [toMs, { type: 'step.settled', step: 'contents', part: name, awsCalls: 0 }],
  ];
  const plan = planOf({ steps });
  const told = [
    phase(1_000, 'recover'),
    phase(1_000, 'verify'),
    ...part(first.name, 1_000, 91_000),
    ...part('rows', 91_000, 93_000),
    ...part('negative-control', 93_000, 94_000),
  ];
  const entries = logOf(plan, told);
  expect(portionsOf(storyOf(plan, entries, axisOf(entries, [])))).toEqual([
    { name: 'restore', durationMs: 90_000 },
    { name: 'verify', durationMs: 3_000 },
  ]);
});
