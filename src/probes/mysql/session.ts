/**
 * One connection to a MySQL or MariaDB server that gives up when it is told to: whatever hangs, aborting the signal ends it at
 * once. `mysql2` is loaded with the first connection, because most drills have no use for it.
 */
import { connect } from 'node:net';
import { readSecret, parseLogin } from '../../secrets/secrets.ts';
import type { Resolver } from '../dns/resolver.ts';

export interface ServerAddress {
  host: string;
  port: number;
  /** Secret reference. */
  login: string;
  /** Default: the one that the login names. */
  database?: string;
  /** Encrypt the connection. The server's certificate isn't checked: a probe shows availability, not identity. */
  tls: boolean;
}

export interface Session {
  query(sql: string, values?: readonly (string | number)[]): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Ends the connection without asking the server. */
  drop: () => void;
}

/** @throws the connection's error; UsageError when there is no login behind the reference */
export async function connectTo(
  server: ServerAddress,
  { resolver, env }: { resolver: Resolver; env: NodeJS.ProcessEnv },
  signal: AbortSignal,
): Promise<Session> {
  const { host, port, tls, database } = server;
  const [{ default: mysql }, secret, addresses] = await Promise.all([
    import('mysql2'),
    readSecret(server.login, env),
    resolver.addresses(host, signal),
  ]);
  signal.throwIfAborted();
  const login = parseLogin(secret, server.login);
  const socket = connect({ host: addresses[0]?.address ?? host, port });
  const connection = mysql.createConnection({
    host,
    port,
    user: login.user,
    password: login.password,
    database: database ?? login.database,
    stream: socket,
    ssl: tls ? { rejectUnauthorized: false } : undefined,
  });
  // A connection that breaks while nothing is asked tells it here; the next question fails by itself.
  connection.on('error', () => undefined);
  // Destroying the client would leave what is asked without an answer; a socket that is gone fails it.
  const drop = (): void => void socket.destroy();
  await untilAborted(
    drop,
    signal,
    () => new Promise<void>((resolve, reject) => connection.connect((error) => (error ? reject(error) : resolve()))),
  );
  return {
    query: (sql, values = []) =>
      new Promise((resolve, reject) => {
        connection.query(sql, [...values], (error, rows) => {
          if (error) reject(error);
          else resolve(rows as unknown as Readonly<Record<string, unknown>>[]);
        });
      }),
    drop,
  };
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
