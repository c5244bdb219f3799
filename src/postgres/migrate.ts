/** Brings the tables of one component up to date: numbered steps, each once, one process at a time. */
import type { Pool } from 'pg';
import { FiredrillError } from '../domain/errors.ts';
import { keyOf } from './locks.ts';

/**
 * @param component whose tables: its own numbering
 * @param steps SQL by number; only ever appended to
 * @throws FiredrillError `store-newer` when a newer firedrill has been here
 */
export async function migrate(pool: Pool, component: string, steps: readonly string[]): Promise<void> {
  if ((await stepsDone(pool, component)) === steps.length) return;
  const session = await pool.connect();
  try {
    await session.query('BEGIN');
    await session.query('SELECT pg_advisory_xact_lock($1)', [keyOf('migrate')]);
    await session.query(`CREATE SCHEMA IF NOT EXISTS firedrill`);
    await session.query(`CREATE TABLE IF NOT EXISTS firedrill.migration (
      component text NOT NULL, step int NOT NULL, at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (component, step))`);
    const done = await stepsDone(session, component);
    if (done > steps.length) throw newer(component, steps.length, done);
    for (const [n, sql] of steps.slice(done).entries()) {
      await session.query(sql);
      await session.query('INSERT INTO firedrill.migration (component, step) VALUES ($1, $2)', [
        component,
        done + n + 1,
      ]);
    }
    await session.query('COMMIT');
    session.release();
  } catch (error) {
    session.release(true); // Its transaction ends with the session.
    throw error;
  }
}

async function stepsDone(db: Pick<Pool, 'query'>, component: string): Promise<number> {
  const { rows } = await db.query<{ known: boolean }>(`SELECT to_regclass('firedrill.migration') IS NOT NULL AS known`);
  if (!rows[0]?.known) return 0;
  const count = await db.query<{ done: number }>(
    'SELECT count(*)::int AS done FROM firedrill.migration WHERE component = $1',
    [component],
  );
  return count.rows[0]?.done ?? 0;
}

const newer = (component: string, expected: number, found: number): FiredrillError =>
  new FiredrillError('store-newer', `the store was upgraded by a newer version of firedrill`, {
    expected: `${component} tables of version ${expected}`,
    found: `version ${found}`,
    remedy: 'Use that version of firedrill, or a store of its own (FIREDRILL_HOME, FIREDRILL_DATABASE_URL).',
  });
