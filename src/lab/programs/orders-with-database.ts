/**
 * The image of a service that has everything on one instance: the order service, its own Postgres, and the script that backs that up
 * every night. Both are reached at the instance's address, at LISTEN_PORT and 5432, and die with it.
 *
 *   orders-dump [--as-of TIME]   dumps the database to s3://$BACKUP_BUCKET/nightly/orders-YYYY-MM-DD.copydump, its manifest beside it
 */
import { once } from 'node:events';
import { escapeIdentifier, escapeLiteral } from 'pg';
import { serveCommands } from './commands.ts';
import { openDatabase } from './database-pool.ts';
import { startPostgres, type LocalPostgres } from './local-postgres.ts';
import { nightlyDump } from './nightly-dump.ts';
import { ordersServer } from './orders-server.ts';
import { becomeUser, required, settingsOf } from './settings.ts';

const { env } = process;
// The database is reached where it listens: no network lies between the two.
const settings = settingsOf({ ...env, DB_HOST: required(env, 'LISTEN_HOST') });
const server = ordersServer(openDatabase(settings));
server.listen(settings.listen.port, settings.listen.host);
await once(server, 'listening');
// After everything was loaded: the user may not be able to read the programs. Before the database: Postgres refuses root.
becomeUser(settings.user);
const postgres = await startPostgres(env);
if (postgres.isNew) await createDatabase(postgres);
await serveCommands(required(env, 'HOME'), { 'orders-dump': nightlyDump(env, postgres) });
process.send?.('listening');
process.disconnect?.();

/** At first boot: the service's database, with an owner who may do in it what people do who run databases themselves. */
async function createDatabase({ connect }: LocalPostgres): Promise<void> {
  const admin = await connect('postgres');
  const owner = escapeIdentifier(required(env, 'DB_OWNER'));
  try {
    await admin.query(
      `CREATE ROLE ${owner} LOGIN CREATEDB CREATEROLE PASSWORD ${escapeLiteral(required(env, 'DB_OWNER_PASSWORD'))}`,
    );
    await admin.query(`GRANT pg_monitor, pg_signal_backend, pg_checkpoint TO ${owner} WITH ADMIN OPTION`);
    await admin.query(`CREATE DATABASE ${escapeIdentifier(required(env, 'DB_NAME'))} OWNER ${owner}`);
  } finally {
    await admin.end();
  }
}
