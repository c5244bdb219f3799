/**
 * Makes a standby's data directory from a running cluster. The log that was written meanwhile is not in it: the standby streams
 * that from its source, which keeps it in a slot.
 */
import { join } from 'node:path';
import type { Client } from 'pg';
import type { Binaries } from '../../postgres/binaries.ts';
import { writeServerFile } from '../../postgres/cluster.ts';
import { backUpCluster } from './base-backup.ts';

/**
 * @param admin superuser connection to the source, to be closed afterwards
 * @param from data directory of the source
 * @param to made; on return it holds a standby that wants primary_conninfo and primary_slot_name
 */
export async function cloneCluster(admin: Client, from: string, to: string, binaries: Binaries): Promise<void> {
  await backUpCluster(admin, from, to, binaries, { withWal: false });
  await writeServerFile(join(to, 'standby.signal'), '', binaries);
}
