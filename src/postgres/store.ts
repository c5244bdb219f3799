/**
 * The store that every command shares: the Postgres server behind FIREDRILL_DATABASE_URL, or an embedded one in
 * `<home>/store` that the first command starts and the last one stops. What lies in it is log/'s.
 *
 * Commands come and go at any moment, and may be killed. Postgres itself is the arbiter, so nothing goes stale:
 * - a server's pid file lets only one of several starters win; the others attach to the winner's;
 * - who uses the store holds a *shared* advisory lock on a session of its own, and only then counts as attached;
 * - who leaves tries for that lock *exclusively*, stops the server while holding it, or leaves it to those who remain.
 * Whoever comes while the server stops fails before it counts as attached, and starts again. A server that stops ends its sessions
 * in any order: when the lock comes from one that went first, the server has noted that it stops.
 */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { FiredrillError, UsageError } from '../domain/errors.ts';
import { locateBinaries } from './binaries.ts';
import type { Binaries } from './binaries.ts';
import { clusterVersion, initCluster } from './cluster.ts';
import { makeHome } from './home.ts';
import { isConnectionLoss } from './outage.ts';
import { findServer, freePort, isReady, startServer } from './server.ts';
import type { Server } from './server.ts';

const HOST = '127.0.0.1';
const USER = 'firedrill';
const OPEN_MS = 60_000;
const RETRY_MS = 20;
/** Sessions take a moment to disappear from the server's list after their connections were closed. */
const LINGER_MS = 300;
/** Name of every session of firedrill's, by which the server tells them from those of others. */
const APPLICATION = 'firedrill';
/** Key of the advisory lock that tells who uses the store: the bytes of "drill". */
const PRESENCE = 0x6472696c6c;

const SETTINGS = {
  max_connections: '200',
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_logical_replication_workers: '0',
};

export interface Store {
  /** Connection string, with password: for children and libraries, never for logs. */
  readonly url: string;
  readonly pool: pg.Pool;
  /** A session of its own, for locks and LISTEN. The caller ends it. */
  readonly connect: () => Promise<pg.Client>;
  /** Ends the pool, and the embedded server when nobody else uses it. Harmless when called again. */
  close(): Promise<void>;
}

export interface StoreOptions {
  /** Default state directory: see home.ts. Unused with `databaseUrl`. */
  home: string;
  databaseUrl?: string;
}

/**
 * @throws UsageError `store-unreachable` for a server of the user's own
 * @throws FiredrillError `store-version`, `store-foreign`, and those of binaries, cluster and server
 */
export async function openStore({ home, databaseUrl }: StoreOptions): Promise<Store> {
  return databaseUrl ? openRemote(databaseUrl) : openEmbedded(home);
}

async function openRemote(url: string): Promise<Store> {
  const probe = await connect(url).catch((cause: Error) => {
    throw new UsageError(
      'store-unreachable',
      `the database of FIREDRILL_DATABASE_URL can not be used: ${cause.message}`,
      {
        cause,
        expected: 'a Postgres server that accepts this user, password and database',
        remedy: 'Check the address, the password and that the server is up.',
      },
    );
  });
  await probe.end();
  return assemble(url, () => Promise.resolve());
}

async function openEmbedded(home: string): Promise<Store> {
  const binaries = await locateBinaries(home);
  await makeHome(home);
  const dir = join(home, 'store');
  const { server, url, presence } = await attach(binaries, dir);
  return assemble(url, () => leave(server, presence));
}

function assemble(url: string, afterwards: () => Promise<void>): Store {
  const pool = new pg.Pool({ connectionString: url, max: 10 });
  pool.on('error', () => undefined); // An idle connection broke; the next query opens another or fails with the reason.
  let closed: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    await pool.end();
    await afterwards();
  };
  return { url, pool, connect: () => connect(url), close: () => (closed ??= close()) };
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, keepAlive: true });
  client.on('error', () => undefined); // A broken session fails its next query; without this it would end the process.
  await client.connect();
  return client;
}

