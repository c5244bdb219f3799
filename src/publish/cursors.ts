/** How far the log of each run was sent to each queue, in Postgres. */
import type { Pool } from 'pg';
import { migrate } from '../postgres/migrate.ts';

const steps = [
  `CREATE TABLE firedrill.publish_cursor (
    run_id text NOT NULL,
    queue text NOT NULL,
    seq int NOT NULL DEFAULT 0,
    PRIMARY KEY (queue, run_id));
  CREATE INDEX publish_cursor_run ON firedrill.publish_cursor (run_id);`,
  `ALTER TABLE firedrill.publish_cursor ADD COLUMN ephemeral boolean NOT NULL DEFAULT false`,
];

/** Needs the log's tables beside it. Quick when nothing is to be done. */
export const preparePublishTables = (pool: Pool): Promise<void> => migrate(pool, 'publish', steps);

/**
 * From now on the run's events, from the first, go to the queue: sooner or later, by whichever process.
 * @param ephemeral the queue ends with the run's lab, see {@link abandonEphemeral}
 */
export async function enrol(pool: Pool, runId: string, queue: string, ephemeral: boolean): Promise<void> {
  await pool.query(
    'INSERT INTO firedrill.publish_cursor (run_id, queue, ephemeral) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
    [runId, queue, ephemeral],
  );
}

/** A lab's queue is gone with it; another lab may have one of the same URL, which must not get what is pending. */
export async function abandonEphemeral(pool: Pool, runId: string): Promise<void> {
  await pool.query('DELETE FROM firedrill.publish_cursor WHERE run_id = $1 AND ephemeral', [runId]);
}

/** Number of the newest event that the queue has; undefined when the run is not enrolled there. */
export async function cursorOf(pool: Pool, runId: string, queue: string): Promise<number | undefined> {
  const { rows } = await pool.query<{ seq: number }>({
    name: 'cursor',
    text: 'SELECT seq FROM firedrill.publish_cursor WHERE run_id = $1 AND queue = $2',
    values: [runId, queue],
  });
  return rows[0]?.seq;
}

/** @returns false when it did not stand just before `seq`: another process sends too */
export async function advanceTo(pool: Pool, runId: string, queue: string, seq: number): Promise<boolean> {
  const { rowCount } = await pool.query({
    name: 'advance',
    text: 'UPDATE firedrill.publish_cursor SET seq = $3 WHERE run_id = $1 AND queue = $2 AND seq = $3 - 1',
    values: [runId, queue, seq],
  });
  return rowCount === 1;
}

/** Runs with events that the queue hasn't got, at most `limit`. */
export async function pendingRuns(pool: Pool, queue: string, limit: number): Promise<string[]> {
  const { rows } = await pool.query<{ run_id: string }>(
    `SELECT run_id FROM firedrill.publish_cursor c WHERE queue = $1
       AND EXISTS (SELECT FROM firedrill.log l WHERE l.run_id = c.run_id AND l.seq = c.seq + 1) LIMIT $2`,
    [queue, limit],
  );
  return rows.map((row) => row.run_id);
}

export interface EventCounts {
  published: number;
  pending: number;
}

/** Over all queues that the run is enrolled at, the one that lags most. Both 0 when there is none. */
export async function countEvents(pool: Pool, runId: string): Promise<EventCounts> {
  const { rows } = await pool.query<{ published: number | null; head: number | null }>(
    `SELECT (SELECT min(seq) FROM firedrill.publish_cursor WHERE run_id = $1) AS published,
            (SELECT max(seq) FROM firedrill.log WHERE run_id = $1) AS head`,
    [runId],
  );
  const { published = null, head = null } = rows[0] ?? {};
  return published === null ? { published: 0, pending: 0 } : { published, pending: (head ?? 0) - published };
}
