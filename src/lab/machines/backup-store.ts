/**
 * Backups of the lab's databases: directories beside those of the servers, which end with the lab. Snapshots are copies of data
 * directories, archives hold logs. Both stay when the database goes.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Binaries } from '../../postgres/binaries.ts';
import { Archive, recoveryToBackup } from './archive.ts';
import { copyBackup } from './base-backup.ts';
import type { Backup, Database } from './database.ts';
import type { RestoreSource } from './machines.ts';

export class BackupStore {
  private readonly directory: string;
  private readonly binaries: Binaries;
  /** By database. */
  private readonly archives = new Map<string, Archive>();
  private opened = 0;

  constructor(directory: string, binaries: Binaries) {
    this.directory = directory;
    this.binaries = binaries;
  }

  take(database: Database, snapshot: string): Promise<void> {
    return database.backUp(this.placeOf(snapshot));
  }

  copy(snapshot: string, copy: string): Promise<void> {
    return copyBackup(this.placeOf(snapshot), this.placeOf(copy), this.binaries);
  }

  async remove(snapshot: string): Promise<void> {
    await rm(this.placeOf(snapshot), { recursive: true, force: true });
  }

  /** The database's archive; a new and empty one where it has none. */
  async archiveOf(database: string): Promise<Archive> {
    const known = this.archives.get(database);
    if (known !== undefined) return known;
    this.opened += 1;
    const archive = await Archive.open(join(this.directory, `archive-${this.opened}`), this.binaries);
    this.archives.set(database, archive);
    return archive;
  }

  async dropArchive(database: string): Promise<void> {
    const archive = this.archives.get(database);
    this.archives.delete(database);
    await archive?.remove();
  }

  /**
   * What a restore recovers from, and how far.
   * @param source the database whose archive it is, while there is one
   */
  async open(snapshot: string, until: RestoreSource['until'], source: Database | undefined): Promise<Backup> {
    const backup = this.placeOf(snapshot);
    if (until === undefined) return { backup, recovery: recoveryToBackup };
    const archive = this.archives.get(until.of);
    if (archive === undefined) throw new Error(`nothing is archived of database ${until.of}`);
    const at = new Date(until.at);
    // Quicker than to find out by trying that nothing was committed since.
    if (!archive.goesBeyond(at)) await source?.archiveNow(true);
    return { backup, recovery: archive.recovery(at) };
  }

  private placeOf(snapshot: string): string {
    return join(this.directory, `snapshot-${snapshot}`);
  }
}
