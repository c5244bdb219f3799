/**
 * Named locks that live as long as the session that took them: whoever is killed lets go at once, nothing goes stale. They
 * say who is alive (`prober:<run>`) and keep work to one process at a time.
 *
 * A process that hangs keeps its session, and with it its lock. So a holder's event loop asks something small on that session
 * every few seconds: for how long it has not is what the server itself knows of the session, in its own time.
 */
import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';

const POLL_MS = 25;
/** Time from one sign of life of a holder to the next. */
const BEAT_MS = 3_000;
/** Who lets go waits no longer than this for the server, which may be away. */
const RELEASE_MS = 5_000;

/** Opens a session of its own, as Store.connect does. */
export type Connect = () => Promise<pg.Client>;

export interface HeldLock {
  /** Aborts when the session broke: the lock may be another's already, so its holder must stop. */
  readonly lost: AbortSignal;
  /** The server's process behind the session. */
  readonly backend: number;
  /** The lock is free then, unless the server does not answer. */
  release(): Promise<void>;
}

/** Takes the lock when it is free. */
export async function tryLock(connect: Connect, name: string, beatMs = BEAT_MS): Promise<HeldLock | undefined> {
  const session = await connect();
  const lost = new AbortController();
  let released = false;
  let beats: Beats | undefined;
  session.once('end', () => {
    beats?.stop();
    if (!released) lost.abort(new Error(`the session that held the lock ${name} has ended`));
  });
  try {
    const { rows } = await session.query<{ held: boolean; backend: number }>(
      'SELECT pg_try_advisory_lock($1) AS held, pg_backend_pid() AS backend',
      [keyOf(name)],
    );
    if (rows[0]?.held) {
      beats = beat(session, beatMs);
      return {
        lost: lost.signal,
        backend: rows[0].backend,
        release: async () => {
          released = true;
          beats?.stop();
          // A session that ends in the middle of a question leaves the server to find out, and the lock with it.
          await Promise.race([beats?.answered(), delay(RELEASE_MS, undefined, { ref: false })]);
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

interface Beats {
  stop(): void;
  /** Resolves when no sign of life is under way. */
  answered(): Promise<void>;
}

/** One sign of life at a time: behind one that is not answered no others queue up. */
function beat(session: pg.Client, everyMs: number): Beats {
  let open: Promise<void> | undefined;
  const timer = setInterval(() => {
    open ??= session.query('SELECT').then(
      () => (open = undefined),
      () => undefined, // The session broke; its `end` says so.
    );
  }, everyMs).unref();
  return { stop: () => clearInterval(timer), answered: async () => open };
}

const OF_LOCK = `FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND granted
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND (classid::bigint << 32 | objid::bigint) = $1`;

/** Since the session's last statement, as far as this user may know: another user's sessions count as lively. */
const QUIET_MS = `(SELECT coalesce(extract(epoch FROM clock_timestamp() - state_change) * 1000, 0)::float8
  FROM pg_stat_activity AS activity WHERE activity.pid = pg_locks.pid)`;

type Database = Pick<pg.Pool, 'query'>;

/** Whether some session holds the lock right now. */
export async function isHeld(db: Database, name: string): Promise<boolean> {
  const { rowCount } = await db.query(`SELECT 1 ${OF_LOCK}`, [keyOf(name)]);
  return rowCount !== 0;
}

export interface Holder {
  /** The server's process behind the session. */
  backend: number;
  /** Time since the last sign of life, milliseconds. */
  quietMs: number;
}

/** Who holds the lock right now. */
export async function holderOf(db: Database, name: string): Promise<Holder | undefined> {
  const text = `SELECT pid AS backend, ${QUIET_MS} AS "quietMs" ${OF_LOCK}`;
  const { rows } = await db.query<Holder>(text, [keyOf(name)]);
  return rows[0];
}

/**
 * Ends the session that holds the lock when it has shown no life for so long, so that the lock is free. Looking and ending is
 * one statement: a holder that comes back to life just before keeps it.
 * @param quietMs milliseconds
 * @returns whether there was such a session
 */
export async function breakLock(db: Database, name: string, quietMs: number): Promise<boolean> {
  const text = `SELECT pid AS backend, pg_terminate_backend(pid) ${OF_LOCK} AND ${QUIET_MS} >= $2`;
  const { rows } = await db.query<Pick<Holder, 'backend'>>(text, [keyOf(name), quietMs]);
  const [ended] = rows;
  if (!ended) return false;
  // Its owner may have the lock again by then, in another session.
  const isThere = async (): Promise<boolean> => (await holderOf(db, name))?.backend === ended.backend;
  while (await isThere()) await delay(POLL_MS); // It takes a moment to end.
  return true;
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
