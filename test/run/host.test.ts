/** Which runs a process drives: those that it was asked for, and no others that some process left behind. */
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { alone } from '../../src/postgres/locks.ts';
import { openHost } from '../../src/run/host.ts';
import type { Host } from '../../src/run/host.ts';
import type { TestStore } from '../postgres/temporary.ts';
import { temporaryStore } from '../postgres/temporary.ts';

let store: TestStore;
let host: Host;
const driven: string[] = [];
let end: Promise<void> = Promise.resolve();

beforeAll(async () => {
  store = await temporaryStore();
  host = await openHost({
    databaseUrl: store.url,
    owner: 'host:1:a',
    logger: pino({ level: 'silent' }),
    alone: (work) => alone(store.connect, 'host-launch', work),
    drive(runId) {
      driven.push(runId);
      return end;
    },
  });
});
afterAll(async () => {
  await host.close();
  await store.close();
});

const states = async (): Promise<[string, string][]> => {
  const { rows } = await store.pool.query<{ id: string; status: string }>(
    `SELECT workflow_uuid AS id, status FROM dbos.workflow_status ORDER BY split_part(workflow_uuid, '.', 2)::int`,
  );
  return rows.map(({ id, status }) => [id, status]);
};

/** As they stand when their process was killed while it drove them. */
const leaveBehind = (...runs: string[]) =>
  store.pool.query(
    `UPDATE dbos.workflow_status SET status = 'PENDING', executor_id = 'host:0:dead' WHERE split_part(workflow_uuid, '@', 1) = ANY($1)`,
    [runs],
  );

it('of the runs that a process left behind only the one that is asked for is driven', async () => {
  for (const runId of ['r1', 'r10', 'r2']) await host.drive(runId);
  await expect.poll(async () => (await states()).map(([, status]) => status)).toEqual(Array(3).fill('SUCCESS'));
  await leaveBehind('r1', 'r10', 'r2');
  driven.length = 0;
  await host.drive('r1');
  expect(driven).toEqual(['r1']);
  await expect.poll(states).toEqual([
    ['r1@host:1:a.1', 'CANCELLED'],
    ['r10@host:1:a.2', 'PENDING'],
    ['r2@host:1:a.3', 'PENDING'],
    ['r1@host:1:a.4', 'SUCCESS'],
  ]);
});

it('whoever drives a run is told at once what broke it, with its own class', async () => {
  class Broken extends Error {}
  end = Promise.reject(new Broken('no store'));
  end.catch(() => undefined);
  await expect(host.drive('r3')).rejects.toBeInstanceOf(Broken);
  end = Promise.resolve();
  await host.drive('r3');
  expect(driven.slice(-2)).toEqual(['r3', 'r3']);
});
