import { access, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { DatabaseSpec } from '../../../src/lab/machines/machines.ts';
import { RealMachines } from '../../../src/lab/machines/real.ts';
import { takeDirectory, takeNetwork, workshop } from './parts.ts';

const net = await takeNetwork();
// Names that a shell would trip over.
const directory = await takeDirectory("it's 100 % $HOME");
const shop = await workshop(net.network, directory.path);
const at = (rest: string) => `127.${net.network}.${rest}`;
const machines = new RealMachines({
  network: net.network,
  directory: directory.path,
  programs: '/nonexistent',
  resolver: at('0.3:5354'),
  binaries: shop.binaries,
  reaping: shop.reaping,
  report: shop.report,
});

const spec = (id: string, address: string, more: Partial<DatabaseSpec> = {}): DatabaseSpec => ({
  id,
  address,
  port: 5432,
  masterUser: 'orders',
  masterPassword: 'secret',
  database: 'orders',
  settings: {},
  multiAz: false,
  ...more,
});

async function query<T extends object>(host: string, text: string): Promise<T[]> {
  const client = new Client({ host, user: 'orders', password: 'secret', database: 'orders' });
  await client.connect();
  try {
    return (await client.query<T>(text)).rows;
  } finally {
    await client.end();
  }
}
const write = (n: number, host = at('1.4')) => query(host, `INSERT INTO t VALUES (${n})`);
const rows = async (host: string) => (await query<{ n: number }>(host, 'SELECT n FROM t ORDER BY n')).map(({ n }) => n);
const archive = () => machines.archiveDatabase('source');
/** On a busy machine the server may take longer than a call waits for it. */
const archived = () => expect.poll(archive).toBe(true);

let moment: string;

beforeAll(async () => {
  await machines.createDatabase(spec('source', at('1.4'), { multiAz: true }));
  await query(at('1.4'), 'CREATE TABLE t (n int)');
  await machines.settled();
});
afterAll(async () => {
  await machines.close();
  // One that has just ended is still to be collected.
  await vi.waitFor(() => expect(shop.left()).toEqual([]), { timeout: 60_000 });
  await net.release();
  await directory.remove();
});

describe('backups of a database', () => {
  it('hold what was committed when they were taken, and nothing of later', async () => {
    await machines.keepArchive('source');
    await write(1);
    await machines.snapshotDatabase('source', 'one');
    await write(2);
    await machines.restoreDatabase(spec('from-one', at('1.5')), { snapshot: 'one' });
    expect(await rows(at('1.5'))).toEqual([1]);
    await write(100, at('1.5'));
    expect(await rows(at('1.4'))).toEqual([1, 2]);
  });

  it('give a database of its own: it follows nobody, and nothing in it says where it comes from', async () => {
    const [row] = await query<Record<string, string>>(
      at('1.5'),
      `SELECT pg_is_in_recovery() AS standby, current_setting('restore_command') AS restore,
              current_setting('primary_conninfo') AS source, current_setting('archive_command') AS archive,
              (SELECT count(*)::int FROM pg_replication_slots) AS slots,
              (SELECT timeline_id FROM pg_control_checkpoint()) AS timeline`,
    );
    expect(row).toEqual({ standby: false, restore: '', source: '', archive: 'true', slots: 0, timeline: 2 });
    await machines.restartDatabase('from-one', {});
    expect(await rows(at('1.5'))).toEqual([1, 100]);
  });

  it('take a restore to exactly the moment that was asked for', async () => {
    await write(3);
    moment = new Date(Date.now() + 1).toISOString();
    await query(at('1.4'), 'SELECT pg_sleep(0.01)');
    await write(4);
    await archived();
    await machines.restoreDatabase(spec('at-moment', at('1.6')), {
      snapshot: 'one',
      until: { of: 'source', at: moment },
    });
    expect(await rows(at('1.6'))).toEqual([1, 2, 3]);
  });

  it('take a restore to now, although nothing has been written since', async () => {
    await archived();
    const until = { of: 'source', at: new Date().toISOString() };
    await machines.restoreDatabase(spec('at-now', at('1.7')), { snapshot: 'one', until });
    expect(await rows(at('1.7'))).toEqual([1, 2, 3, 4]);
  });

  it('write nothing to the log of an idle database', async () => {
    const position = () => query(at('1.4'), 'SELECT pg_current_wal_insert_lsn()::text AS at');
    await archive();
    // The server writes to it by itself once in a while, and may do so in between.
    await expect
      .poll(async () => {
        const before = await position();
        return [await archive(), isDeepStrictEqual(await position(), before)];
      })
      .toEqual([true, true]);
  });

  it('go on over a failover, to moments before it and after it', async () => {
    await write(5);
    await machines.failOverDatabase('source', at('2.4'));
    await write(6, at('2.4'));
    await archived();
    const restore = (id: string, address: string, until: string) =>
      machines.restoreDatabase(spec(id, address), { snapshot: 'one', until: { of: 'source', at: until } });
    await restore('after', at('1.8'), new Date().toISOString());
    expect(await rows(at('1.8'))).toEqual([1, 2, 3, 4, 5, 6]);
    await restore('before', at('1.9'), moment);
    expect(await rows(at('1.9'))).toEqual([1, 2, 3]);
  });

  it('outlive the database, as copies outlive the snapshot they were made from', async () => {
    await machines.copySnapshot('one', 'two');
    await machines.removeSnapshot('one');
    await machines.removeDatabase('source');
    const until = { of: 'source', at: new Date().toISOString() };
    await machines.restoreDatabase(spec('late', at('1.10')), { snapshot: 'two', until });
    expect(await rows(at('1.10'))).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('of a replica hold what it had replayed', async () => {
    await machines.createReplica({ ...spec('replica', at('11.4')), source: 'late', delayMs: 0 });
    await machines.snapshotDatabase('replica', 'of-replica');
    await machines.restoreDatabase(spec('from-replica', at('11.5')), { snapshot: 'of-replica' });
    await write(7, at('11.5'));
    expect(await rows(at('11.5'))).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it('leave nothing once they are removed', async () => {
    for (const snapshot of ['two', 'of-replica']) await machines.removeSnapshot(snapshot);
    await machines.dropArchive('source');
    const left = (await readdir(directory.path)).filter((name) => /^(snapshot|archive)-/.test(name));
    expect(left).toEqual([]);
    await expect(access(join(directory.path, 'archive-1'))).rejects.toThrow();
    expect(await archive()).toBe(false);
  });
});
