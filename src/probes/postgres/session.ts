/**
 * One connection to a Postgres server that gives up when it is told to: whatever hangs, aborting the signal ends it at once.
 * `pg` is loaded with the first connection, because most drills have no use for it.
 */
import { Socket } from 'node:net';
import type { Client } from 'pg';
import { readSecret, parseLogin } from '../../secrets/secrets.ts';
import type { Resolver } from '../dns/resolver.ts';

export interface ServerAddress {
  host: string;
  port: number;
  /** Secret reference. */
  login: string;
  /** Default: the one that the login names, else `postgres`. */
  database?: string;
  /** Encrypt the connection. The server's certificate isn't checked: a probe shows availability, not identity. */
  tls: boolean;
}

export interface Session {
  client: Client;
  /** Ends the connection without asking the server. */
  drop: () => void;
}

/** @throws the connection's error; UsageError when there is no login behind the reference */
export async function connectTo(
  server: ServerAddress,
  { resolver, env }: { resolver: Resolver; env: NodeJS.ProcessEnv },
  signal: AbortSignal,
): Promise<Session> {
  const [{ default: pg }, secret, addresses] = await Promise.all([
    import('pg'),
    readSecret(server.login, env),
    resolver.addresses(server.host, signal),
  ]);
  signal.throwIfAborted();
  const login = parseLogin(secret, server.login);
  const socket = new Socket();
  const client = new pg.Client({
    host: addresses[0]?.address,
    port: server.port,
    user: login.user,
    password: login.password,
    database: server.database ?? login.database ?? 'postgres',
    application_name: 'firedrill probe',
    stream: () => socket,
    ssl: server.tls ? { rejectUnauthorized: false, servername: server.host } : false,
  });
  // A connection that breaks while nothing is asked tells it here; the next question fails by itself.
  client.on('error', () => undefined);
  const drop = (): void => void socket.destroy();
  await untilAborted(drop, signal, () => client.connect());
  return { client, drop };
}

/** Runs work that can't be cancelled otherwise; aborting drops the connection under it, which makes it fail. */
export async function untilAborted<T>(drop: () => void, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  signal.addEventListener('abort', drop, { once: true });
  try {
    return await work();
  } finally {
    signal.removeEventListener('abort', drop);
  }
}
