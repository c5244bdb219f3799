/**
 * Restores that go wrong, each as it has happened to somebody: what is done to the shipped drill, its script, or the backup, and how
 * the run must end. 1: the restore failed. 3: the drill proved nothing of the backup. 2: it may not even look, and didn't begin.
 */
import type { ApiFault } from '../../src/lab/api-faults.ts';
import { dumpOf, flipped, partsOf, withHeader, withRows, withoutRows, withoutSql, withoutTable } from './dumps.ts';
import type { Part } from './dumps.ts';
import { runIdIn } from './cli.ts';
import type { Running } from './cli.ts';
import { databaseAt, edit, edits, reports, reportsHost, restores, soon } from './drill-edits.ts';
import type { Backup, Changes, RestoreLab } from './restore-lab.ts';

export interface Sabotage {
  /** What is wrong; also the name of its prefix. */
  name: string;
  changes: (given: { good: Backup; source: { address: string } }) => Promise<Changes> | Changes;
  /** While the run is on. */
  meanwhile?: (stage: RestoreLab, run: Running) => Promise<void>;
  code: 1 | 2 | 3;
  /** In the reasons of the record. */
  says: RegExp;
  /** Steps that fail, in order; or the plan refuses to begin. */
  failed: readonly string[] | 'refused';
  /** Of AWS's API, for as long as the run is on; nothing else runs then. */
  fault?: ApiFault;
}

/** A dump that the tool takes for a good one, with the manifest that was written of the true contents. */
const remade =
  (change: (parts: Part[]) => Part[]) =>
  async ({ good }: { good: Backup }): Promise<Changes> => ({
    backups: [{ ...good, dump: await dumpOf(change(await partsOf(good.dump))) }],
  });

const damaged =
  (damage: (dump: Buffer) => Buffer) =>
  ({ good }: { good: Backup }): Changes => ({ backups: [{ ...good, dump: damage(good.dump) }] });

const hourMs = 3_600_000;
const ago = (ms: number): string => new Date(Date.now() - ms).toISOString();

