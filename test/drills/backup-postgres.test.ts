/**
 * The backup script as people run it: PostgreSQL's own programs, a real server, and the verification of what was restored by the
 * manifest that the script wrote. Only the AWS CLI is another: it copies into a directory.
 */
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifyPostgres } from '../../src/actions/postgres/verify.ts';
import { parseManifest } from '../../src/actions/verify/manifest.ts';
import { climb, databaseAt, now } from '../actions/verify/support/climb.ts';
import { bucketWith, manifestObject, openBackups } from './backup-bucket.ts';
import type { Backups, Put } from './backup-bucket.ts';
import { installedBin, startInstalled } from './installed-postgres.ts';
import type { InstalledServer } from './installed-postgres.ts';

const script = resolve('drills/scripts/backup-postgres.sh');

if (installedBin === undefined) {
  test('the backup script is not tried here: psql and pg_dump are not installed', () => {
    expect(installedBin).toBeUndefined();
  });
} else {
  describe('the backup script', tries);
}

function tries(): void {
  /** Names and values that a careless script would stumble over. */
  const contents = [
    'create table orders (id int primary key, note text, total numeric(10, 2), paid money, at timestamptz, rate float8, raw bytea)',
    `insert into orders select n, case when n % 3 = 0 then null else 'it''s ' || n || E' %s\\n' end, n * 1.5, n::text::money,
       timestamptz '2026-11-20' + n * interval '1 h', n / 7.0::float8, decode(md5(n::text), 'hex') from generate_series(1, 300) n`,
    'create schema audit',
    `create table audit."odd ""table's" ("a%%b" int, "c'd" interval)`,
    `insert into audit."odd ""table's" values (1, '1 day 2 hours'), (null, null)`,
    'create table months (at date not null, n int) partition by range (at)',
    "create table months_1 partition of months for values from ('2026-01-01') to ('2026-07-01')",
    "create table months_2 partition of months for values from ('2026-07-01') to ('2027-01-01')",
    "insert into months values ('2026-02-01', 1), ('2026-08-01', 2), ('2026-08-02', 3)",
    'create table returns (id int)',
    'create table countries (id serial primary key, name text)',
    "insert into countries values (1, 'Peru'), (2, 'Chad')",
    `create sequence audit."odd ""number's"`,
    `select nextval('audit."odd ""number''s"') from generate_series(1, 41)`,
    'create sequence numbers increment by 5',
    "select nextval('numbers')",
    'create sequence down increment by -1',
    "create role verifier login password 'lookbook'",
    'grant pg_read_all_data to verifier',
  ];

  let backups: Backups;
  let source: InstalledServer;
  beforeAll(async () => {
    backups = await openBackups();
    source = await startInstalled('shop');
    await source.tool('psql', '--quiet', ...contents.flatMap((statement) => ['--command', statement]));
  });
  afterAll(async () => {
    await source?.close();
    await backups?.remove();
  });

  /** Backs up with this in the place of pg_dump. */
  async function backUp(pgDump: string): Promise<Put> {
    await backups.instead('pg_dump', pgDump);
    return backups.run(script, ['s3://backups/nightly/shop.dump'], source.env);
  }

  test('puts a dump and a manifest that the restored dump can be held against, whatever is written meanwhile', async () => {
    const late = `insert into orders (id) values (1000); delete from orders where id = 7; select nextval('numbers')`;
    const { bucket, files, calls, manifest } = await backUp(
      `psql --quiet --command "${late}" >/dev/null\nexec "${installedBin}/pg_dump" "$@"`,
    );
    expect(files).toEqual(['calls', 'shop.dump', 'shop.dump.manifest.json']);
    const { takenAt, tables, sequences } = parseManifest(manifest, 'it');
    expect(Object.keys(tables)).toEqual([`audit.odd "table's`, 'countries', 'months', 'orders', 'returns']);
    expect(sequences).toEqual({ [`audit.odd "number's`]: 42n, countries_id_seq: 1n, numbers: 6n });
    expect(tables['orders']).toMatchObject({ rows: 300, checksum: { columns: ['id', 'note', 'total', 'paid', 'at', 'rate', 'raw'] } });
    const [dump, beside] = calls;
    expect(dump).toMatch(new RegExp(`s3://backups/nightly/shop.dump --metadata recovery-point=${takenAt}$`));
    expect(beside).toContain(' s3://backups/nightly/shop.dump.manifest.json ');

    const began = now();
    const copy = await startInstalled('shop');
    try {
      await copy.tool('psql', '--quiet', '--command', contents.at(-2)!, '--command', contents.at(-1)!);
      await copy.tool('pg_restore', '--exit-on-error', '--dbname=shop', join(bucket, 'shop.dump'));
      const setup = {
        params: {
          manifest: 'manifest',
          tables: Object.fromEntries(
            Object.keys(tables).map((table) => [table, table === 'returns' ? { empty: 'true' } : { rows: 'equal', checksum: 'all' }]),
          ),
        },
        began,
        targets: { db: databaseAt(copy.port, 'shop'), manifest: manifestObject },
        more: { aws: bucketWith(manifest) },
      };
      const verified = await climb(verifyPostgres, setup);
      expect(verified.broken).toEqual({});
      expect(verified.checks['checksums']!.said).toContain(`audit.odd "table's (a%%b, c'd): 2 rows, as in`);
      expect(verified.checks['sequences']).toEqual({
        holds: true,
        said: '1 of 3 sequences stands before the numbers that are there, as in the manifest; countries_id_seq gives 1 next, in the manifest 1, and countries.id has numbers up to 2.',
      });

      await copy.tool('psql', '--quiet', '--command', 'alter sequence numbers restart');
      const { broken } = await climb(verifyPostgres, setup);
      expect(broken).toEqual({
        sequences: '1 of 3 sequences is not where it was; numbers gives 1 next, in the manifest 6.',
      });
    } finally {
      await copy.close();
    }
  });

  test('puts nothing when the dump fails', async () => {
    const failing = backUp('echo "no space left" >&2; exit 1');
    await expect(failing).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('nothing was put') });
    expect(await backups.buckets()).toContainEqual([]);
  });
}
