/**
 * The Postgres of an instance that hosts its database itself: made in the instance's own directory, and reached at its address. It
 * outlives whatever script had it started, and dies with the instance.
 */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import type { Binaries } from '../../postgres/binaries.ts';
import { initCluster } from '../../postgres/cluster.ts';
import { startServer } from '../../postgres/server.ts';
import { required } from './settings.ts';

export const postgresPort = 5432;

/** Small, because several machines share one computer. `fsync` is off because what fails in the lab is processes, not power. */
export const localSettings = {
  shared_buffers: '16MB',
  max_connections: '40',
  fsync: 'off',
  autovacuum: 'off',
  max_logical_replication_workers: '0',
  dynamic_shared_memory_type: 'mmap',
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_wal_size: '256MB',
  scram_iterations: '64',
  timezone: 'UTC',
  log_min_messages: 'error',
};

export interface LocalPostgres {
  /** As the superuser, who can't be reached but from the instance: nobody else has the password. */
  connect: (database: string) => Promise<Client>;
  /** True when the cluster was made by this call. */
  isNew: boolean;
}

/** Starts the server, on the data of an earlier boot where there is some. Resolves when it accepts connections. */
export async function startPostgres(env: NodeJS.ProcessEnv): Promise<LocalPostgres> {
  const home = required(env, 'HOME');
  const [dir, passwordFile] = [join(home, 'postgres'), join(home, '.postgres-password')];
  const binaries: Binaries = {
    bin: required(env, 'POSTGRES_BIN'),
    lib: join(required(env, 'POSTGRES_BIN'), '..', 'lib'),
    major: required(env, 'POSTGRES_MAJOR'),
    // All of the instance, so that the server is known for one of its processes.
    env,
  };
  const isNew = !existsSync(dir);
  if (isNew) {
    await writeFile(passwordFile, randomBytes(16).toString('hex'), { mode: 0o600 });
    const password = await readFile(passwordFile, 'utf8');
    await initCluster({ binaries, dir, user: 'postgres', password, durable: false });
  }
  const password = await readFile(passwordFile, 'utf8');
  const host = required(env, 'LISTEN_HOST');
  const server = await startServer({ binaries, dir, host, port: postgresPort, settings: localSettings });
  await server.ready;
  return {
    isNew,
    connect: async (database) => {
      const client = new Client({ host, port: postgresPort, user: 'postgres', password, database });
      // A connection that breaks is for its query to report, not an end of the program.
      client.on('error', () => undefined);
      await client.connect();
      return client;
    },
  };
}