export const sabotages: readonly Sabotage[] = [
  {
    name: 'truncated-dump',
    changes: damaged((dump) => dump.subarray(0, dump.length - 1_000)),
    code: 1,
    says: /the dump is cut off/,
    failed: ['restored'],
  },
  {
    name: 'dump-of-0-bytes',
    changes: damaged(() => Buffer.alloc(0)),
    code: 1,
    says: /orders-0\.copydump.* has no bytes/,
    failed: ['find'],
  },
  {
    name: 'dump-with-zero-rows',
    changes: remade(withoutRows),
    code: 1,
    says: /orders.* 0 rows|no rows?/,
    failed: ['contents'],
  },
  {
    name: 'database-that-was-empty-when-it-was-dumped',
    async changes({ good }) {
      const manifest = JSON.parse(good.manifest!.toString()) as { tables: Record<string, { rows: number }> };
      // An empty table has the checksum of no rows, whatever its columns.
      const none = { rows: 0, checksum: { columns: ['id'], value: emptyChecksum } };
      const tables = Object.fromEntries(Object.keys(manifest.tables).map((table) => [table, none]));
      const dump = await dumpOf(withoutRows(await partsOf(good.dump)));
      return { backups: [{ ...good, dump, manifest: Buffer.from(JSON.stringify({ ...manifest, tables })) }] };
    },
    code: 1,
    says: /orders/,
    failed: ['contents'],
  },
  {
    name: 'dump-of-another-database',
    changes: remade((parts) => withHeader(parts, { database: 'billing' })),
    code: 1,
    says: /no database orders/,
    failed: ['contents'],
  },
  {
    name: 'stale-dump',
    async changes({ good }) {
      const parts = withRows(await partsOf(good.dump), 'orders', (rows) =>
        rows.replaceAll(/\d{4}-\d\d-\d\d (?=\d\d:)/g, '2026-01-15 '),
      );
      return { backups: [{ ...good, dump: await dumpOf(parts), takenAt: ago(50 * hourMs) }] };
    },
    code: 1,
    says: /old.*objective/i,
    failed: ['contents'],
  },
  {
    name: 'older-than-the-objective',
    changes: ({ good }) => ({
      drill: edit(/^ {6}freshness: .*\n/m, ''),
      backups: [{ ...good, takenAt: ago(50 * hourMs) }],
    }),
    code: 1,
    says: /was 50 h .*old; the objective is 26 h/,
    failed: [],
  },
  {
    name: 'one-table-missing',
    changes: remade((parts) => withoutTable(parts, 'customers')),
    code: 1,
    says: /customers/,
    failed: ['contents'],
  },
  {
    name: 'a-table-missing-that-the-drill-does-not-name',
    changes: remade((parts) => withoutTable(parts, 'canary')),
    code: 1,
    says: /canary/,
    failed: ['contents'],
  },
  {
    name: 'one-row-changed',
    changes: remade((parts) => withRows(parts, 'orders', edit(/^1000\t(\d+)\t(\w+)\t/m, '1000\t1\ttea\t'))),
    code: 1,
    says: /orders.*checksum|checksum.*orders/s,
    failed: ['contents'],
  },
  {
    name: 'rows-doubled',
    changes: remade((parts) =>
      withoutSql(
        withRows(parts, 'orders', (rows) => rows + rows),
        /ALTER TABLE orders ADD CONSTRAINT/,
      ),
    ),
    code: 1,
    says: /twice/,
    failed: ['contents'],
  },
  {
    name: 'wrong-engine-version',
    changes: () => ({ drill: edit('version: 18', 'version: 17') }),
    code: 1,
    says: /Expected PostgreSQL 17, found 18/,
    failed: ['contents'],
  },
  {
    name: 'bits-flipped',
    changes: damaged((dump) => flipped(dump, Math.floor(dump.length / 2))),
    code: 1,
    says: /damaged/,
    failed: ['restored'],
  },
  {
    name: 'no-dump-at-all',
    changes: damaged(() => Buffer.from('<html>502 Bad Gateway</html>')),
    code: 1,
    says: /no dump of the order service/,
    failed: ['restored'],
  },
  {
    name: 'script-that-swallows-errors',
    changes: ({ good }) => ({
      backups: [{ ...good, dump: good.dump.subarray(0, good.dump.length - 1_000) }],
      script: edit(restores, `${restores} || true`),
    }),
    code: 1,
    says: /orders/,
    failed: ['contents'],
  },
  {
    name: 'script-that-reports-before-it-restores',
    changes: () => ({
      script: edits(edit(reports, ''), (text) => {
        const line = `signal ready "restored" ',"database":{"engine":"postgres","port":5432,"name":"orders"}'\n`;
        return edit(restores, `${line}sleep 8; ${restores}`)(text);
      }),
      drill: edit('uses: postgres/verify\n', 'uses: postgres/verify\n    timeout: 4s\n'),
    }),
    code: 1,
    says: /restored database|no database/,
    failed: ['contents'],
  },
  {
    name: 'script-that-never-reports',
    changes: () => ({ script: edit(reports, ''), drill: soon }),
    code: 1,
    says: /user data has said nothing/,
    failed: ['restored'],
  },
  {
    name: 'script-that-reports-nonsense',
    changes: () => ({ script: edit(reports, `signal ready "a" ',"database":"orders"'`) }),
    code: 3,
    says: /what the script reported can't be read/,
    failed: ['restored'],
  },
  {
    name: 'wrong-password',
    changes: () => ({ drill: edit('login: env:FIREDRILL_LAB_VERIFIER_PASSWORD', 'login: env:AWS_SECRET_ACCESS_KEY') }),
    code: 3,
    says: /refuses the login of drill_verifier/,
    failed: ['contents'],
  },
  {
    name: 'password-that-is-not-set',
    changes: () => ({ drill: edit('login: env:FIREDRILL_LAB_VERIFIER_PASSWORD', 'login: env:NOBODY_SET_THIS') }),
    code: 2,
    says: /env:NOBODY_SET_THIS is not set \(.*: password of step contents\)/,
    failed: 'refused',
  },
  {
    name: 'instance-that-ends',
    changes: () => ({ script: edit(restores, 'sleep 60') }),
    async meanwhile(stage, run) {
      await run.says(/→ restored/);
      await stage.terminate((await stage.copyOf(runIdIn(run.said()))).id);
    },
    code: 1,
    says: /instance i-\w+ (is|was|has) .*(terminated|shutting-down)/,
    failed: ['restored'],
  },
  {
    name: 'verification-of-the-source',
    changes: ({ source }) => ({ script: reportsHost(source.address) }),
    code: 3,
    says: /the script reports a database at [\d.]+, which is not an address of i-\w+/,
    failed: ['restored'],
  },
  {
    name: 'verification-of-a-target',
    changes: ({ source }) => ({
      drill: edits(
        edit(/^targets:$/m, `targets:\n  live: ${databaseAt(source.address)}`),
        edit('outputs.instance) }', 'outputs.instance), standsAt: live }'),
        edit('version: 18', 'version: 18\n      source: live'),
      ),
      script: reportsHost(source.address),
    }),
    code: 3,
    says: /what would be verified was there before this run: .*is the same server process as live/,
    failed: ['contents'],
  },
  {
    name: 'archived-backup',
    changes: ({ good }) => ({ backups: [{ ...good, storageClass: 'GLACIER' }] }),
    code: 3,
    says: /lies in GLACIER: .* takes AWS .*3 to 5 h/,
    failed: 'refused',
  },
  {
    name: 'empty-prefix',
    changes: () => ({ backups: [] }),
    code: 1,
    says: /holds no backup under cases\/empty-prefix\//,
    failed: ['find'],
  },
  {
    name: 'backup-without-manifest',
    changes: ({ good }) => ({ backups: [{ ...good, manifest: undefined }] }),
    code: 3,
    says: /step find found no manifest/,
    failed: ['contents'],
  },
];

