import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DescribeSecretCommand, GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { STSClient } from '@aws-sdk/client-sts';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { indexAt, secretPermissions, storesAt } from '../../src/actions/secret-stores.ts';
import { createAws } from '../../src/aws/funnel.ts';
import { storedSecret } from '../../src/domain/fields.ts';
import type { ResolvedTarget } from '../../src/domain/plan.ts';
import { absenceOf } from '../../src/secrets/presence.ts';
import { parsePassword, readSecret } from '../../src/secrets/secrets.ts';

const account = '111122223333';
const target: ResolvedTarget = {
  name: 'db',
  type: 'sql/database',
  location: 'home',
  account,
  region: 'eu-central-1',
  select: {},
  items: [],
};

const refusal = (name: string): Error =>
  Object.assign(new Error('no'), { name, $fault: 'client', $metadata: { httpStatusCode: 400 } });

test('a variable and a file hold secrets; one that is not there is named, and what to do', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'firedrill-secrets-'));
  await writeFile(join(dir, 'password'), 'hunter2\n');
  expect(await readSecret(`file:${dir}/password`, {})).toBe('hunter2');
  expect(await readSecret('env:PASSWORD', { PASSWORD: 'x' })).toBe('x');
  await expect(readSecret('env:PASSWORD', {})).rejects.toMatchObject({ code: 'secret-missing' });
  await expect(readSecret(`file:${dir}/none`, {})).rejects.toMatchObject({ code: 'secret-missing' });
  await rm(dir, { recursive: true });
});

test('whether a variable or a file holds a secret is told without reading it', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'firedrill-secrets-'));
  await writeFile(join(dir, 'password'), 'hunter2\n');
  await writeFile(join(dir, 'empty'), '');
  const said = async (reference: string, env: NodeJS.ProcessEnv = {}) => (await absenceOf(reference, env))?.said;
  expect(await said('env:PASSWORD', { PASSWORD: 'x' })).toBeUndefined();
  expect(await said('env:PASSWORD')).toBe('is not set');
  expect(await said('env:PASSWORD', { PASSWORD: '' })).toBe('is empty');
  expect(await said(`file:${dir}/password`)).toBeUndefined();
  expect(await said(`file:${dir}/none`)).toBe('is not there');
  expect(await said(`file:${dir}/empty`)).toBe('is empty');
  expect(await said(`file:${dir}`)).toBe('is a directory');
  await rm(dir, { recursive: true });
});

test('a password may stand alone or in JSON', () => {
  expect(parsePassword('{"username":"a","password":"b"}')).toBe('b');
  expect(parsePassword('{not json')).toBe('{not json');
  expect(parsePassword('plain')).toBe('plain');
});

