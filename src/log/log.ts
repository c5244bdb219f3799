/** The log of runs in Postgres: one row an event, chained by hash, written by one INSERT each. */
import type { Pool } from 'pg';
import { LostError } from '../domain/errors.ts';
import type { LogEntry, RunEvent } from '../domain/event.ts';
import type { Log } from '../domain/ports.ts';
import { LOG_CHANNEL } from '../postgres/channels.ts';
import { ridingOut } from '../postgres/outage.ts';
import { nextEntry } from './chain.ts';

/** Only onto the entry that it was chained to: a writer that is behind, or ahead, adds nothing. */
const APPEND = `
  WITH added AS (
    INSERT INTO firedrill.log (run_id, seq, prev, hash, body)
    SELECT $1, $2, $3, $4, $5
    WHERE $2 = 1 OR EXISTS (SELECT FROM firedrill.log WHERE run_id = $1 AND seq = $2 - 1 AND hash = $3)
    ON CONFLICT DO NOTHING
    RETURNING seq)
  SELECT pg_notify('${LOG_CHANNEL}', $1) FROM added`;

/** Needs the tables of schema.ts. Short outages of the database are ridden out. */
export function createLog(pool: Pool): Log {
  return {
    async read(runId, after = 0) {
      const { rows } = await ridingOut(() =>
        pool.query<Row>(
          'SELECT run_id, seq, prev, hash, body FROM firedrill.log WHERE run_id = $1 AND seq > $2 ORDER BY seq',
          [runId, after],
        ),
      );
      return rows.map(entryOf);
    },

    async append(runId, head, event) {
      const entry = nextEntry(runId, head, event);
      const { seq, prev, hash, body } = entry;
      const added = await ridingOut(async () => {
        const { rowCount } = await pool.query({ name: 'append', text: APPEND, values: [runId, seq, prev, hash, body] });
        return rowCount === 1 || (await isThere(pool, entry));
      });
      if (!added) throw new LostError(runId);
      return entry;
    },

    async runs(limit) {
      const { rows } = await ridingOut(() =>
        pool.query<{ run_id: string }>(
          'SELECT run_id FROM firedrill.log WHERE seq = 1 ORDER BY at DESC, run_id DESC LIMIT $1',
          [limit ?? null],
        ),
      );
      return rows.map((row) => row.run_id);
    },

    async head(runId) {
      const { rows } = await ridingOut(() =>
        pool.query<{ seq: number }>({
          name: 'head',
          text: 'SELECT seq FROM firedrill.log WHERE run_id = $1 ORDER BY seq DESC LIMIT 1',
          values: [runId],
        }),
      );
      return rows[0]?.seq ?? 0;
    },
  };
}

/** An append whose answer was lost with the connection had taken effect: the entry is there, hash for hash. */
async function isThere(pool: Pool, { runId, seq, hash }: LogEntry): Promise<boolean> {
  const { rowCount } = await pool.query('SELECT FROM firedrill.log WHERE run_id = $1 AND seq = $2 AND hash = $3', [
    runId,
    seq,
    hash,
  ]);
  return rowCount === 1;
}

interface Row {
  run_id: string;
  seq: number;
  prev: string;
  hash: string;
  body: string;
}

const entryOf = ({ run_id: runId, seq, prev, hash, body }: Row): LogEntry => ({
  runId,
  seq,
  prev,
  hash,
  body,
  event: JSON.parse(body) as RunEvent,
});
