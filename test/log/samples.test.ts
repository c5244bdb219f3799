import { afterAll, beforeAll, expect, it } from 'vitest';
import { chainStart, packChunk, unpack } from '../../src/domain/sample-chain.ts';
import type { ProbeStatus } from '../../src/domain/sample.ts';
import { createSampleStore } from '../../src/log/samples.ts';
import { prepareLogTables } from '../../src/log/schema.ts';
import type { TestStore } from '../postgres/temporary.ts';
import { temporaryStore } from '../postgres/temporary.ts';

let store: TestStore;
beforeAll(async () => {
  store = await temporaryStore();
  await prepareLogTables(store.pool);
});
afterAll(() => store.close());

const line = (seq: number): string =>
  `${JSON.stringify({ probe: 'read', seq, clockId: 'boot', sentNs: '1', doneNs: '2', outcome: 'good', at: '' })}\n`;

it('chunks and seals come back as they were put, checkable as one chain', async () => {
  const samples = createSampleStore(store.pool);
  const runId = 'r1';
  const first = packChunk(line(0), { runId, prober: 'here', n: 0, prev: chainStart });
  const second = packChunk(line(1), { runId, prober: 'here', n: 1, prev: first.hash });
  await samples.putChunk(second);
  await samples.putChunk(first);
  const readbacks = [{ probe: 'write', found: [[0, 7]] as const, atNs: '9', clockId: 'boot' }];
  await samples.seal(runId, 'here', { prober: 'here', chunks: 2, hash: second.hash, readbacks });
  const set = unpack(await samples.chunks(runId), await samples.seals(runId));
  expect(set.samples.map(({ seq }) => seq)).toEqual([0, 1]);
  expect(set.readbacks).toEqual(readbacks);
  expect(await samples.chunks('other')).toEqual([]);
});

it('the same chunk or seal may be put again, another in its place is refused', async () => {
  const samples = createSampleStore(store.pool);
  const place = { runId: 'r2', prober: 'here', n: 0, prev: chainStart };
  const chunk = packChunk(line(0), place);
  const seal = { prober: 'here', chunks: 1, hash: chunk.hash, readbacks: [] };
  for (let times = 0; times < 2; times += 1) {
    await samples.putChunk(chunk);
    await samples.seal('r2', 'here', seal);
  }
  await expect(samples.putChunk(packChunk(line(5), place))).rejects.toMatchObject({ code: 'samples-conflict' });
  const longer = samples.seal('r2', 'here', { ...seal, chunks: 2 });
  await expect(longer).rejects.toMatchObject({ code: 'samples-conflict' });
  expect(await samples.seals('r2')).toEqual([seal]);
  for (const table of ['sample_chunk', 'sample_seal'])
    await expect(store.pool.query(`DELETE FROM firedrill.${table}`)).rejects.toThrow('append-only');
});

it('the newest status of each probe is given, over all probers', async () => {
  const samples = createSampleStore(store.pool);
  const status = (probe: string, asOfNs: string, state: ProbeStatus['state'], clockId = 'boot'): ProbeStatus => ({
    probe,
    state,
    sinceNs: '1',
    asOfNs,
    clockId,
  });
  await samples.putStatus('r3', 'a', [status('read', '100', 'bad'), status('write', '90', 'good')]);
  await samples.putStatus('r3', 'a', [status('read', '1000', 'good'), status('write', '990', 'good')]);
  await samples.putStatus('r3', 'b', [status('read', '999', 'bad'), status('write', '991', 'bad')]);
  const byProbe = async () =>
    Object.fromEntries((await samples.status('r3')).map(({ probe, state }) => [probe, state]));
  expect(await byProbe()).toEqual({ read: 'good', write: 'bad' });
  await samples.putStatus('r3', 'elsewhere', [status('read', '5', 'unknown', 'another host')]);
  expect(await byProbe()).toEqual({ read: 'unknown', write: 'bad' });
  expect(await samples.status('r4')).toEqual([]);
});