describe('secrets that AWS keeps', () => {
  const secrets = mockClient(SecretsManagerClient);
  const parameters = mockClient(SSMClient);
  const sts = mockClient(STSClient);
  const logged: unknown[] = [];
  const log = (...line: unknown[]): void => void logged.push(line);
  const aws = createAws({
    env: { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' },
    logger: { debug: log, trace: log },
    runId: 'r1',
  });
  const stores = storesAt(aws, target);
  beforeEach(() => {
    secrets.reset();
    parameters.reset();
    sts.reset();
    sts.onAnyCommand().resolves({ Account: account });
  });
  afterAll(() => {
    secrets.restore();
    parameters.restore();
    sts.restore();
    aws.close();
  });

  test('are read where the target is, one member of JSON by its key, and stand in no log', async () => {
    secrets.onAnyCommand().resolves({ SecretString: '{"password":"lookbook","port":5432}' });
    expect(await readSecret('secretsmanager:orders/verifier#password', {}, stores)).toBe('lookbook');
    expect(secrets.calls()[0]!.args[0].input).toEqual({ SecretId: 'orders/verifier' });
    expect(parsePassword(await readSecret('secretsmanager:orders/verifier', {}, stores))).toBe('lookbook');
    await expect(readSecret('secretsmanager:orders/verifier#user', {}, stores)).rejects.toMatchObject({
      code: 'secret-shape',
    });
    expect(JSON.stringify(logged)).not.toContain('lookbook');
  });

  test('lie in the region of their ARN', async () => {
    secrets.onAnyCommand().resolves({ SecretString: 'x' });
    const arn = `arn:aws:secretsmanager:eu-west-1:${account}:secret:orders-AbCdEf`;
    await readSecret(`secretsmanager:${arn}`, {}, stores);
    const client = secrets.calls()[0]!.thisValue as SecretsManagerClient;
    expect(await client.config.region()).toBe('eu-west-1');
  });

  test('are decrypted from Parameter Store', async () => {
    parameters.onAnyCommand().resolves({ Parameter: { Value: 'lookbook' } });
    expect(await readSecret('ssm:/orders/verifier', {}, stores)).toBe('lookbook');
    expect(parameters.calls()[0]!.args[0].input).toEqual({ Name: '/orders/verifier', WithDecryption: true });
    parameters.onAnyCommand().resolves({});
    await expect(readSecret('ssm:/orders/verifier', {}, stores)).rejects.toMatchObject({ code: 'secret-missing' });
  });

  test('need a way to AWS', async () => {
    await expect(readSecret('ssm:/orders/verifier', {})).rejects.toMatchObject({ code: 'secret-unreachable' });
  });

  test('are looked for without their value', async () => {
    const index = indexAt(aws, target);
    const said = async (reference: string) => (await absenceOf(reference, {}, index))?.said;
    secrets.on(GetSecretValueCommand).rejects(new Error('its value was read'));
    const described = secrets.on(DescribeSecretCommand);
    described.resolves({ VersionIdsToStages: { v1: ['AWSPREVIOUS'], v2: ['AWSCURRENT'] } });
    expect(await said('secretsmanager:orders/verifier#password')).toBeUndefined();
    expect(secrets.calls()[0]!.args[0].input).toEqual({ SecretId: 'orders/verifier' });
    described.resolves({ VersionIdsToStages: {} });
    expect(await said('secretsmanager:orders/none')).toBe('has no value');
    described.resolves({ DeletedDate: new Date(), VersionIdsToStages: { v2: ['AWSCURRENT'] } });
    expect(await said('secretsmanager:orders/gone')).toMatch(/is to be deleted/);
    described.rejects(refusal('ResourceNotFoundException'));
    expect(await said('secretsmanager:orders/absent')).toBe(`is not there in eu-central-1 of account ${account}`);

    const asked = parameters.on(GetParameterCommand);
    asked.resolves({ Parameter: { Value: 'encrypted' } });
    expect(await said('ssm:/orders/verifier')).toBeUndefined();
    expect(parameters.calls()[0]!.args[0].input).toEqual({ Name: '/orders/verifier', WithDecryption: false });
    asked.rejects(refusal('ParameterNotFound'));
    expect(await said('ssm:/orders/none')).toBe(`is not there in eu-central-1 of account ${account}`);
    asked.rejects(refusal('AccessDeniedException'));
    await expect(said('ssm:/orders/closed')).rejects.toMatchObject({ code: 'aws-access-denied' });
  });

  test('need permission to look for and read just them', () => {
    const of = (reference: string) =>
      secretPermissions(target, reference).map(({ action, resources }) => [action, ...resources]);
    expect(of('env:X')).toEqual([]);
    expect(of('ssm:/orders/verifier')).toEqual([
      ['ssm:GetParameter', `arn:aws:ssm:eu-central-1:${account}:parameter/orders/verifier`],
    ]);
    const arn = `arn:aws:secretsmanager:eu-central-1:${account}:secret:orders/verifier-??????`;
    expect(of('secretsmanager:orders/verifier#password')).toEqual([
      ['secretsmanager:DescribeSecret', arn],
      ['secretsmanager:GetSecretValue', arn],
    ]);
  });
});

test('references are told from secrets', () => {
  const good = [
    'env:A',
    'file:/a b',
    'secretsmanager:a/b',
    'secretsmanager:arn:aws:secretsmanager:a:1:secret:b-c#password',
    'ssm:/a/b',
  ];
  for (const reference of good) expect(storedSecret().safeParse(reference).success).toBe(true);
  for (const text of ['hunter2', 'env:', 'ssm:a', 'secretsmanager:', 'secretsmanager:a#']) {
    expect(storedSecret().safeParse(text).success).toBe(false);
  }
});
