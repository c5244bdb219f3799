import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventBody, LogEntry } from '../../src/domain/event.ts';
import { createLog } from '../../src/log/log.ts';
import { prepareLogTables } from '../../src/log/schema.ts';
import { countEvents, preparePublishTables } from '../../src/publish/cursors.ts';
import { openPublisher } from '../../src/publish/publisher.ts';
import type { Publisher } from '../../src/publish/publisher.ts';
import { tail } from '../../src/publish/tail.ts';
import type { TestStore } from '../postgres/temporary.ts';
import { temporaryStore } from '../postgres/temporary.ts';
import { FifoQueue } from './fifo-queue.ts';
import { emptyHead, eventOf, plan } from './logs.ts';

let store: TestStore;
beforeAll(async () => {
  store = await temporaryStore();
  await prepareLogTables(store.pool);
  await preparePublishTables(store.pool);
});
afterAll(() => store.close());

let runs = 0;
let queues = 0;
const newRun = (): string => `run-${(runs += 1)}`;
const newQueue = (): FifoQueue => new FifoQueue(`https://sqs.test/${(queues += 1)}.fifo`);

const troubles: unknown[] = [];
const open = (queue: FifoQueue, pool = store.pool): Publisher =>
  openPublisher({
    pool,
    connect: store.connect,
    log: createLog(store.pool),
    queue,
    onTrouble: (error) => troubles.push(error),
  });

const heads = new Map<string, LogEntry>();
async function append(runId: string, count = 1): Promise<void> {
  for (let n = 0; n < count; n += 1) {
    const head = heads.get(runId);
    const body: EventBody = head
      ? { type: 'run.claimed', owner: 'node', attempt: head.seq }
      : { type: 'run.started', plan, startedBy: 'ada', toolVersion: '1' };
    heads.set(runId, await createLog(store.pool).append(runId, head ?? emptyHead, eventOf(body)));
  }
}

/** What a consumer that tells repetitions apart sees of each run. */
async function consume(queue: FifoQueue): Promise<Record<string, number[]>> {
  const seen: Record<string, number[]> = {};
  queue.nowMs += 60_000;
  await tail({
    queue,
    signal: new AbortController().signal,
    untilEmpty: true,
    onEvent: ({ data: { runId, seq } }) => void (seen[runId] ??= []).push(seq),
  });
  return seen;
}

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

