/** What `iam-policy` prints for several drills, against the control plane of a lab. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Policy } from '../../src/app/policy.ts';
import { multiRegion } from '../../src/lab/estates/multi-region.ts';
import type { TestLab } from '../actions/support/lab.ts';
import { openTestLab } from '../actions/support/lab.ts';
import type { Outcome } from './support/firedrill.ts';
import { firedrill } from './support/firedrill.ts';

let lab: TestLab;
let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'firedrill-iam-'));
  lab = await openTestLab((world) => multiRegion.build(world, { replicaLagMs: 0, origin: 'http://lab' }));
});
afterAll(async () => {
  await lab.close();
  await rm(dir, { recursive: true });
});

const restore = (snapshot: string): string => `apiVersion: firedrill/v1
name: restore
title: A snapshot stands on a fresh instance
locations: { home: { account: 000000000000, region: eu-central-1 } }
targets:
  newest: { type: rds/snapshot, in: home, ${snapshot} }
  closed: { type: ec2/security-group, in: home, id: orders-restore }
objectives: { rto: 2h }
recover:
  - id: restore
    uses: rds/restore-snapshot
    with: { snapshot: newest, subnetGroup: orders, securityGroup: closed, parameterGroup: orders-restore }
verify:
  - id: contents
    uses: postgres/verify
    with:
      database: $(steps.restore.outputs.database)
      user: drill_verifier
      password: env:A_PASSWORD_THAT_IS_NOT_SET_HERE
      tables: { orders: { minRows: 1 } }
`;

async function print(...drills: readonly string[]): Promise<Outcome> {
  const files = drills.map((_, n) => join(dir, `drill-${n}.yaml`));
  await Promise.all(drills.map((text, n) => writeFile(files[n]!, text)));
  return firedrill(['iam-policy', ...files], { env: { ...lab.env, FIREDRILL_LOG_LEVEL: 'silent' } });
}

test('a policy names tomorrow’s snapshots as well as today’s, and needs no secret to be printed', async () => {
  const { code, stdout, stderr } = await print(restore('of: orders-db, kind: automated'));
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const { Statement } = JSON.parse(stdout) as Policy;
  const restores = Statement.filter(({ Action }) => Action.includes('rds:RestoreDBInstanceFromDBSnapshot'));
  expect(restores.flatMap(({ Resource }) => Resource)).toContain(
    'arn:aws:rds:eu-central-1:000000000000:snapshot:rds:orders-db-*',
  );
  const deletes = Statement.filter(({ Action }) => Action.includes('rds:DeleteDBInstance'));
  expect(deletes).toEqual([
    {
      Effect: 'Allow',
      Action: ['rds:DeleteDBInstance'],
      Resource: ['arn:aws:rds:eu-central-1:000000000000:db:orders-db-drill-*-restore'],
      Condition: {
        StringLike: { 'aws:ResourceTag/firedrill:run': '*', 'aws:ResourceTag/firedrill:step': 'restore' },
      },
    },
  ]);
});

test('what it allows beyond the drill is said', async () => {
  const { code, stderr } = await print(restore('of: orders-db'));
  expect(code).toBe(0);
  expect(stderr).toMatch(/^target newest: a manual snapshot may have any name.*With kind: automated/);
});

test('every drill that can not be planned is named', async () => {
  const { code, stdout, stderr } = await print(
    restore('of: orders-db, kind: automated'),
    restore('of: no-such-db'),
    restore('id: no-such-snapshot'),
  );
  expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
  expect(stderr).toMatch(/drill-1\.yaml: target newest: nothing found\n.*drill-2\.yaml: target newest: nothing found/);
  expect(stderr).not.toContain('drill-0.yaml');
});