interface Attachment {
  server: Server;
  url: string;
  /** Holds the shared lock. */
  presence: pg.Client;
}

async function attach(binaries: Binaries, dir: string): Promise<Attachment> {
  const deadline = performance.now() + OPEN_MS;
  for (;;) {
    const password = await ensureCluster(binaries, dir);
    try {
      const server = (await findServer(binaries, dir)) ?? (await start(binaries, dir));
      await server.ready;
      const url = `postgresql://${USER}:${password}@${HOST}:${server.port}/postgres?application_name=${APPLICATION}`;
      const presence = await enter(url);
      if (isReady(server)) return { server, url, presence };
      await presence.end().catch(() => undefined);
    } catch (error) {
      if (!isPassing(error) || performance.now() > deadline) throw error;
      await delay(RETRY_MS);
    }
  }
}

const start = async (binaries: Binaries, dir: string): Promise<Server> =>
  startServer({ binaries, dir, host: HOST, port: await freePort(HOST), settings: SETTINGS });

async function enter(url: string): Promise<pg.Client> {
  const client = await connect(url);
  try {
    await client.query('SELECT pg_advisory_lock_shared($1)', [PRESENCE]);
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
}

/** Whether trying again helps: somebody else is starting or stopping the server, or took the port. */
function isPassing(error: unknown): boolean {
  const { code, found = '' } = error as { code?: string; found?: string };
  if (code === 'postgres-start') return /postmaster\.pid|in use|TCP\/IP sockets/.test(found);
  return code === 'postgres-running' || code === 'postgres-gone' || isConnectionLoss(error);
}

/** @returns the password */
async function ensureCluster(binaries: Binaries, dir: string): Promise<string> {
  const version = await clusterVersion(dir).catch((cause: Error) => {
    throw new FiredrillError('store-foreign', `the store ${dir} can not be read: ${cause.message}`, {
      cause,
      expected: 'a store that this user made',
      remedy: 'Run as the user that made it, or set FIREDRILL_HOME to a directory of your own.',
    });
  });
  if (version === undefined) {
    const password = randomBytes(24).toString('base64url');
    await initCluster({ binaries, dir, user: USER, password, files: { [PASSWORD_FILE]: password } }).catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error; // Else another command made it first.
      },
    );
  } else if (version !== binaries.major) {
    throw new FiredrillError('store-version', `the store ${dir} was made by another major version of Postgres`, {
      expected: binaries.major,
      found: version,
      remedy: `Use the firedrill version that made it, or move ${dir} away to begin an empty store.`,
    });
  }
  return readFile(join(dir, PASSWORD_FILE), 'utf8');
}

const PASSWORD_FILE = 'firedrill.password';

/** @throws nothing that the caller could act on: a server that is gone needs no stopping */
async function leave(server: Server, presence: pg.Client): Promise<void> {
  try {
    await presence.query('SELECT pg_advisory_unlock_shared($1)', [PRESENCE]);
    const { rows } = await presence.query<{ alone: boolean }>('SELECT pg_try_advisory_lock($1) AS alone', [PRESENCE]);
    if (rows[0]?.alone && (await isLast(presence))) await server.stop('fast');
  } catch (error) {
    if (!isPassing(error)) throw error;
  } finally {
    await presence.end().catch(() => undefined);
  }
}

/**
 * Sessions without the lock count too when they are others': a person's psql, a library. Firedrill's own are on their way out by
 * then, however long a busy machine takes for that: who uses the store holds the lock.
 */
async function isLast(presence: pg.Client): Promise<boolean> {
  const deadline = performance.now() + LINGER_MS;
  for (;;) {
    const { rows } = await presence.query<{ all: number; others: number }>(
      `SELECT count(*)::int AS all, count(*) FILTER (WHERE application_name <> $1)::int AS others
       FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`,
      [APPLICATION],
    );
    const { all, others } = rows[0]!;
    if (all === 0) return true;
    if (performance.now() > deadline) return others === 0;
    await delay(RETRY_MS);
  }
}
