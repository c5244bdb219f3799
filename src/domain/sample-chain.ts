/**
 * How samples lie in the store: gzipped newline-delimited JSON in chunks, each hashed over the one before it. The prober
 * packs, whoever measures unpacks; both use this file, so that a chunk which was changed, dropped or reordered is noticed.
 */
import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { FiredrillError } from './errors.ts';
import type { SampleChunk, SampleSeal, SampleSet } from './ports.ts';
import type { Sample } from './sample.ts';

/** What the first chunk of a prober is hashed over. */
export const chainStart = '0'.repeat(64);

const chunkHash = (prev: string, gz: Uint8Array): string =>
  createHash('sha256').update(prev).update('\n').update(gz).digest('hex');

/** @param lines newline-delimited JSON of samples, as spooled */
export function packChunk(
  lines: string | Uint8Array,
  { runId, prober, n, prev }: { runId: string; prober: string; n: number; prev: string },
): SampleChunk {
  const gz = gzipSync(lines, { level: 6 });
  return { runId, prober, n, gz, hash: chunkHash(prev, gz) };
}

/** The samples in one chunk, unchecked. */
export const samplesIn = (chunk: Pick<SampleChunk, 'gz'>): Sample[] =>
  gunzipSync(chunk.gz)
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Sample);

/**
 * All samples of a run, in the order in which each prober wrote them, and what was read back. A prober that was killed
 * leaves no seal; its chunks count all the same.
 *
 * @throws FiredrillError `samples-broken` when a chunk is missing, was changed, or a seal names another chain
 */
export function unpack(chunks: readonly SampleChunk[], seals: readonly SampleSeal[] = []): SampleSet {
  const probers = new Map<string, SampleChunk[]>();
  for (const chunk of chunks) probers.set(chunk.prober, [...(probers.get(chunk.prober) ?? []), chunk]);
  const samples: Sample[] = [];
  const ends = new Map<string, { chunks: number; hash: string }>();
  for (const [prober, own] of [...probers].sort(([a], [b]) => (a < b ? -1 : 1))) {
    let hash = chainStart;
    for (const [n, chunk] of own.sort((a, b) => a.n - b.n).entries()) {
      if (chunk.n !== n) throw broken(prober, `chunk ${n}`, `chunk ${chunk.n}`);
      const made = chunkHash(hash, chunk.gz);
      if (made !== chunk.hash) throw broken(prober, `hash ${made} of chunk ${n}`, chunk.hash);
      hash = made;
      for (const sample of samplesIn(chunk)) samples.push(sample);
    }
    ends.set(prober, { chunks: own.length, hash });
  }
  for (const seal of seals) {
    const end = ends.get(seal.prober) ?? { chunks: 0, hash: chainStart };
    if (end.chunks !== seal.chunks || end.hash !== seal.hash)
      throw broken(seal.prober, `${seal.chunks} chunks ending in ${seal.hash}`, `${end.chunks} ending in ${end.hash}`);
  }
  return { samples, readbacks: seals.flatMap((seal) => seal.readbacks) };
}

const broken = (prober: string, expected: string, found: string): FiredrillError =>
  new FiredrillError('samples-broken', `the raw samples of prober ${prober} are not the ones that it wrote`, {
    expected,
    found,
    remedy: 'Take the samples from a backup of the store; nothing that was measured from these can be trusted.',
  });
