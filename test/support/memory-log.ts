/** The log of runs in memory, with the same fence and the same chain as the one in Postgres. */
import { createHash } from 'node:crypto';
import { LostError } from '../../src/domain/errors.ts';
import type { LogEntry, RunEvent } from '../../src/domain/event.ts';
import { canonical } from '../../src/domain/json.ts';
import type { Json } from '../../src/domain/json.ts';
import type { Log } from '../../src/domain/ports.ts';

export class MemoryLog implements Log {
  readonly #runs = new Map<string, LogEntry[]>();

  read(runId: string, after = 0): Promise<LogEntry[]> {
    return Promise.resolve((this.#runs.get(runId) ?? []).filter((entry) => entry.seq > after));
  }

  append(runId: string, head: { seq: number; hash: string }, event: RunEvent): Promise<LogEntry> {
    const entries = this.#runs.get(runId) ?? [];
    if ((entries.at(-1)?.seq ?? 0) !== head.seq) return Promise.reject(new LostError(runId));
    const seq = head.seq + 1;
    const body = canonical(event as unknown as Json);
    const hash = createHash('sha256').update(`${head.hash}\n${runId}\n${seq}\n${body}`).digest('hex');
    const entry: LogEntry = { runId, seq, prev: head.hash, hash, body, event: JSON.parse(body) as RunEvent };
    this.#runs.set(runId, [...entries, entry]);
    return Promise.resolve(entry);
  }

  /** Who claimed the run last. */
  owner(runId: string): string | undefined {
    const claims = (this.#runs.get(runId) ?? []).flatMap(({ event }) =>
      event.type === 'run.claimed' || event.type === 'undo.retried' ? [event.owner] : [],
    );
    return claims.at(-1);
  }

  runs(): Promise<string[]> {
    return Promise.resolve([...this.#runs.keys()].toReversed());
  }

  head(runId: string): Promise<number> {
    return Promise.resolve(this.#runs.get(runId)?.at(-1)?.seq ?? 0);
  }
}

/** The head before a run's first entry. */
export const emptyHead = { seq: 0, hash: '0'.repeat(64) };