describe('publishing', () => {
  it('sends every event of every run, in order, while they come', async () => {
    const queue = newQueue();
    const publisher = open(queue);
    const ids = [newRun(), newRun(), newRun()];
    for (const id of ids) await publisher.enrol(id);
    await Promise.all(ids.map((id) => append(id, 12)));
    expect(await publisher.drain(60_000)).toBe(true);
    for (const id of ids) expect(await countEvents(store.pool, id)).toEqual({ published: 12, pending: 0 });
    await publisher.close();
    expect(await consume(queue)).toEqual(Object.fromEntries(ids.map((id) => [id, upTo(12)])));
    expect(queue.sends).toBe(36);
  });

  it('hears of new events by itself', async () => {
    const queue = newQueue();
    const publisher = open(queue);
    const id = newRun();
    await publisher.enrol(id);
    await append(id, 2);
    await expect.poll(() => queue.accepted.length, { interval: 5 }).toBe(2);
    await append(id, 2);
    await expect.poll(() => queue.accepted.length, { interval: 5 }).toBe(4);
    await publisher.close();
  });

  it('leaves runs alone that were not enrolled at this queue', async () => {
    const [queue, other, id] = [newQueue(), newQueue(), newRun()];
    const [publisher, elsewhere] = [open(queue), open(other)];
    await elsewhere.enrol(id);
    await append(id, 3);
    expect(await elsewhere.drain(60_000)).toBe(true);
    expect(await publisher.drain(60_000)).toBe(true);
    await Promise.all([publisher.close(), elsewhere.close()]);
    expect([queue.sends, other.sends]).toEqual([0, 3]);
    expect(await countEvents(store.pool, newRun())).toEqual({ published: 0, pending: 0 });
  });

  it('keeps events in the store while the queue is down, says so once, and sends them later', async () => {
    const [queue, id] = [newQueue(), newRun()];
    const publisher = open(queue);
    queue.down = true;
    troubles.length = 0;
    await publisher.enrol(id);
    await append(id, 5);
    await expect.poll(() => troubles.length).toBe(1);
    expect(await publisher.drain(300)).toBe(false);
    expect(await countEvents(store.pool, id)).toEqual({ published: 0, pending: 5 });
    expect(troubles).toHaveLength(1);
    queue.down = false;
    expect(await publisher.drain(60_000)).toBe(true);
    await publisher.close();
    expect(await consume(queue)).toEqual({ [id]: upTo(5) });
  });

  it('says once that the queue is down, also when it was just finding that nothing is pending', async () => {
    const [queue, id] = [newQueue(), newRun()];
    queue.down = true;
    troubles.length = 0;
    let looked = 0;
    let goOn: () => void = () => undefined;
    const told = new Promise<void>((resolve) => (goOn = resolve));
    const query = async (statement: unknown, values?: unknown[]): Promise<unknown> => {
      const answer = await store.pool.query(statement as string, values);
      if (!String(statement).includes('publish_cursor c')) return answer;
      looked += 1;
      await told;
      return answer;
    };
    const publisher = open(queue, { query } as unknown as TestStore['pool']);
    await expect.poll(() => looked).toBe(1);
    await publisher.enrol(id);
    await append(id, 1);
    await expect.poll(() => troubles.length).toBe(1);
    goOn();
    await expect.poll(() => looked).toBeGreaterThan(1);
    await append(id, 1);
    expect(await publisher.drain(300)).toBe(false);
    expect(troubles).toHaveLength(1);
    await publisher.close();
  });

  it('sends what a publisher before it left behind, without being told of the run', async () => {
    const [queue, id] = [newQueue(), newRun()];
    queue.down = true;
    const first = open(queue);
    await first.enrol(id);
    await append(id, 4);
    await first.close();
    queue.down = false;
    const second = open(queue);
    await expect.poll(() => queue.accepted.length, { interval: 5 }).toBe(4);
    await second.close();
  });

  it('lets one of several publishers send a run', async () => {
    const [queue, id] = [newQueue(), newRun()];
    const publishers = [open(queue), open(queue), open(queue)];
    for (const publisher of publishers) await publisher.enrol(id);
    await append(id, 20);
    expect(await Promise.all(publishers.map((publisher) => publisher.drain(60_000)))).toEqual([true, true, true]);
    await Promise.all(publishers.map((publisher) => publisher.close()));
    expect(queue.sends).toBe(20);
  });

  it('goes on when its session is cut', async () => {
    const [queue, id] = [newQueue(), newRun()];
    const publisher = open(queue);
    await publisher.enrol(id);
    await append(id, 3);
    expect(await publisher.drain(60_000)).toBe(true);
    await store.pool.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'
      OR query LIKE 'SELECT pg_advisory_unlock(%'`);
    await append(id, 3);
    expect(await publisher.drain(60_000)).toBe(true);
    await publisher.close();
    expect(await consume(queue)).toEqual({ [id]: upTo(6) });
  });

  it('closes at once in the middle of a send that hangs', async () => {
    const [queue, id] = [newQueue(), newRun()];
    const publisher = open(queue);
    queue.fates.push('hung');
    await publisher.enrol(id);
    await append(id, 1);
    await expect.poll(() => queue.sends, { interval: 5 }).toBe(1);
    expect(await publisher.drain(50)).toBe(false);
    await publisher.close();
    expect(await countEvents(store.pool, id)).toEqual({ published: 0, pending: 1 });
  });
});

describe('whatever is killed, lost or down', () => {
  const happening = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ what: fc.constant('append' as const), count: fc.integer({ min: 1, max: 4 }) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        what: fc.constant('fate' as const),
        fate: fc.constantFrom('refused', 'lost', 'hung', undefined),
      }),
    },
    fc.record({ what: fc.constant('kill' as const) }),
    fc.record({ what: fc.constant('outage' as const), down: fc.boolean() }),
    fc.record({ what: fc.constant('wait' as const), minutes: fc.integer({ min: 1, max: 12 }) }),
    fc.record({ what: fc.constant('consume' as const) }),
  );

  it('a consumer sees every event of a run once and in order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { minLength: 3, maxLength: 14 }), async (story) => {
        const [queue, id] = [newQueue(), newRun()];
        let publisher = open(queue);
        await publisher.enrol(id);
        const seen: number[] = [];
        const stop = new AbortController();
        const collect = () =>
          tail({
            queue,
            signal: stop.signal,
            untilEmpty: true,
            onEvent: ({ data: { seq } }) => void (seen.includes(seq) || seen.push(seq)),
          }).catch((error: Error) => expect(error.message).toMatch(/ServiceUnavailable|socket hang up/));
        for (const each of story) {
          if (each.what === 'append') await append(id, each.count);
          if (each.what === 'fate') queue.fates.push(each.fate);
          if (each.what === 'outage') queue.down = each.down;
          if (each.what === 'wait') queue.nowMs += each.minutes * 60_000;
          if (each.what === 'consume') await collect();
          if (each.what === 'kill') {
            // What a kill leaves in store and queue: the send under way may have arrived, its cursor did not move.
            await publisher.close();
            publisher = open(queue);
          }
        }
        await publisher.close();
        queue.down = false;
        queue.fates.length = 0;
        const last = open(queue);
        await last.enrol(id);
        expect(await last.drain(60_000)).toBe(true);
        await last.close();
        queue.nowMs += 60_000;
        await collect();
        expect(queue.length).toBe(0);
        expect(seen).toEqual(upTo(heads.get(id)?.seq ?? 0));
      }),
      { numRuns: 30 },
    );
  });
});
