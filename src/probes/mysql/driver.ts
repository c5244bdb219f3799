/** How probes talk to a MySQL or MariaDB server. */
import { connect } from 'node:net';
import type { Driver } from '../sql/session.ts';

export const mysqlDriver: Driver = async () => {
  const { default: mysql } = await import('mysql2');
  return ({ address, host, port, login, database, tls }) => {
    const socket = connect({ host: address, port });
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
    return {
      connect: () =>
        new Promise<void>((resolve, reject) => connection.connect((error) => (error ? reject(error) : resolve()))),
      query: (sql, values = []) =>
        new Promise((resolve, reject) => {
          connection.query(sql, [...values], (error, rows) => {
            if (error) reject(error);
            else resolve(rows as unknown as Readonly<Record<string, unknown>>[]);
          });
        }),
      // Destroying the client would leave what is asked without an answer; a socket that is gone fails it.
      drop: () => void socket.destroy(),
    };
  };
};
