/** What `validate` says of verifications, against everything that can stand in a drill. */
import { expect, test } from 'vitest';
import { catalogue } from '../../../src/app/catalogue.ts';
import { readDefinition } from '../../../src/definition/definition.ts';

const drill = (verification: string): string => `apiVersion: firedrill/v1
name: restore
title: The database comes back
locations:
  home: { account: "111122223333", region: eu-central-1 }
targets:
  backup: { type: s3/objects, bucket: backups, prefix: nightly/ }
  blank: { type: ec2/launch-template, id: restore }
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
