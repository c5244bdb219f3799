/** How probes talk to a Postgres server. */
import { Socket, isIP } from 'node:net';
import type { Driver } from '../sql/session.ts';

export const postgresDriver: Driver = async () => {
  const { default: pg } = await import('pg');
  return ({ address, host, port, login, database, tls }) => {
    const socket = new Socket();
    const client = new pg.Client({
      host: address,
      port,
      user: login.user,
      password: login.password,
      database: database ?? login.database ?? 'postgres',
      application_name: 'firedrill probe',
      stream: () => socket,
      // Servers are named to themselves by names, never by addresses (RFC 6066, section 3).
      ssl: tls ? { rejectUnauthorized: false, ...(isIP(host) === 0 && { servername: host }) } : false,
    });
    // A connection that breaks while nothing is asked tells it here; the next question fails by itself.
    client.on('error', () => undefined);
    return {
      connect: () => client.connect(),
      query: async (sql, values = []) => (await client.query<Record<string, unknown>>(sql, [...values])).rows,
      drop: () => void socket.destroy(),
    };
  };
};
