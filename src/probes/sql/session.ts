/**
 * One connection to a SQL server that gives up when it is told to: whatever hangs, aborting the signal ends it at once. How a
 * server is talked to is its driver's business.
 */
import type { Login } from '../../secrets/secrets.ts';
import { parseLogin, readSecret } from '../../secrets/secrets.ts';
import type { Resolver } from '../dns/resolver.ts';

export interface ServerAddress {
  host: string;
  port: number;
  /** Secret reference. */
  login: string;
  /** Default: the one that the login names, else the driver's. */
  database?: string;
  /** Encrypt the connection. The server's certificate isn't checked: a probe shows availability, not identity. */
  tls: boolean;
}

export interface Session {
  /** Placeholders in the statement are the server's own. */
  query(sql: string, values?: readonly (string | number)[]): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Ends the connection without asking the server. */
  drop: () => void;
}

/** What a driver needs to begin a connection. */
export interface Connection extends Omit<ServerAddress, 'login'> {
  /** What `host` stands for now. */
  address: string;
  login: Login;
}

/** Begins a connection; `connect` settles when it stands. */
export type Open = (connection: Connection) => Session & { connect(): Promise<unknown> };

/** Loads a client library with the first connection, because most drills have no use for it. */
export type Driver = () => Promise<Open>;

/** @throws the connection's error; UsageError when there is no login behind the reference */
export async function connectTo(
  driver: Driver,
  server: ServerAddress,
  { resolver, env }: { resolver: Resolver; env: NodeJS.ProcessEnv },
  signal: AbortSignal,
): Promise<Session> {
  const { host } = server;
  const [open, secret, addresses] = await Promise.all([
    driver(),
    readSecret(server.login, env),
    resolver.addresses(host, signal),
  ]);
  signal.throwIfAborted();
  const login = parseLogin(secret, server.login);
  const session = open({ ...server, login, address: addresses[0]?.address ?? host });
  await untilAborted(session.drop, signal, () => session.connect());
  return session;
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
