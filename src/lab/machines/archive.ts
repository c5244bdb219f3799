/**
 * The log of one database, kept outside it: with a backup it takes a restore to any moment. Servers put their segments there by
 * themselves; here is what they are told, and how restores read it. Which database archives when is database.ts.
 *
 * Servers run archive_command and restore_command in a shell: nothing but the archive's own directory gets into them, quoted.
 */
import { access, chown, copyFile, readFile, readdir, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Binaries } from '../../postgres/binaries.ts';
import { makeServerDir, type Settings } from '../../postgres/cluster.ts';

/** Segments are small, because every few seconds one is ended before it is full. */
export const walSegmentMb = 1;

/** `archive_mode` can't be changed while a server runs, so all have it; those without an archive let their segments go. */
export const archivesNothing: Settings = { archive_mode: 'on', archive_command: 'true' };

const pollMs = 10;
const arriveMs = 5_000;

export class Archive {
  readonly directory: string;
  private readonly binaries: Binaries;
  /** What transactions there were when the log was last complete here, as the server names them. */
  private complete = '';
  /** The newest moment that the log here is known to go beyond, milliseconds since 1970. */
  private markedMs = -Infinity;

  private constructor(directory: string, binaries: Binaries) {
    this.directory = directory;
    this.binaries = binaries;
  }

  /** @param directory made; nothing else may lie in it */
  static async open(directory: string, binaries: Binaries): Promise<Archive> {
    await makeServerDir(directory, binaries);
    return new Archive(directory, binaries);
  }

  /** What a server is told that archives here. */
  get settings(): Settings {
    const path = `${inShell(this.directory)}/%f`;
    // Renamed when it is whole: a restore may read at any moment.
    return { archive_command: `cp "%p" ${path}.partial && mv ${path}.partial ${path}` };
  }

  /**
   * Resolves with whether everything that was committed before the call is here; a busy machine may take too long. A server without
   * a commit since the last time writes nothing, unless `mark` asks for one.
   * @param query as superuser, on the server that archives here
   */
  async catchUp(query: Query, mark: boolean): Promise<boolean> {
    const atMs = Date.now();
    const [before] = await query<{ now: string }>('SELECT pg_current_snapshot()::text AS now');
    if (!mark && before?.now === this.complete) return true;
    // A restore to a moment stops at the first commit after it, so there must be one.
    await query('SELECT pg_current_xact_id()');
    const [after] = await query<{ now: string }>('SELECT pg_current_snapshot()::text AS now');
    const [row] = await query<{ segment: string }>('SELECT pg_walfile_name(pg_switch_wal() - 1) AS segment');
    if (row === undefined) throw new Error('the server has not ended its segment');
    if (!(await this.hasArrived(row.segment))) return false;
    await this.shrink(row.segment);
    this.complete = after?.now ?? '';
    this.markedMs = Math.max(this.markedMs, atMs);
    return true;
  }

  /** Whether a commit after that moment is here. */
  goesBeyond(moment: Date): boolean {
    return moment.getTime() < this.markedMs;
  }

  /** What a server is told that recovers from here, up to `moment`. */
  recovery(moment: Date): Settings {
    return {
      restore_command: `cp ${inShell(this.directory)}/%f "%p"`,
      // A server that only begins to start doesn't know yet what time zone Z is.
      recovery_target_time: moment.toISOString().replace('Z', '+00:00'),
    };
  }

  /** Takes over what a server that died had ended and not archived. */
  async rescue(dataDirectory: string): Promise<void> {
    this.complete = '';
    const wal = join(dataDirectory, 'pg_wal');
    for (const name of await readdir(join(wal, 'archive_status'))) {
      const segment = /^([0-9A-F]{24})\.ready$/.exec(name)?.[1];
      if (segment === undefined || (await isThere(join(this.directory, segment)))) continue;
      await this.put(segment, (partial) => copyFile(join(wal, segment), partial));
    }
  }

  async remove(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }

  private async hasArrived(segment: string): Promise<boolean> {
    const path = join(this.directory, segment);
    for (const deadline = performance.now() + arriveMs; performance.now() < deadline; await sleep(pollMs))
      if (await isThere(path)) return true;
    return false;
  }

  /** Most of a segment that was ended early is zeros: they become a hole, which takes no room. */
  private async shrink(segment: string): Promise<void> {
    const bytes = await readFile(join(this.directory, segment));
    let used = bytes.length;
    while (used > 0 && bytes[used - 1] === 0) used -= 1;
    await this.put(segment, async (partial) => {
      await writeFile(partial, bytes.subarray(0, used), { mode: 0o600 });
      await truncate(partial, bytes.length);
    });
  }

  /** A restore that reads meanwhile sees the segment whole or not at all. */
  private async put(segment: string, write: (partial: string) => Promise<void>): Promise<void> {
    const path = join(this.directory, segment);
    const partial = `${path}.partial`;
    await write(partial);
    const { spawnAs } = this.binaries;
    if (spawnAs !== undefined) await chown(partial, spawnAs.uid, spawnAs.gid);
    await rename(partial, path);
  }
}

export type Query = <T extends object>(text: string) => Promise<T[]>;

/** Recovers with the log that lies in the data directory, to its end, which is where the backup ended. */
export const recoveryToBackup: Settings = { restore_command: 'false' };

/** A server that recovers lets nobody in until it is through, and is a primary of its own then. */
export const recovering: Settings = { hot_standby: 'off', recovery_target_action: 'promote' };

/** A path of which neither the shell nor the server, whose `%f` and `%p` stand beside it, takes a letter for its own. */
const inShell = (path: string): string => `'${path.replaceAll("'", `'\\''`).replaceAll('%', '%%')}'`;

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
