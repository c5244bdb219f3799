/**
 * Restores of RDS from end to end, side by side in one lab: the shipped drill passes, and drills of backups that are not what they
 * should be end with the right code and the reason. Nobody's copy is left.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunRecord } from '../../src/domain/record.ts';
import { Home } from './cli.ts';
import type { Outcome } from './cli.ts';
import { databases, labUp } from './lab.ts';
import type { LabUp } from './lab.ts';
import { patientQueries, shippedDrill } from './shipped.ts';
import { activePrimary } from './sql.ts';

type Edit = (text: string) => string;

/** Holds the copy against the live database as well, value by value. */
const compare: Edit = (text) =>
  text
    .replace(
      'targets:\n',
      'targets:\n  original: { type: rds/instance, in: home, id: $(app)-db, login: env:FIREDRILL_LAB_LOGIN }\n',
    )
    .replace('password: $(login)\n', 'password: $(login)\n      source: original\n')
    .replace('customers: { minRows: 100 }', 'customers: { minRows: 100, checksum: all }');

const sabotaged: Readonly<Record<string, Edit>> = {
  differs: (text) => compare(text).replace('version: 18', 'version: 17'),
  password: (text) => text.replaceAll('env:FIREDRILL_LAB_VERIFIER_PASSWORD', 'env:FIREDRILL_LAB_LOGIN'),
  never: (text) => text.replace('uses: rds/restore-snapshot\n', 'uses: rds/restore-snapshot\n    timeout: 200ms\n'),
};

let home: Home;
let lab: LabUp;
let before: string[];
const ended = new Map<string, { outcome: Outcome; record: RunRecord }>();

beforeAll(async () => {
  home = await Home.make();
  lab = await labUp(home);
  before = await ids();
  // After the snapshot: a row is altered, a table is new with a row in it, and half of the orders go.
  await changeSource(`
    UPDATE customers SET name = 'Somebody' WHERE id = 7;
    CREATE TABLE refunds (id int PRIMARY KEY); INSERT INTO refunds VALUES (1);
    GRANT SELECT ON refunds TO firedrill;
    DELETE FROM orders WHERE id > 1000`);
  const shipped = patientQueries(await readFile(shippedDrill('restore-rds-snapshot'), 'utf8'));
  const run = async (name: string, edit: Edit): Promise<void> => {
    const file = join(home.dir, `${name}.yaml`);
    await writeFile(file, edit(shipped));
    const outcome = await home.run('run', file, '--values', 'lab', '--json');
    ended.set(name, { outcome, record: JSON.parse(outcome.stdout) as RunRecord });
  };
  await Promise.all([
    run('shipped', (text) => text),
    ...Object.entries(sabotaged).map(([name, edit]) => run(name, edit)),
  ]);
}, 400_000);

afterAll(() => home.remove());

const ids = async (): Promise<string[]> => (await databases(lab)).map(({ id }) => id);

async function changeSource(sql: string): Promise<void> {
  const { address: host } = await activePrimary(lab);
  const client = new Client({ host, port: 5432, database: 'orders', user: 'orders_admin', password: 'lab-admin' });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

function endOf(name: string, code: number, expected: Partial<RunRecord>): RunRecord {
  const { outcome, record } = ended.get(name)!;
  expect(outcome.code, outcome.stderr).toBe(code);
  expect(record).toMatchObject({ exitCode: code, undo: 'complete', ...expected });
  return record;
}

describe('a restore of the newest snapshot', () => {
  test('passes when all of it is there, on an instance that was made for it and is deleted again', () => {
    const { steps, resources, recovery } = endOf('shipped', 0, { verdict: 'pass' });
    const { checks = [] } = steps.find(({ id }) => id === 'contents')!;
    expect(checks.map(({ name, holds }) => [name, holds])).toEqual(
      ['connects', 'not-the-source', 'version', 'rows', 'freshness', 'queries', 'performance', 'negative-control'].map(
        (name) => [name, true],
      ),
    );
    expect(checks.find(({ name }) => name === 'not-the-source')!.said).toMatch(/started .* ago, after recovery began/);
    expect(resources).toMatchObject([{ state: 'deleted', arn: expect.stringMatching(/:db:orders-db-drill-r/) }]);
    expect(recovery.rpo!.recoveryPointAgeMs).toBeGreaterThan(0);
  });

  test('fails when it differs from its source, and names table, rows and version', () => {
    const said = endOf('differs', 1, { verdict: 'fail' }).reasons.join('\n');
    expect(said).toMatch(/refunds is missing: in the source 1 row/);
    expect(said).toMatch(/orders has 2000 rows, exactly twice the source 1000 rows/);
    expect(said).toMatch(/customers .* differs from the source.* 1 altered \(key 7\)/);
    expect(said).toMatch(/Expected PostgreSQL 17, found 18/);
  });

  test('proves nothing when the drill can not log in', () => {
    const said = endOf('password', 3, { verdict: 'inconclusive' }).reasons.join('\n');
    expect(said).toMatch(/refuses the login of drill_verifier.*fault of the drill/);
  });

  test('fails when the instance is not there in time, and deletes it although it is still being made', () => {
    const said = endOf('never', 1, { verdict: 'fail' }).reasons.join('\n');
    expect(said).toMatch(/did not get there within 200 ms: orders-db-drill-\S+ is creating/);
  });

  test('leaves no database behind', async () => {
    expect(await ids()).toEqual(before);
  });

  test('leaves no process, port or file behind', async () => {
    expect((await home.run('lab', 'down')).code).toBe(0);
    expect(await home.leftovers()).toEqual([]);
  });
});
