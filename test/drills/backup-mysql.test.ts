/**
 * The backup script as people run it: MariaDB's or MySQL's own programs, a real server, and the verification of what was restored by
 * the manifest that the script wrote. Only the AWS CLI is another: it copies into a directory.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifyMysql } from '../../src/actions/mysql/verify.ts';
import { parseManifest } from '../../src/actions/verify/manifest.ts';
import { climb, databaseAt, now } from '../actions/verify/support/climb.ts';
import { serverBinary, startMariadb } from '../actions/verify/support/mariadb.ts';
import type { TestServer } from '../actions/verify/support/mariadb.ts';
import { bucketWith, manifestObject, openBackups } from './backup-bucket.ts';
import type { Backups, Put } from './backup-bucket.ts';

const script = resolve('drills/scripts/backup-mysql.sh');
const path = process.env['PATH'] ?? '';
const installed = (program: string): string | undefined =>
  path.split(delimiter).map((directory) => join(directory, program)).find((each) => existsSync(each));
const [client, mysqldump] = [installed('mysql'), installed('mysqldump')];

if (serverBinary === undefined || client === undefined || mysqldump === undefined) {
  test('the backup script is not tried here: MariaDB or MySQL is not installed, or not whole', () => {
    expect([serverBinary, client, mysqldump]).toContain(undefined);
  });
} else {
  describe('the backup script', tries);
}

function tries(): void {
  /** Names and values that a careless script would stumble over. */
  const contents = [
    `create table orders (id int primary key, note text, name varchar(20) character set latin1, total decimal(10, 2), weight float,
       rate double, seal varbinary(8), flags bit(5), at timestamp(3) null)`,
    ...Array.from({ length: 60 }, (_, n) => {
      const note = n % 3 === 0 ? 'null' : `'it''s \\\\ ${n}\\n%s'`;
      return `insert into orders values (${n}, ${note}, 'cé${n}', ${n * 1.5}, ${n} / 4, ${n} / 7, unhex('00ff${10 + n}'), ${n % 32}, '2026-11-20 00:00:${n}')`;
    }),
    'create table `odd "table\'s` (`a%%b` int, `c\'d \\\\` varchar(10))',
    'insert into `odd "table\'s` values (1, \'x\'), (null, null)',
    'create table returns (id int primary key)',
    'create view totals as select sum(total) from orders',
  ];

  let backups: Backups;
  let source: TestServer;
  beforeAll(async () => {
    backups = await openBackups();
    source = await startMariadb();
    await source.sql('mysql', 'create database shop');
    await source.sql('shop', "set time_zone = '+05:00'", ...contents);
  });
  afterAll(async () => {
    await source?.close();
    await backups?.remove();
  });

  async function optionsFor({ port }: TestServer): Promise<string> {
    const file = join(backups.directory, `${port}.cnf`);
    await writeFile(file, `[client]\nhost=127.0.0.1\nport=${port}\nuser=owner\npassword=secret\n`);
    return `--defaults-file=${file}`;
  }

  /** Backs up with this in the place of mysqldump. */
  async function backUp(dump: string, options?: string): Promise<Put> {
    await backups.instead('mysqldump', dump);
    const env = { PATH: path, MYSQL_OPTIONS: options ?? (await optionsFor(source)) };
    return backups.run(script, ['shop', 's3://backups/nightly/shop.dump'], env);
  }

  test('puts a dump and a manifest that the restored dump can be held against, and lets nothing be written meanwhile', async () => {
    const write = `set lock_wait_timeout = 1; insert into orders (id) values (1000)`;
    const refused = join(backups.directory, 'refused');
    const { bucket, files, calls, manifest } = await backUp(
      `mysql ${await optionsFor(source)} shop -e "${write}" 2>${refused} || true\nexec ${mysqldump} "$@"`,
    );
    expect(await readFile(refused, 'utf8')).toMatch(/lock/i);
    expect(files).toEqual(['calls', 'shop.dump', 'shop.dump.manifest.json']);
    const { takenAt, tables } = parseManifest(manifest, 'it');
    expect(Object.keys(tables)).toEqual([`odd "table's`, 'orders', 'returns']);
    expect(tables['orders']).toMatchObject({ rows: 60, checksum: { columns: expect.arrayContaining(['id', 'seal', 'at']) } });
    const [dump, beside] = calls;
    expect(dump).toMatch(new RegExp(`s3://backups/nightly/shop.dump --metadata recovery-point=${takenAt}$`));
    expect(beside).toContain(' s3://backups/nightly/shop.dump.manifest.json ');
    // Nothing holds the lock any more.
    await source.sql('shop', 'set lock_wait_timeout = 60', 'insert into orders (id) values (1001)');

    const began = now();
    const copy = await startMariadb();
    try {
      await copy.sql('mysql', 'create database shop');
      await promisify(execFile)(client!, [await optionsFor(copy), 'shop', '-e', `source ${join(bucket, 'shop.dump')}`]);
      const declared = Object.keys(tables).map((table) => [
        table,
        table === 'returns' ? { empty: 'true' } : { rows: 'equal', checksum: 'all' },
      ]);
      const verified = await climb(verifyMysql, {
        params: { manifest: 'manifest', tables: Object.fromEntries(declared) },
        began,
        targets: { db: databaseAt(copy.port, 'shop', 'mysql'), manifest: manifestObject },
        more: { aws: bucketWith(manifest) },
      });
      expect(verified.broken).toEqual({});
      expect(verified.checks['checksums']!.said).toContain(`odd "table's (a%%b, c'd \\\\): 2 rows, as in`);
    } finally {
      await copy.close();
    }
  });

  test('puts nothing when the dump fails, and leaves the server unlocked', async () => {
    await expect(backUp('echo "no space left" >&2; exit 1')).rejects.toMatchObject({ code: 1 });
    expect(await backups.buckets()).toContainEqual([]);
    await source.sql('shop', 'set lock_wait_timeout = 60', 'insert into orders (id) values (1002)');
  });

  test('puts nothing when the server can not be locked', async () => {
    const wrong = join(backups.directory, 'wrong.cnf');
    await writeFile(wrong, `[client]\nhost=127.0.0.1\nport=${source.port}\nuser=owner\npassword=wrong\n`);
    await expect(backUp('exit 9', `--defaults-file=${wrong}`)).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('could not be locked'),
    });
  });
}
