/**
 * Samples on disk first, one line each, so that nothing that was seen is lost when the prober is killed or the store is away.
 * Chunks for the store are cut from the file; the next prober of the run hands in what a killed one had not.
 */
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { mkdir, readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { SampleChunk, SampleStore } from '../domain/ports.ts';
import type { Sample } from '../domain/sample.ts';
import { chainStart, packChunk, samplesIn } from '../domain/sample-chain.ts';

const newline = 0x0a;
/** More than this waits for the next chunk, so that a long absence of the store doesn't make one giant row. */
const maxChunkBytes = 4 * 1024 * 1024;

export class Spool {
  readonly #fd: number;
  readonly #path: string;
  readonly prober: string;
  readonly #runId: string;
  readonly #store: SampleStore;
  /** Up to where the file is in the store. */
  #uploaded = 0;
  #size = 0;
  #n = 0;
  #hash = chainStart;
  /** Cut but not known to be stored: it is handed in again, with the same bytes. */
  #pending: { chunk: SampleChunk; end: number } | undefined;

  /** The directory must exist. */
  constructor(dir: string, runId: string, prober: string, store: SampleStore) {
    this.#path = join(dir, fileName(runId, prober));
    this.#fd = openSync(this.#path, 'wx+', 0o600);
    this.prober = prober;
    this.#runId = runId;
    this.#store = store;
  }

  /** Writes at once: a line that was written survives the process. */
  add(sample: Sample): void {
    this.#size += writeSync(this.#fd, `${JSON.stringify(sample)}\n`);
  }

  /** Hands in what is new, in as many chunks as it takes. Throws when the store refuses; nothing is lost then. */
  async upload(): Promise<void> {
    for (;;) {
      this.#pending ??= this.#cut();
      if (!this.#pending) return;
      const { chunk, end } = this.#pending;
      await this.#store.putChunk(chunk);
      this.#uploaded = end;
      this.#n += 1;
      this.#hash = chunk.hash;
      this.#pending = undefined;
    }
  }

  /** What the seal says of the chain. */
  get chain(): { chunks: number; hash: string } {
    return { chunks: this.#n, hash: this.#hash };
  }

  /** Call when everything is in the store. */
  async remove(): Promise<void> {
    closeSync(this.#fd);
    await rm(this.#path, { force: true });
  }

  #cut(): { chunk: SampleChunk; end: number } | undefined {
    const length = Math.min(this.#size - this.#uploaded, maxChunkBytes);
    if (length <= 0) return undefined;
    const bytes = Buffer.alloc(length);
    readSync(this.#fd, bytes, 0, length, this.#uploaded);
    const whole = bytes.subarray(0, bytes.lastIndexOf(newline) + 1);
    const chunk = packChunk(whole, { runId: this.#runId, prober: this.prober, n: this.#n, prev: this.#hash });
    return { chunk, end: this.#uploaded + whole.length };
  }
}

const fileName = (runId: string, prober: string): string => `${runId}.${prober}.ndjson`;

/**
 * Hands in what probers that are gone have spooled on this host and not stored. Only one prober watches a run at a time, so
 * every spool of the run that is found when one starts belongs to a dead one.
 */
export async function adoptSpools(dir: string, runId: string, store: SampleStore): Promise<void> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  for (const name of await readdir(dir)) {
    if (!name.startsWith(`${runId}.`) || !name.endsWith('.ndjson')) continue;
    const prober = name.slice(runId.length + 1, -'.ndjson'.length);
    const path = join(dir, name);
    const text = await readFile(path, 'utf8');
    // A line without its end was being written when the prober died.
    const lines = text.split('\n').slice(0, -1);
    const stored = (await store.chunks(runId)).filter((chunk) => chunk.prober === prober).sort((a, b) => a.n - b.n);
    const known = stored.reduce((sum, chunk) => sum + samplesIn(chunk).length, 0);
    const rest = lines.slice(known);
    if (rest.length > 0) {
      const chain = { n: stored.length, prev: stored.at(-1)?.hash ?? chainStart };
      await store.putChunk(packChunk(`${rest.join('\n')}\n`, { runId, prober, ...chain }));
    }
    await rm(path, { force: true });
  }
}
