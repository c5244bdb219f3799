/**
 * Copies of data directories: of a running cluster, as pg_basebackup makes them, and of such a copy. What becomes of a copy, a standby
 * or a restored database, is for others to say.
 */
import { chown, copyFile, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from 'pg';
import type { Binaries } from '../../postgres/binaries.ts';
import { makeServerDir, writeServerFile } from '../../postgres/cluster.ts';

/** Content that belongs to the running server alone. Source: PostgreSQL documentation, "Making a Base Backup Using the Low Level API". */
const emptied = new Set([
  'pg_wal',
  'pg_replslot',
  'pg_dynshmem',
  'pg_notify',
  'pg_serial',
  'pg_snapshots',
  'pg_stat_tmp',
]);
/** Settings too: they name where a replica streams from, and every server gets its own. */
const leftOut = new Set([
  'postmaster.pid',
  'postmaster.opts',
  'backup_label',
  'standby.signal',
  'recovery.signal',
  'postgresql.conf',
  'postgresql.auto.conf',
]);
/** Names the point that a copy of a standby is consistent at, so it must not be older than anything else in it. */
const copiedLast = 'pg_control';

/** Files copied at once: enough for the four threads that Node copies with. */
const lanes = 8;

/**
 * @param admin superuser connection to the source, to be closed afterwards: a backup belongs to its session
 * @param from data directory of the source
 * @param to made; a server on it recovers from its `backup_label` on
 * @param withWal also the log that was written meanwhile: then the copy needs nothing else to become consistent
 */
export async function backUpCluster(
  admin: Client,
  from: string,
  to: string,
  binaries: Binaries,
  { withWal }: { withWal: boolean },
): Promise<void> {
  await makeServerDir(to, binaries);
  // true: the checkpoint at once instead of spread over minutes.
  await admin.query(`SELECT pg_backup_start('copy', true)`);
  await copyTree(from, to, binaries, (name, top) => !(top && emptied.has(name)));
  const { rows } = await admin.query<Stopped>(stop);
  const [stopped] = rows;
  if (stopped === undefined) throw new Error(`the backup of ${from} has not ended`);
  if (withWal) await copyWal(from, to, stopped, binaries);
  await writeServerFile(join(to, 'backup_label'), stopped.labelfile, binaries);
  await writeServerFile(join(to, 'postgresql.auto.conf'), '', binaries);
}

/** Copies a copy, whole. */
export async function copyBackup(from: string, to: string, binaries: Binaries): Promise<void> {
  await makeServerDir(to, binaries);
  await copyTree(from, to, binaries, () => true, new Set());
}

interface Stopped {
  labelfile: string;
  /** First byte behind what a copy needs to be consistent. */
  end: string;
  segmentBytes: string;
}

const stop = `
  SELECT labelfile, lsn - '0/0' AS end, (SELECT setting FROM pg_settings WHERE name = 'wal_segment_size') AS "segmentBytes"
  FROM pg_backup_stop(false)`;

/** The segments from the backup's first to its last, both of which the server keeps while it is fresh (`wal_keep_size`). */
async function copyWal(from: string, to: string, { labelfile, end, segmentBytes }: Stopped, binaries: Binaries) {
  const first = /^START WAL LOCATION: .* \(file ([0-9A-F]{24})\)$/m.exec(labelfile)?.[1];
  if (first === undefined) throw new Error(`the backup's label names no segment: ${labelfile}`);
  const last = segmentName(first.slice(0, 8), BigInt(end), BigInt(segmentBytes));
  const segments = (await readdir(join(from, 'pg_wal'))).filter(
    (name) => /^[0-9A-F]{24}$/.test(name) && name >= first && name <= last,
  );
  for (const name of segments) {
    const copy = join(to, 'pg_wal', name);
    await copyFile(join(from, 'pg_wal', name), copy);
    await own(copy, binaries);
  }
}

/** Name of the segment that ends with the byte before `end`. */
export function segmentName(timeline: string, end: bigint, segmentBytes: bigint): string {
  const number = (end - 1n) / segmentBytes;
  const perLog = 0x1_0000_0000n / segmentBytes;
  const hex = (value: bigint) => value.toString(16).toUpperCase().padStart(8, '0');
  return `${timeline}${hex(number / perLog)}${hex(number % perLog)}`;
}

async function own(path: string, { spawnAs }: Binaries): Promise<void> {
  if (spawnAs !== undefined) await chown(path, spawnAs.uid, spawnAs.gid);
}

/** @param entered whether a directory's content is copied too, by name and whether it lies at the top */
async function copyTree(
  from: string,
  to: string,
  binaries: Binaries,
  entered: (name: string, top: boolean) => boolean,
  without: ReadonlySet<string> = leftOut,
): Promise<void> {
  const files: { source: string; target: string }[] = [];
  const last: typeof files = [];
  const walk = async (source: string, target: string, top: boolean) => {
    for (const entry of await readdir(source, { withFileTypes: true })) {
      if (without.has(entry.name)) continue;
      const [below, copy] = [join(source, entry.name), join(target, entry.name)];
      if (!entry.isDirectory()) {
        (entry.name === copiedLast ? last : files).push({ source: below, target: copy });
        continue;
      }
      await makeOwnDir(copy, binaries);
      if (entered(entry.name, top)) await walk(below, copy, false);
    }
  };
  await walk(from, to, true);
  for (const path of ['pg_wal/archive_status', 'pg_wal/summaries']) await makeOwnDir(join(to, path), binaries);
  const lane = async () => {
    for (let file = files.pop(); file !== undefined; file = files.pop())
      await copyOrSkip(file.source, file.target, binaries);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  for (const { source, target } of last) await copyOrSkip(source, target, binaries);
}

async function makeOwnDir(path: string, binaries: Binaries): Promise<void> {
  await mkdir(path, { mode: 0o700, recursive: true });
  await own(path, binaries);
}

/** A file that vanishes while it is copied was dropped after the backup began: recovery drops it again. */
async function copyOrSkip(source: string, target: string, binaries: Binaries): Promise<void> {
  try {
    await copyFile(source, target);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  await own(target, binaries);
}
