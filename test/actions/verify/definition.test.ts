/** What `validate` says of verifications, against everything that can stand in a drill. */
import { expect, test } from 'vitest';
import { params } from '../../../src/actions/verify/params.ts';
import { catalogue } from '../../../src/app/catalogue.ts';
import { readDefinition } from '../../../src/definition/definition.ts';
import { standIn } from '../../../src/domain/fields.ts';

const drill = (verification: string): string => `apiVersion: firedrill/v1
name: restore
title: The database comes back
locations:
  home: { account: "111122223333", region: eu-central-1 }
targets:
  backup: { type: s3/objects, bucket: backups, prefix: nightly/ }
  blank: { type: ec2/launch-template, id: restore }
  live: { type: rds/instance, id: orders-db, login: env:LOGIN }
objectives: { rto: 40m }
recover:
  - { id: find, uses: s3/find-backup, with: { backups: backup } }
  - { id: launch, uses: ec2/launch-instance, with: { template: blank } }
  - { id: restored, uses: ec2/await-ready, with: { instance: $(steps.launch.outputs.instance) } }
verify:
  - id: contents
    uses: postgres/verify
    with:
      database: $(steps.restored.outputs.database)
      manifest: $(steps.find.outputs.manifest)
      user: drill_verifier
      password: secretsmanager:orders/verifier#password
      ${verification}
`;

/** What is said of the verification; the steps before it are only there to be referred to. */
function said(verification: string): string[] {
  const text = drill(verification);
  const firstLine = text.slice(0, text.indexOf('id: contents')).split('\n').length;
  const { diagnostics } = readDefinition({ file: 'd.yaml', text, catalogue, purpose: 'validate' });
  return diagnostics.filter(({ line }) => line >= firstLine).map(({ code, message }) => `${code}: ${message}`);
}

test('one that looks at contents is taken, with what earlier steps will give', () => {
  expect(said('tables: { orders: { minRows: 1000, checksum: [id, total] }, returns: { empty: true } }')).toEqual([]);
  expect(said('queries: [{ sql: select count(*) from orders where total < 0, answer: 0 }]')).toEqual([]);
});

test('one that looks at nothing is refused before anything is made', () => {
  expect(said('version: 18')).toEqual([expect.stringMatching(/^invalid-value: .*must look at contents/)]);
});

test('slips in it are told where they stand', () => {
  expect(said('tables: { orders: { minrows: 1000 } }')).toEqual([expect.stringMatching(/^unknown-key: .*minrows/)]);
  expect(said('tables: { orders: { minRows: many } }')).toEqual([expect.stringMatching(/^not-a-count/)]);
  expect(said('queries: [{ sql: drop table orders, answer: 0 }]')).toEqual([
    expect.stringMatching(/must be one that reads/),
  ]);
});

/** Compares with the source, up to a time. */
const bounded = (asOf: string): string =>
  ['source: live', `asOf: ${asOf}`, 'tables: { orders: { minRows: 1, upTo: placed_at } }'].join('\n      ');

test.each([
  'eighteen',
  'v18',
  'postgres 18',
  'PostgreSQL-18',
  '18.x',
  '18+',
  '18 or 19',
  '18.4.',
  '18.4 (Debian 18.4-1.pgdg12+1)',
  '10.11.6-MariaDB-log',
])('a version that no server is ever found to be is refused where it stands: %s', (version) => {
  const text = drill(`tables: { orders: { minRows: 1 } }\n      version: ${version}`);
  const { diagnostics } = readDefinition({ file: 'd.yaml', text, catalogue, purpose: 'validate' });
  const line = text.slice(0, text.indexOf('version:')).split('\n').length;
  expect(diagnostics.filter((each) => each.line >= line)).toMatchObject([
    {
      line,
      column: '      version: '.length + 1,
      code: 'invalid-value',
      message: `'version': '${version}' is not a version, like 18 or 18.4`,
    },
  ]);
});

test.each(['18', '9.6', '18.4', '18beta1', '19devel', '8.0.36', '10.11', '10.11.6-MariaDB', '$(targets.live.version)'])(
  'a version that a server may be is taken: %s',
  (version) => {
    expect(said(`version: ${version}\n      tables: { orders: { minRows: 1 } }`)).toEqual([]);
  },
);

test.each(['yesterday', '21.11.2026', '03:00', '2026-11-41T03:00:00Z', '2026-11-21 at three'])(
  'a time that is none is refused: %s',
  (asOf) => {
    expect(said(bounded(asOf))).toEqual([`invalid-value: 'asOf': '${asOf}' is not a time, like 2026-11-21T03:00:12Z`]);
  },
);

test.each([
  '2026-11-21',
  '2026-11-21T03:00:12Z',
  '2026-11-21T03:00:12.5+01:00',
  '2026-11-21 03:00:12Z',
  '$(steps.find.outputs.recoveryPointAt)',
])('a time, or what a step will say of it, is taken: %s', (asOf) => {
  expect(said(bounded(asOf))).toEqual([]);
});

test('a plan takes what stands in it for what only the run will know', () => {
  const asked = {
    database: 'restored',
    source: 'live',
    version: standIn('before', 'engineVersion'),
    asOf: standIn('restore', 'recoveryPointAt'),
    tables: { orders: { minRows: '1', upTo: 'placed_at' } },
  };
  expect(params.safeParse(asked).error).toBeUndefined();
});

test.each(['.orders', 'orders.'])('a table without a name is refused: %s', (table) => {
  expect(said(`tables: { ${table}: { minRows: 1 } }`)).toEqual([
    expect.stringContaining(`'${table}' is not a table, like orders or audit.entries`),
  ]);
  expect(said(`tables: { orders: { minRows: 1 } }\n      freshness: { table: ${table}, column: placed_at }`)).toEqual([
    expect.stringContaining('is not a table, like orders or audit.entries'),
  ]);
});

test.each(['orders', 'audit.entries', 'Order Lines', 'audit.2026.entries', 'größe'])(
  'a table may be called as engines let it be called: %s',
  (table) => {
    expect(said(`tables: { ${table}: { minRows: 1 } }`)).toEqual([]);
    expect(said(`tables: { x: { minRows: 1 } }\n      freshness: { table: ${table}, column: placed_at }`)).toEqual([]);
  },
);

test('a checksum of one column twice is refused: no manifest has it', () => {
  expect(said('tables: { orders: { checksum: [id, total, id] } }')).toEqual([
    expect.stringContaining('orders: checksum names a column twice'),
  ]);
});
