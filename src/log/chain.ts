/** The hash chain over a run's log: how an entry is made, and how a stranger checks that none was changed. Pure. */
import { createHash } from 'node:crypto';
import type { LogEntry, RunEvent } from '../domain/event.ts';
import { canonical } from '../domain/json.ts';
import type { Json } from '../domain/json.ts';

/** Stands in for the hash before the first entry. */
export const CHAIN_START = '0'.repeat(64);

export const hashOf = ({ prev, runId, seq, body }: Pick<LogEntry, 'prev' | 'runId' | 'seq' | 'body'>): string =>
  createHash('sha256').update(`${prev}\n${runId}\n${seq}\n${body}`).digest('hex');

/** The entry that follows `head` (`seq` 0 for none). */
export function nextEntry(runId: string, head: { seq: number; hash: string }, event: RunEvent): LogEntry {
  const body = canonical(event as unknown as Json);
  const link = { runId, seq: head.seq + 1, prev: head.seq === 0 ? CHAIN_START : head.hash, body };
  return { ...link, hash: hashOf(link), event: JSON.parse(body) as RunEvent };
}

export interface BrokenLink {
  /** Sequence number at which the chain first fails. */
  seq: number;
  what: 'missing' | 'link' | 'hash' | 'run';
  expected: string;
  found: string;
}

/**
 * Checks a whole log from its first entry on: numbering without gaps, each `prev` the hash before it, each hash over its text.
 * A log that was cut off at its end is whole as far as it goes: compare its last hash with one that was kept elsewhere.
 * @returns the first broken link, or undefined when every link holds
 */
export function verifyChain(entries: readonly Omit<LogEntry, 'event'>[]): BrokenLink | undefined {
  let head = { seq: 0, hash: CHAIN_START };
  for (const entry of entries) {
    const seq = head.seq + 1;
    const broken = (what: BrokenLink['what'], expected: string, found: string) => ({ seq, what, expected, found });
    if (entry.seq !== seq) return broken('missing', `entry ${seq}`, `entry ${entry.seq}`);
    if (entry.runId !== entries[0]?.runId) return broken('run', `${entries[0]?.runId}`, entry.runId);
    if (entry.prev !== head.hash) return broken('link', head.hash, entry.prev);
    const made = hashOf(entry);
    if (entry.hash !== made) return broken('hash', made, entry.hash);
    head = { seq, hash: made };
  }
  return undefined;
}
