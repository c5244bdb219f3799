/**
 * A MySQL or MariaDB session that can only read. `mysql2` is loaded with the first one. The server refuses several statements
 * in one text, because the client doesn't ask for them.
 */
import { connect, isIP } from 'node:net';
import type { SslOptions } from 'mysql2';
import { UsageError } from '../../domain/errors.ts';
import type { ReadSession, Server, SessionLimits, Trouble } from '../verify/engine.ts';

const connectTimeoutMs = 5_000;

export async function openMysql(server: Server, { statementMs, signal }: SessionLimits): Promise<ReadSession> {
  const { default: mysql } = await import('mysql2');
  signal.throwIfAborted();
  const { host, address, port, user, password, database } = server;
  const ssl = sslOf(server);
  const socket = connect({ host: address, port });
  const connection = mysql.createConnection({
    host,
    port,
    user,
    password,
    database,
    stream: socket,
    connectTimeout: connectTimeoutMs,
    charset: 'utf8mb4',
    multipleStatements: false,
    rowsAsArray: true,
    typeCast: (field) => field.string('utf8'),
    ssl,
  });
  // A connection that breaks while nothing is asked tells it here; the next query fails by itself.
  connection.on('error', () => undefined);
  // Destroying the client would leave what is asked without an answer; a socket that is gone fails it.
  const drop = (): void => void socket.destroy();
  signal.addEventListener('abort', drop, { once: true });
  const query = (sql: string, values: readonly string[] = []) =>
    new Promise<(string | null)[][]>((resolve, reject) => {
      // The client's own limit holds where the server knows none; a statement it gives up on ends with the connection.
      connection.query({ sql, values: [...values], timeout: statementMs + connectTimeoutMs }, (error, rows) => {
        if (error) reject(error);
        else resolve(rows as unknown as (string | null)[][]);
      });
    });
  const close = async (): Promise<void> => {
    signal.removeEventListener('abort', drop);
    connection.destroy();
    drop();
  };
  try {
    await new Promise<void>((resolve, reject) => connection.connect((error) => (error ? reject(error) : resolve())));
    await query("set session time_zone = '+00:00'");
    await query('set session transaction read only');
    await limitStatements(query, statementMs);
  } catch (error) {
    await close();
    throw error;
  }
  return { query, close };
}

/** @throws UsageError `tls-needs-name`: the client holds certificates against names only */
function sslOf({ host, tls, authorities }: Server): SslOptions | undefined {
  if (tls === 'off') return undefined;
  const verifies = tls === 'verify';
  if (verifies && isIP(host) !== 0) {
    throw new UsageError('tls-needs-name', `the certificate of ${host} can't be checked, because that is an address`, {
      expected: 'the name of a MySQL or MariaDB server',
      found: host,
      remedy: 'Name the server as its certificate does, or say tls: encrypt where nobody could stand in between.',
      provesNothing: true,
    });
  }
  return {
    ...(authorities && { ca: [...authorities] }),
    rejectUnauthorized: verifies,
    verifyIdentity: verifies,
  };
}

/** MySQL counts milliseconds in one variable, MariaDB seconds in another. */
async function limitStatements(query: (sql: string) => Promise<unknown>, statementMs: number): Promise<void> {
  try {
    await query(`set session max_execution_time = ${Math.ceil(statementMs)}`);
  } catch (error) {
    if ((error as { code?: string }).code !== 'ER_UNKNOWN_SYSTEM_VARIABLE') throw error;
    await query(`set session max_statement_time = ${statementMs / 1000}`);
  }
}

const byCode: Readonly<Record<string, Trouble>> = {
  ER_ACCESS_DENIED_ERROR: 'login-refused',
  ER_ACCESS_DENIED_NO_PASSWORD_ERROR: 'login-refused',
  ER_ACCOUNT_HAS_BEEN_LOCKED: 'login-refused',
  ER_MUST_CHANGE_PASSWORD_LOGIN: 'login-refused',
  ER_HOST_NOT_PRIVILEGED: 'login-refused',
  AUTH_SWITCH_PLUGIN_ERROR: 'login-refused',
  // An account without rights gets this one for a database that isn't there, too.
  ER_DBACCESS_DENIED_ERROR: 'no-database',
  ER_BAD_DB_ERROR: 'no-database',
  HANDSHAKE_NO_SSL_SUPPORT: 'tls',
  HANDSHAKE_SSL_ERROR: 'tls',
  ER_SECURE_TRANSPORT_REQUIRED: 'tls',
  ER_CON_COUNT_ERROR: 'unreachable',
  ER_SERVER_SHUTDOWN: 'unreachable',
  ER_TABLEACCESS_DENIED_ERROR: 'denied',
  ER_COLUMNACCESS_DENIED_ERROR: 'denied',
  ER_SPECIFIC_ACCESS_DENIED_ERROR: 'denied',
  ER_QUERY_TIMEOUT: 'slow',
  ER_STATEMENT_TIMEOUT: 'slow',
  PROTOCOL_SEQUENCE_TIMEOUT: 'slow',
};
const statementTimeMariaDb = 1969;
const certificates = /^(SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_|CERT_|ERR_TLS|ERR_SSL)/;

/** By the server's error name, else by the socket's code. See the MySQL Server Error Message Reference. */
export function troubleOfMysql(error: unknown): Trouble {
  const { code, errno } = error as { code?: unknown; errno?: unknown };
  if (errno === statementTimeMariaDb) return 'slow';
  if (typeof code !== 'string') return 'unknown';
  const known = byCode[code];
  if (known) return known;
  if (certificates.test(code)) return 'tls';
  return code.startsWith('ER_') ? 'refused' : 'unreachable';
}
