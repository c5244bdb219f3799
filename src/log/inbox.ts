/** The inbox of runs in Postgres: what people and programs want of a run, for its owner to fold in. */
import type { Pool } from 'pg';
import type { Inbox, InboxMessage } from '../domain/ports.ts';
import { ridingOut } from '../postgres/outage.ts';

const UNIQUE_VIOLATION = '23505';

/**
 * Needs the tables of schema.ts. Ids are numbered per run in the order in which messages become visible: a reader that goes
 * on from the newest id it has seen misses none (a database sequence would not promise that).
 */
export function createInbox(pool: Pool): Inbox {
  const post = async (runId: string, text: string): Promise<number> => {
    const { rows } = await pool.query<{ id: number }>(
      `INSERT INTO firedrill.inbox (run_id, id, message)
         SELECT $1, coalesce(max(id), 0) + 1, $2 FROM firedrill.inbox WHERE run_id = $1 RETURNING id`,
      [runId, text],
    );
    return rows[0]!.id;
  };
  return {
    async post(runId, message) {
      const text = JSON.stringify(message);
      for (;;) {
        try {
          return await post(runId, text);
        } catch (error) {
          if ((error as { code?: string }).code !== UNIQUE_VIOLATION) throw error; // Else somebody else was quicker.
        }
      }
    },
    async read(runId, afterId) {
      const { rows } = await ridingOut(() =>
        pool.query<{ id: number; message: string }>({
          name: 'inbox',
          text: 'SELECT id, message FROM firedrill.inbox WHERE run_id = $1 AND id > $2 ORDER BY id',
          values: [runId, afterId],
        }),
      );
      return rows.map(({ id, message }) => ({ id, message: JSON.parse(message) as InboxMessage }));
    },
  };
}
