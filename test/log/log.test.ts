import { once } from 'node:events';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunEvent } from '../../src/domain/event.ts';
import { CHAIN_START, verifyChain } from '../../src/log/chain.ts';
import { createInbox } from '../../src/log/inbox.ts';
import { createLog } from '../../src/log/log.ts';
import { prepareLogTables } from '../../src/log/schema.ts';
import { watch } from '../../src/log/watch.ts';
import type { TestStore } from '../postgres/temporary.ts';
import { temporaryStore } from '../postgres/temporary.ts';
import { claimed, emptyHead } from './events.ts';

let store: TestStore;
beforeAll(async () => {
  store = await temporaryStore();
  await Promise.all([prepareLogTables(store.pool), prepareLogTables(store.pool)]);
  await prepareLogTables(store.pool);
});
afterAll(() => store.close());

let runs = 0;
const newRun = (): string => `run-${(runs += 1)}`;

async function filled(runId: string, events: readonly RunEvent[]) {
  const log = createLog(store.pool);
  let head: { seq: number; hash: string } = emptyHead;
  for (const event of events) head = await log.append(runId, head, event);
  return { log, head };
}

describe('the log', () => {
  it('gives back what was appended, in order, chained', async () => {
    const runId = newRun();
    const { log, head } = await filled(runId, [claimed('a'), claimed('ä 🔥 \u0000 \ud800'), claimed('c')]);
    const entries = await log.read(runId);
    expect(entries.map(({ event }) => event)).toEqual([claimed('a'), claimed('ä 🔥 \u0000 \ud800'), claimed('c')]);
    expect(verifyChain(entries)).toBeUndefined();
    expect(entries.at(-1)).toEqual(head);
    expect((await log.read(runId, 2)).map(({ seq }) => seq)).toEqual([3]);
    expect(await log.head(runId)).toBe(3);
    expect(await log.head('unknown')).toBe(0);
  });

  it('lets one of two writers through, and tells the other that it has lost', async () => {
    const runId = newRun();
    const { log, head } = await filled(runId, [claimed('a')]);
    const both = await Promise.allSettled([
      log.append(runId, head, claimed('b')),
      log.append(runId, head, claimed('c')),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(both.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { name: 'LostError' } });
    expect(await log.head(runId)).toBe(2);
  });

  it('takes nothing from a writer whose head is not the head', async () => {
    const runId = newRun();
    const { log, head } = await filled(runId, [claimed('a')]);
    for (const wrong of [{ ...head, seq: 5 }, { ...head, hash: CHAIN_START }, emptyHead])
      await expect(log.append(runId, wrong, claimed('b'))).rejects.toMatchObject({ code: 'lost' });
    expect(await log.head(runId)).toBe(1);
  });

  it('recognises its own append when the answer to it was lost', async () => {
    const runId = newRun();
    const { log, head } = await filled(runId, [claimed('a')]);
    const first = await log.append(runId, head, claimed('b'));
    expect(await log.append(runId, head, claimed('b'))).toEqual(first);
    expect(await log.head(runId)).toBe(2);
  });

  it('refuses to be changed, whoever asks', async () => {
    await filled(newRun(), [claimed('a')]);
    for (const change of [
      `UPDATE firedrill.log SET body = '{}'`,
      'DELETE FROM firedrill.log',
      'TRUNCATE firedrill.log',
    ])
      await expect(store.pool.query(change)).rejects.toThrow('append-only');
  });

  it('lists runs, newest first', async () => {
    const [older, newer] = [newRun(), newRun()];
    await filled(older, [claimed('a')]);
    const { log } = await filled(newer, [claimed('a')]);
    await filled(older, []);
    expect(await log.runs(2)).toEqual([newer, older]);
    expect((await log.runs()).slice(0, 2)).toEqual([newer, older]);
  });

  it('goes on after its connections were cut', async () => {
    const runId = newRun();
    const { log, head } = await filled(runId, [claimed('a')]);
    const cutAll = async (): Promise<void> => {
      const session = await store.connect();
      const others = `FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`;
      const { rows } = await session.query<{ pid: number }>(`SELECT pid, pg_terminate_backend(pid) ${others}`);
      // Whoever comes after this finds no connection that is still to be cut.
      const pids = rows.map(({ pid }) => pid);
      const standing = async () => (await session.query(`SELECT ${others} AND pid = ANY($1)`, [pids])).rowCount;
      await expect.poll(standing).toBe(0);
      await session.end();
    };
    const cut = cutAll();
    let last = head;
    for (let n = 0; n < 50; n += 1) last = await log.append(runId, last, claimed(`${n}`));
    await cut;
    expect(verifyChain(await log.read(runId))).toBeUndefined();
    expect(await log.head(runId)).toBe(51);
  });
});

describe('the chain', () => {
  it('shows the first link that was changed, dropped, swapped or slipped in', async () => {
    const { log } = await filled(
      'chain',
      Array.from({ length: 8 }, (_, n) => claimed(`${n}`)),
    );
    const entries = await log.read('chain');
    const position = fc.integer({ min: 0, max: 6 });
    fc.assert(
      fc.property(position, fc.constantFrom('body', 'hash', 'prev', 'drop', 'swap', 'twice'), (at, how) => {
        const spoilt = entries.map((entry) => ({ ...entry }));
        const [one, two] = [spoilt[at]!, spoilt[at + 1]!];
        if (how === 'body') one.body = one.body.replace('"attempt":1', '"attempt":2');
        if (how === 'hash') one.hash = two.hash;
        if (how === 'prev') one.prev = one.hash;
        if (how === 'drop') spoilt.splice(at, 1);
        if (how === 'swap') spoilt.splice(at, 2, two, one);
        if (how === 'twice') spoilt.splice(at, 0, one);
        expect(verifyChain(spoilt)?.seq).toBe(how === 'twice' ? at + 2 : at + 1);
      }),
    );
  });

  it('shows entries that were taken from another run', async () => {
    const { log } = await filled('one', [claimed('a')]);
    const [first] = await log.read('one');
    await filled('two', [claimed('a'), claimed('b')]);
    const [, second] = await log.read('two');
    expect(verifyChain([first!, second!])).toMatchObject({ seq: 2, what: 'run' });
  });
});

describe('the inbox', () => {
  it('numbers messages so that a reader who goes on from the newest misses none', async () => {
    const runId = newRun();
    const inbox = createInbox(store.pool);
    const seen: number[] = [];
    const posts = Array.from({ length: 20 }, (_, n) => inbox.post(runId, { kind: 'abort', by: `${n}` }));
    const all = Promise.all(posts);
    let done = false;
    void all.then(() => (done = true));
    for (;;) {
      const last = done;
      const news = await inbox.read(runId, seen.at(-1) ?? 0);
      seen.push(...news.map(({ id }) => id));
      if (last) break;
    }
    expect(seen).toEqual(Array.from({ length: 20 }, (_, n) => n + 1));
    expect((await all).sort((a, b) => a - b)).toEqual(seen);
  });

  it('keeps messages apart per run and gives them back as they were', async () => {
    const inbox = createInbox(store.pool);
    const [one, two] = [newRun(), newRun()];
    const message = { kind: 'approve', step: 'go', by: 'ada', comment: 'ja, los', automatic: false } as const;
    await inbox.post(one, message);
    expect(await inbox.read(one, 0)).toEqual([{ id: 1, message }]);
    expect(await inbox.read(two, 0)).toEqual([]);
  });
});

describe('watching', () => {
  it('gives what is there, then each entry as it comes, and ends when it is told', async () => {
    const runId = newRun();
    const { log, head: first } = await filled(runId, [claimed('0')]);
    let head = Promise.resolve(first);
    const stop = new AbortController();
    const seen: number[] = [];
    for await (const { seq } of watch({ log, connect: store.connect }, runId, { signal: stop.signal })) {
      seen.push(seq);
      if (seq === 10) stop.abort();
      else head = head.then((before) => log.append(runId, before, claimed(`${seq}`)));
    }
    expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it('goes on when the session that listens is cut', async () => {
    const runId = newRun();
    const { log, head } = await filled(runId, [claimed('a')]);
    const stop = new AbortController();
    const entries = watch({ log, connect: store.connect }, runId, { after: 1, signal: stop.signal });
    const next = entries.next();
    const listening = `FROM pg_stat_activity WHERE query LIKE 'LISTEN%'`;
    await expect.poll(async () => (await store.pool.query(`SELECT ${listening}`)).rowCount).toBe(1);
    await store.pool.query(`SELECT pg_terminate_backend(pid) ${listening}`);
    await log.append(runId, head, claimed('b'));
    expect(await next).toMatchObject({ value: { seq: 2 } });
    const over = entries.next();
    const told = once(stop.signal, 'abort');
    stop.abort();
    await told;
    expect(await over).toEqual({ value: undefined, done: true });
  });
});
