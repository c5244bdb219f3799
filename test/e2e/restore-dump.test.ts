/**
 * The shipped drill that restores a dump: what it is to believe when it passes, that it doesn't pass what is no restore, and that
 * passwords which lie in AWS stand nowhere else. All in one lab, side by side where nothing is taken from the others.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StartInstancesCommand, StopInstancesCommand } from '@aws-sdk/client-ec2';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { RunRecord } from '../../src/domain/record.ts';
import { inhabitantsOf } from '../../src/lab/machines/inhabitants.ts';
import { runIdIn } from './cli.ts';
import { databaseAt, edit, edits, restores } from './drill-edits.ts';
import { RestoreLab } from './restore-lab.ts';
import { sabotages } from './sabotage.ts';
import { expectCaught } from './sabotaged.ts';

let stage: RestoreLab;
beforeAll(async () => {
  stage = await RestoreLab.open();
});
afterAll(() => stage.close());

/** One of each kind; test/soak/sabotage.test.ts has them all. */
const kinds = ['truncated-dump', 'dump-with-zero-rows', 'one-row-changed', 'verification-of-the-source'];

/** A second look at the copy, with a password of Parameter Store. */
const again = `
  - id: again
    uses: postgres/verify
    with:
      database: $(steps.restored.outputs.database)
      user: drill_verifier
      password: ssm:/orders/drill-verifier
      tables: { customers: { minRows: 100 } }

schedule:`;

describe('a restored dump', { timeout: 300_000 }, () => {
  test.concurrent.each(sabotages.filter(({ name }) => kinds.includes(name)))('is no pass with: $name', async (each) => {
    await expectCaught(stage, each);
  });

  test.concurrent('is verified with passwords from Secrets Manager and Parameter Store', async () => {
    const file = await stage.prepare('secrets', {
      drill: edits(
        edit('env:FIREDRILL_LAB_VERIFIER_PASSWORD', 'secretsmanager:orders/drill-verifier#password'),
        edit('\nschedule:', again),
      ),
    });
    const { FIREDRILL_LAB_VERIFIER_PASSWORD: password, ...env } = stage.lab.env;
    // Of this run alone: the others are started with theirs.
    stage.home.use(env);
    const run = stage.start(file);
    stage.home.use(stage.lab.env);
    const { code, stdout, stderr } = await run.ended;
    expect(code, stderr).toBe(0);
    const record = JSON.parse(stdout) as RunRecord;
    for (const id of ['contents', 'again']) {
      const connects = record.steps.find((step) => step.id === id)?.checks?.find(({ name }) => name === 'connects');
      expect(connects).toMatchObject({
        holds: true,
        said: expect.stringContaining('lets drill_verifier in') as string,
      });
    }
    expect(password).toBe('lab-verifier');
    expect(`${stdout}${stderr}`).not.toContain(password);
    await stage.expectNothingLeft(record);
  });

  test('is not begun with a password that is in neither store', async () => {
    const absent = again.replace('ssm:/orders/drill-verifier', 'ssm:/orders/absent');
    const file = await stage.prepare('absent', {
      drill: edits(
        edit('env:FIREDRILL_LAB_VERIFIER_PASSWORD', 'secretsmanager:orders/absent#password'),
        edit('\nschedule:', absent),
      ),
    });
    const { code, stdout, stderr } = await stage.start(file).ended;
    expect(code).toBe(2);
    const said = `${stdout}${stderr}`;
    expect(said).toMatch(/secretsmanager:orders\/absent#password .*is not there in eu-central-1/);
    expect(said).toMatch(/ssm:\/orders\/absent .*is not there in eu-central-1/);
  });

  test('is not verified by a drill that would look at the source', async () => {
    const { address } = await stage.source();
    const drill = edit(/^targets:$/m, `targets:\n  live: ${databaseAt(address)}`);
    const file = await stage.prepare('validated', {
      drill: (text) => edit('database: $(steps.restored.outputs.database)', 'database: live')(drill(text)),
    });
    const { code, stderr, stdout } = await stage.home.run('validate', file);
    expect(code).toBe(2);
    expect(`${stdout}${stderr}`).toMatch(/verify-reads-source/);
  });

  test('passes although its source is gone, on a server that shares nothing with it', async () => {
    const source = await stage.source();
    const original = await identityAt(source.address);
    const file = await stage.prepare('independent', {
      // The script waits while the copy is looked at.
      script: edit(restores, `${restores}\n  until [ -e seen ]; do sleep 0.1; done`),
    });
    const run = stage.start(file);
    await run.says(/→ find/);
    await stage.ec2.send(new StopInstancesCommand({ InstanceIds: [source.id] }));
    await run.says(/→ restored/);
    await expect.poll(() => identityAt(source.address).then(String, String)).toContain('ECONNREFUSED');
    const runId = runIdIn(run.said());
    const copy = await stage.copyOf(runId);
    const restored = await vi.waitFor(() => identityAt(copy.address), { timeout: 120_000, interval: 200 });
    expect(restored.system).not.toBe(original.system);
    // No standby, and subscribed to nobody.
    expect(restored).toMatchObject({ follows: false, subscriptions: 0, servers: 0 });
    expect(inhabitantsOf(await stage.diskOf(copy.id)).length).toBeGreaterThan(1);
    const sourceDisk = await stage.diskOf(source.id);
    await expect.poll(() => inhabitantsOf(sourceDisk)).toEqual([]);

    await writeFile(join(await stage.diskOf(copy.id), 'seen'), '');
    const { code, stdout, stderr } = await run.ended;
    expect(code, stderr).toBe(0);
    const record = JSON.parse(stdout) as RunRecord;
    expect(record).toMatchObject({ verdict: 'pass', undo: 'complete' });
    const checks = record.steps.flatMap((step) => step.checks ?? []);
    expect(checks.map(({ name }) => name)).toContain('negative-control');
    expect(checks.filter(({ holds }) => !holds)).toEqual([]);
    await stage.expectNothingLeft(record);
    await stage.ec2.send(new StartInstancesCommand({ InstanceIds: [source.id] }));
  });

  test('leaves the estate as before, however its run ended', () => stage.expectAsBefore());
});

interface Identity {
  /** Made by initdb, and kept by every physical copy. */
  system: string;
  follows: boolean;
  subscriptions: number;
  servers: number;
}

async function identityAt(host: string): Promise<Identity> {
  const password = stage.lab.env['FIREDRILL_LAB_VERIFIER_PASSWORD'];
  const client = new Client({ host, port: 5432, database: 'orders', user: 'drill_verifier', password });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query<Identity>(
      `SELECT system_identifier::text AS system, pg_is_in_recovery() AS follows,
              (SELECT count(*)::int FROM pg_stat_subscription) AS subscriptions,
              (SELECT count(*)::int FROM pg_foreign_server) AS servers FROM pg_control_system()`,
    );
    return rows[0]!;
  } finally {
    await client.end();
  }
}
