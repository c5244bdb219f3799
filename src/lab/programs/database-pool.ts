/**
 * The program's connections to its database. Each is made to where the endpoint's name points at that moment and lives for a few
 * seconds at most, so that the program follows a name that moves; each attempt and statement is bounded, so that a database that
 * hangs becomes an error that users see, instead of requests that pile up.
 */
import { Resolver } from 'node:dns';
import { Socket, type LookupFunction } from 'node:net';
import { Pool } from 'pg';
import type { ProgramSettings } from './settings.ts';

const boundMs = 1_000;
const lifetimeSeconds = 3;

export function openDatabase({ address, resolver, database }: ProgramSettings): Pool {
  const pool = new Pool({
    ...database,
    database: database.name,
    max: 4,
    connectionTimeoutMillis: boundMs,
    query_timeout: boundMs,
    maxLifetimeSeconds: lifetimeSeconds,
    idleTimeoutMillis: lifetimeSeconds * 1_000,
    stream: () => socketFrom(address, lookupBy(resolver)),
  });
  // An idle connection that breaks is replaced by the next request; only that request can say whether it mattered.
  pool.on('error', () => undefined);
  return pool;
}

/** Sends from the instance's own address: the network decides by it. */
function socketFrom(localAddress: string, lookup: LookupFunction): Socket {
  const socket = new Socket();
  const connect = socket.connect.bind(socket);
  socket.connect = ((port: number, host: string) =>
    connect({ port, host, localAddress, lookup, autoSelectFamily: false })) as Socket['connect'];
  return socket;
}

function lookupBy(server: string): LookupFunction {
  const resolver = new Resolver({ timeout: boundMs / 2, tries: 2 });
  resolver.setServers([server]);
  return (name, _options, callback) =>
    resolver.resolve4(name, (error, addresses) => callback(error, addresses?.[0] ?? '', 4));
}
