/**
 * What the stages need of each other and of the outside, as interfaces. Implementations are put together in app.ts.
 */
import type { LogEntry, RunEvent } from './event.ts';
import type { CanaryReadback, ProbeStatus, Sample } from './sample.ts';

/** The hash-chained log of runs. */
export interface Log {
  /** All entries of a run with `seq > after`, in order. */
  read(runId: string, after?: number): Promise<LogEntry[]>;
  /**
   * Appends at `head + 1`. The key (run, seq) is the fence between writers.
   * @throws LostError when the head has moved: another process owns the run.
   */
  append(runId: string, head: { seq: number; hash: string }, event: RunEvent): Promise<LogEntry>;
  /** Ids of all runs, newest first. */
  runs(limit?: number): Promise<string[]>;
  /** Highest sequence number of the run, 0 when it has none. Cheap: asked before every AWS call. */
  head(runId: string): Promise<number>;
}

/** What others want of a run. The owner folds it in; only the owner appends to the log. */
export type InboxMessage =
  | { kind: 'abort'; by: string; reason?: string }
  | { kind: 'approve'; step?: string; by: string; comment?: string; automatic: boolean; refused?: boolean };

export interface Inbox {
  /** @returns the message's id, growing */
  post(runId: string, message: InboxMessage): Promise<number>;
  read(runId: string, afterId: number): Promise<{ id: number; message: InboxMessage }[]>;
}

/** Chunk of samples: gzipped newline-delimited JSON of {@link Sample}, chained by hash per run and prober. */
export interface SampleChunk {
  runId: string;
  prober: string;
  /** From 0, gap-free. */
  n: number;
  gz: Uint8Array;
  /** SHA-256 over previous hash, newline, gz; lower-case hex. */
  hash: string;
}

export interface SampleStore {
  /** May be called again with the same chunk after a lost answer. */
  putChunk(chunk: SampleChunk): Promise<void>;
  chunks(runId: string): Promise<SampleChunk[]>;
  putStatus(runId: string, prober: string, status: readonly ProbeStatus[]): Promise<void>;
  /** Newest status of every probe over all probers. */
  status(runId: string): Promise<ProbeStatus[]>;
  /** The prober's last word: how many chunks, the chain's head, what was read back. May be put again like a chunk. */
  seal(runId: string, prober: string, seal: SampleSeal): Promise<void>;
  seals(runId: string): Promise<SampleSeal[]>;
}

export interface SampleSeal {
  prober: string;
  chunks: number;
  hash: string;
  readbacks: readonly CanaryReadback[];
}

/** Samples of a run, unpacked and checked. */
export interface SampleSet {
  samples: readonly Sample[];
  readbacks: readonly CanaryReadback[];
}

/** The eyes of a run, as the driver sees them. */
export interface Observer {
  /** Makes sure that a prober watches the run; harmless when one does. */
  ensure(runId: string): Promise<void>;
  status(runId: string): Promise<ProbeStatus[]>;
  /** The seal of a closed run, once the prober has written it. */
  sealed(runId: string): Promise<{ chunks: number; hash: string } | undefined>;
}
