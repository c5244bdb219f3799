/**
 * Named locks that live as long as the session that took them: whoever is killed lets go at once, nothing goes stale. They
 * say who is alive (`prober:<run>`) and keep work to one process at a time.
 */
import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';

const POLL_MS = 25;

/** Opens a session of its own, as Store.connect does. */
export type Connect = () => Promise<pg.Client>;

export interface HeldLock {
  /** Aborts when the session broke: the lock may be another's already, so its holder must stop. */
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

/** Takes the lock when it is free. */
export async function tryLock(connect: Connect, name: string): Promise<HeldLock | undefined> {
  const session = await connect();
  const lost = new AbortController();
  let released = false;
  session.once('end', () => {
    if (!released) lost.abort(new Error(`the session that held the lock ${name} has ended`));
  });
  try {
    const { rows } = await session.query<{ held: boolean }>('SELECT pg_try_advisory_lock($1) AS held', [keyOf(name)]);
    if (rows[0]?.held) {
      return {
        lost: lost.signal,
        release: async () => {
          released = true;
          await session.end();
        },
      };
    }
  } catch (error) {
    await session.end();
    throw error;
  }
  await session.end();
  return undefined;
}

/** Whether some session holds the lock right now. */
export async function isHeld(db: Pick<pg.Pool, 'query'>, name: string): Promise<boolean> {
  const { rowCount } = await db.query(
    `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND granted
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
       AND (classid::bigint << 32 | objid::bigint) = $1`,
    [keyOf(name)],
  );
  return rowCount !== 0;
}

/**
 * Does `work` while no other process does work of that name. Waits by asking again: a waiting statement would hold a snapshot,
 * and `CREATE INDEX CONCURRENTLY` in the work would wait for that forever.
 */
export async function alone<T>(connect: Connect, name: string, work: () => Promise<T>): Promise<T> {
  for (;;) {
    const lock = await tryLock(connect, name);
    if (!lock) {
      await delay(POLL_MS);
      continue;
    }
    try {
      return await work();
    } finally {
      await lock.release();
    }
  }
}

/** Decimal text of the signed 64-bit key of an advisory lock. */
export const keyOf = (name: string): string => createHash('sha256').update(name).digest().readBigInt64BE().toString();