const denied = (service: string, operation: string): ApiFault => ({
  service,
  operation,
  fault: { kind: 'error', code: 'AccessDenied', status: 403, message: 'Access Denied' },
});

/** What AWS's API does to a restore. These change the lab for everybody, so they come one at a time. */
export const refusals: readonly Sabotage[] = [
  {
    name: 'bucket-that-may-not-be-listed',
    changes: () => ({}),
    fault: denied('s3', 'ListObjectVersions'),
    code: 2,
    says: /s3 ListObjectVersions in eu-central-1: Access Denied/,
    failed: 'refused',
  },
  {
    name: 'objects-that-may-not-be-read',
    changes: () => ({}),
    fault: denied('s3', 'GetObject'),
    code: 2,
    says: /s3 GetObject in eu-central-1: Access Denied/,
    failed: 'refused',
  },
  {
    name: 'no-capacity',
    changes: () => ({}),
    fault: {
      service: 'ec2',
      operation: 'RunInstances',
      fault: { kind: 'error', code: 'InsufficientInstanceCapacity', status: 500, message: 'no capacity' },
    },
    code: 1,
    says: /AWS has no capacity for an instance/,
    failed: ['launch'],
  },
  {
    name: 'instance-whose-state-nobody-can-tell',
    changes: () => ({}),
    fault: {
      service: 'ec2',
      operation: 'DescribeInstanceStatus',
      fault: { kind: 'error', code: 'InternalError', status: 500, message: 'injected' },
    },
    code: 1,
    says: /ec2 DescribeInstanceStatus in eu-central-1: injected/,
    failed: ['restored'],
  },
];

/** MD5 of `0:0:0`. */
const emptyChecksum = '90e48cd0d5d9ad4fa889c6194452bea7';
