/**
 * A PostgreSQL session that can only read. What a value looks like as text is fixed for it, so that two servers with other
 * settings write equal values alike. `pg` is loaded with the first one.
 */
import { Socket, isIP } from 'node:net';
import type { ReadSession, Server, SessionLimits, TextRow, Trouble } from '../verify/engine.ts';

const connectTimeoutMs = 5_000;

/** Read only, and one text for one value. Rows that a policy hides are an error, or else nobody would know that they are there. */
const settings = [
  '-c default_transaction_read_only=on',
  '-c row_security=off',
  '-c timezone=UTC',
  '-c datestyle=ISO,YMD',
  '-c intervalstyle=postgres',
  '-c extra_float_digits=3',
  '-c bytea_output=hex',
  '-c lc_monetary=C',
].join(' ');

export async function openPostgres(server: Server, { statementMs, signal }: SessionLimits): Promise<ReadSession> {
  const { default: pg } = await import('pg');
  signal.throwIfAborted();
  const socket = new Socket();
  const client = new pg.Client({
    host: server.address,
    port: server.port,
    user: server.user,
    password: server.password,
    database: server.database,
    application_name: 'firedrill verification',
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: statementMs,
    options: settings,
    stream: () => socket,
    ssl: server.tls === 'off' ? false : sslOf(server),
    types: { getTypeParser: () => (value: string) => value },
  });
  // A connection that breaks while nothing is asked tells it here; the next query fails by itself.
  client.on('error', () => undefined);
  const drop = (): void => void socket.destroy();
  signal.addEventListener('abort', drop, { once: true });
  const close = async (): Promise<void> => {
    signal.removeEventListener('abort', drop);
    await client.end().catch(() => undefined);
    drop();
  };
  try {
    await client.connect();
  } catch (error) {
    await close();
    throw error;
  }
  return {
    // The extended protocol takes one statement, whatever stands in the text.
    query: async (text, values = []) => {
      const query = { text, values: [...values], rowMode: 'array' as const, queryMode: 'extended' };
      return (await client.query<(string | null)[]>(query)).rows satisfies TextRow[];
    },
    close,
  };
}

/** A certificate is held against the name, or the address where there is no name; an address is not named to the server. */
const sslOf = ({ host, tls, authorities }: Server) => ({
  ...(isIP(host) === 0 && { servername: host }),
  ...(authorities && { ca: [...authorities] }),
  rejectUnauthorized: tls === 'verify',
});

const unreachable = /^(08|53300|57P0[123])/;
const certificates = /^(SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_|CERT_|ERR_TLS|ERR_SSL)/;

/** By SQLSTATE, else by the socket's code. See PostgreSQL, Appendix A: Error Codes. */
export function troubleOfPostgres(error: unknown): Trouble {
  const { code, message } = error as { code?: unknown; message?: unknown };
  const said = typeof message === 'string' ? message : '';
  if (/does not support SSL/.test(said)) return 'tls';
  if (typeof code !== 'string')
    return /terminated|timeout|closed|ended|not queryable/i.test(said) ? 'unreachable' : 'unknown';
  if (certificates.test(code)) return 'tls';
  if (!/^[0-9A-Z]{5}$/.test(code) || /^E[A-Z]{4}$/.test(code)) return 'unreachable';
  // What a server that wants TLS says to one who comes without; RDS does since PostgreSQL 15 (rds.force_ssl).
  if (said.endsWith('no encryption')) return 'tls';
  if (code.startsWith('28')) return 'login-refused';
  if (code === '3D000') return 'no-database';
  if (unreachable.test(code)) return 'unreachable';
  if (code === '42501') return 'denied';
  return code === '57014' ? 'slow' : 'refused';
}
