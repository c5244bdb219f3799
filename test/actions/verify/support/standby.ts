/** A physical copy of a running server, which stays in recovery: what a restore script makes that sets up a replica instead. */
import { dirname, join } from 'node:path';
import pg from 'pg';
import { backUpCluster } from '../../../../src/lab/machines/base-backup.ts';
import { locateBinaries } from '../../../../src/postgres/binaries.ts';
import { writeServerFile } from '../../../../src/postgres/cluster.ts';
import { startOnFreePort } from '../../../postgres/start.ts';
import type { TestServer } from './postgres.ts';

export interface TestStandby {
  port: number;
  /** Has it follow the server that it is a copy of. */
  follow(): Promise<void>;
  close(): Promise<void>;
}

/** Beside its source's directory, which goes with everything in it. */
export async function startStandby(source: TestServer): Promise<TestStandby> {
  const binaries = await locateBinaries();
  const dir = join(dirname(source.dir), 'standby');
  const at = { host: '127.0.0.1', user: 'owner', password: 'secret' };
  const admin = new pg.Client({ ...at, port: source.port, database: 'postgres' });
  await admin.connect();
  try {
    await backUpCluster(admin, source.dir, dir, binaries, { withWal: true });
  } finally {
    await admin.end();
  }
  await writeServerFile(join(dir, 'standby.signal'), '', binaries);
  const settings = { fsync: 'off', wal_retrieve_retry_interval: '100ms' };
  const server = await startOnFreePort({ binaries, dir, host: '127.0.0.1', settings });
  const conninfo = `host=127.0.0.1 port=${source.port} user=owner password=secret`;
  return {
    port: server.port,
    follow: () => server.reload({ ...settings, primary_conninfo: conninfo }),
    close: () => server.stop('immediate'),
  };
}
