/**
 * Copies a running Postgres cluster into a new data directory, as pg_basebackup does it: between pg_backup_start and
 * pg_backup_stop, so that a server on the copy recovers to a consistent state by streaming. The copy is a standby.
 */
import { chown, copyFile, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Pool } from 'pg';
import type { Binaries } from '../../postgres/binaries.ts';
import { makeServerDir, writeServerFile } from '../../postgres/cluster.ts';

/** Content that belongs to the running server alone. Source: PostgreSQL documentation, "Making an Exclusive Low-Level Backup". */
const emptied = new Set([
  'pg_wal',
  'pg_replslot',
  'pg_dynshmem',
  'pg_notify',
  'pg_serial',
  'pg_snapshots',
  'pg_stat_tmp',
]);
const leftOut = new Set([
  'postmaster.pid',
  'postmaster.opts',
  'backup_label',
  'standby.signal',
  'postgresql.auto.conf',
]);

/** Files copied at once: enough for the four threads that Node copies with. */
const lanes = 8;

/**
 * @param admins superuser connections to the source
 * @param from data directory of the source
 * @param to made; on return it holds a standby that wants primary_conninfo and primary_slot_name
 */
export async function cloneCluster(admins: Pool, from: string, to: string, binaries: Binaries): Promise<void> {
  await makeServerDir(to, binaries);
  // A backup belongs to its session.
  const admin = await admins.connect();
  let label = '';
  try {
    // true: the checkpoint at once instead of spread over minutes.
    await admin.query(`SELECT pg_backup_start('clone', true)`);
    await copyTree(from, to, binaries);
    const { rows } = await admin.query<{ labelfile: string }>('SELECT labelfile FROM pg_backup_stop(false)');
    label = rows[0]?.labelfile ?? '';
    admin.release();
  } catch (error) {
    admin.release(true);
    throw error;
  }
  await writeServerFile(join(to, 'backup_label'), label, binaries);
  await writeServerFile(join(to, 'standby.signal'), '', binaries);
  await writeServerFile(join(to, 'postgresql.auto.conf'), '', binaries);
}

async function copyTree(from: string, to: string, { spawnAs }: Binaries): Promise<void> {
  const files: { source: string; target: string }[] = [];
  const own = async (path: string) => {
    if (spawnAs !== undefined) await chown(path, spawnAs.uid, spawnAs.gid);
  };
  const walk = async (source: string, target: string, top: boolean) => {
    for (const entry of await readdir(source, { withFileTypes: true })) {
      if (leftOut.has(entry.name)) continue;
      const [below, copy] = [join(source, entry.name), join(target, entry.name)];
      if (!entry.isDirectory()) {
        files.push({ source: below, target: copy });
        continue;
      }
      await mkdir(copy, { mode: 0o700 });
      await own(copy);
      if (!(top && emptied.has(entry.name))) await walk(below, copy, false);
    }
  };
  await walk(from, to, true);
  for (const path of ['pg_wal/archive_status', 'pg_wal/summaries']) {
    await mkdir(join(to, path), { mode: 0o700 });
    await own(join(to, path));
  }
  const lane = async () => {
    for (let file = files.pop(); file !== undefined; file = files.pop()) {
      await copyOrSkip(file.source, file.target, own);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

/** A file that vanishes while it is copied was dropped after the backup began: recovery drops it again. */
async function copyOrSkip(source: string, target: string, own: (path: string) => Promise<void>): Promise<void> {
  try {
    await copyFile(source, target);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  await own(target);
}
