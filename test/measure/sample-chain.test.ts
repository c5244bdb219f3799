import { expect, test } from 'vitest';
import { chainStart, packChunk, unpack } from '../../src/domain/sample-chain.ts';
import { sample } from './support/world.ts';

const lines = (from: number, count: number): string =>
  Array.from({ length: count }, (_, i) => `${JSON.stringify(sample('p', from + i, from + i, 'good'))}\n`).join('');

const first = packChunk(lines(0, 3), { runId: 'r', prober: 'a', n: 0, prev: chainStart });
const second = packChunk(lines(3, 2), { runId: 'r', prober: 'a', n: 1, prev: first.hash });
const other = packChunk(lines(10, 1), { runId: 'r', prober: 'b', n: 0, prev: chainStart });
const seal = { prober: 'a', chunks: 2, hash: second.hash, readbacks: [] };

test('what was packed comes out again, whatever order the chunks come in', () => {
  const { samples } = unpack([other, second, first], [seal]);
  expect(samples.map(({ seq }) => seq)).toEqual([0, 1, 2, 3, 4, 10]);
});

test('a chunk that is missing, changed or cut off behind the seal is noticed', () => {
  expect(() => unpack([second])).toThrow(/not the ones/);
  expect(() => unpack([{ ...first, gz: other.gz }, second])).toThrow(/not the ones/);
  expect(() => unpack([first], [seal])).toThrow(/not the ones/);
  expect(() => unpack([first, { ...second, prober: 'b' }])).toThrow(/not the ones/);
});
