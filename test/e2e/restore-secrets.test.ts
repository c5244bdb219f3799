/** A restore whose passwords lie in AWS: nothing of them stands in the environment, and nothing in what the run says. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunRecord } from '../../src/domain/record.ts';
import { edit, edits } from './drill-edits.ts';
import { RestoreLab } from './restore-lab.ts';

let stage: RestoreLab;
beforeAll(async () => {
  stage = await RestoreLab.open();
}, 150_000);
afterAll(() => stage.close(), 60_000);

const again = `
  - id: again
    uses: postgres/verify
    with:
      database: $(steps.restored.outputs.database)
      user: drill_verifier
      password: ssm:/orders/drill-verifier
      tables: { customers: { minRows: 100 } }

schedule:`;

test('a copy is verified with passwords from Secrets Manager and Parameter Store', { timeout: 150_000 }, async () => {
  const { FIREDRILL_LAB_VERIFIER_PASSWORD: password, ...env } = stage.lab.env;
  stage.home.use(env);
  const file = await stage.prepare('secrets', {
    drill: edits(
      edit('env:FIREDRILL_LAB_VERIFIER_PASSWORD', 'secretsmanager:orders/drill-verifier#password'),
      edit('\nschedule:', again),
    ),
  });
  const { code, stdout, stderr } = await stage.start(file).ended;
  expect(code, stderr).toBe(0);
  const record = JSON.parse(stdout) as RunRecord;
  for (const id of ['contents', 'again']) {
    const connects = record.steps.find((step) => step.id === id)?.checks?.find(({ name }) => name === 'connects');
    expect(connects).toMatchObject({ holds: true, said: expect.stringContaining('lets drill_verifier in') as string });
  }
  expect(password).toBe('lab-verifier');
  expect(`${stdout}${stderr}`).not.toContain(password);
  await stage.expectNothingLeft(record);
});

test('a password that is in neither store is missed before anything begins', async () => {
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
  await stage.expectAsBefore();
});
