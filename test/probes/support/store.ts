/** Samples of runs in memory. */
import type { SampleChunk, SampleSeal, SampleStore } from '../../../src/domain/ports.ts';
import type { ProbeStatus } from '../../../src/domain/sample.ts';

export class MemorySamples implements SampleStore {
  readonly kept: SampleChunk[] = [];
  readonly sealed: SampleSeal[] = [];
  statuses: readonly ProbeStatus[] = [];
  /** Called before a seal is kept. */
  onSeal: (() => void) | undefined;
  /** While set, chunks are refused. */
  away = false;
  /** While set, chunks are kept and the answer is lost. */
  losesAnswers = false;

  putChunk(chunk: SampleChunk): Promise<void> {
    if (this.away) return Promise.reject(new Error('the store is away'));
    const there = this.kept.some(({ prober, n }) => prober === chunk.prober && n === chunk.n);
    if (!there) this.kept.push(chunk);
    return this.losesAnswers ? Promise.reject(new Error('the answer was lost')) : Promise.resolve();
  }

  chunks(): Promise<SampleChunk[]> {
    return Promise.resolve([...this.kept]);
  }

  putStatus(_runId: string, _prober: string, status: readonly ProbeStatus[]): Promise<void> {
    this.statuses = status;
    return Promise.resolve();
  }

  status(): Promise<ProbeStatus[]> {
    return Promise.resolve([...this.statuses]);
  }

  seal(_runId: string, _prober: string, seal: SampleSeal): Promise<void> {
    this.onSeal?.();
    this.sealed.push(seal);
    return Promise.resolve();
  }

  seals(): Promise<SampleSeal[]> {
    return Promise.resolve([...this.sealed]);
  }
}
