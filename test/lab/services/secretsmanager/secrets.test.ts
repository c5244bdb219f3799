import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { secretsmanager } from '../../../../src/lab/services/secretsmanager/index.ts';
import { account, serve, type LabService } from '../support/lab-service.ts';

let lab: LabService;
let client: SecretsManager;
beforeEach(async () => {
  lab = await serve(secretsmanager);
  client = new SecretsManager(lab.config());
});
afterEach(async () => {
  client.destroy();
  await lab.close();
});

const dayMs = 86_400_000;
const SecretId = 'orders/verifier';
const create = (SecretString?: string) => client.createSecret({ Name: SecretId, SecretString });
const valueOf = async (id: string = SecretId) => (await client.getSecretValue({ SecretId: id })).SecretString;

describe('a secret', () => {
  test('is read by its name, its ARN, and its ARN without the last six characters', async () => {
    const { ARN = '' } = await create('lookbook');
    expect(ARN).toMatch(
      new RegExp(`^arn:aws:secretsmanager:eu-central-1:${account}:secret:orders/verifier-[A-Z0-9]{6}$`),
    );
    for (const id of [SecretId, ARN, ARN.slice(0, -7)]) expect(await valueOf(id)).toBe('lookbook');
  });

  test('is its region’s and its account’s own', async () => {
    const { ARN } = await create('lookbook');
    const elsewhere = new SecretsManager(lab.config({ region: 'eu-west-1' }));
    const other = new SecretsManager(lab.config({ account: '444455556666' }));
    const absent = { name: 'ResourceNotFoundException' };
    await expect(elsewhere.getSecretValue({ SecretId })).rejects.toMatchObject(absent);
    await expect(other.getSecretValue({ SecretId })).rejects.toMatchObject(absent);
    await expect(other.getSecretValue({ SecretId: ARN })).rejects.toMatchObject({ name: 'AccessDeniedException' });
    elsewhere.destroy();
    other.destroy();
  });

  test('may be bytes', async () => {
    await client.createSecret({ Name: SecretId, SecretBinary: Buffer.from([0, 255, 7]) });
    const { SecretBinary, SecretString } = await client.getSecretValue({ SecretId });
    expect([...(SecretBinary ?? [])]).toEqual([0, 255, 7]);
    expect(SecretString).toBeUndefined();
  });

  test('without a value can be described and not read', async () => {
    await client.createSecret({ Name: SecretId, Description: 'of copies', Tags: [{ Key: 'app', Value: 'orders' }] });
    expect(await client.describeSecret({ SecretId })).toMatchObject({
      Name: SecretId,
      Description: 'of copies',
      Tags: [{ Key: 'app', Value: 'orders' }],
      CreatedDate: lab.clock.wall(),
    });
    await expect(valueOf()).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT",
    });
  });

  test('is never shown by its description, which says when it was read', async () => {
    await create('lookbook');
    const before = await client.describeSecret({ SecretId });
    expect(before.LastAccessedDate).toBeUndefined();
    lab.clock.advance(1.5 * dayMs);
    await valueOf();
    const after = await client.describeSecret({ SecretId });
    expect(after.LastAccessedDate).toEqual(new Date('2026-01-02T00:00:00Z'));
    expect(JSON.stringify(after)).not.toContain('lookbook');
  });

  test.each([
    ['nobody made', () => valueOf('absent'), 'ResourceNotFoundException', "can't find the specified secret."],
    ['has no name', () => client.getSecretValue({ SecretId: undefined }), 'ValidationException', "at 'secretId'"],
    ['has a bad name', () => client.createSecret({ Name: 'a b' }), 'ValidationException', 'Invalid name'],
    [
      'has two values',
      () => client.createSecret({ Name: 'x', SecretString: 'a', SecretBinary: Buffer.from('b') }),
      'InvalidParameterException',
      'both',
    ],
    [
      'is too long',
      () => client.createSecret({ Name: 'x', SecretString: 'ä'.repeat(40_000) }),
      'ValidationException',
      'have length less than or equal to 65536',
    ],
    [
      'is to be replicated',
      () => client.createSecret({ Name: 'x', AddReplicaRegions: [{ Region: 'eu-west-1' }] }),
      'NotImplemented',
      'replicates no secrets',
    ],
  ])('that %s is refused', async (_what, ask, name, message) => {
    await expect(ask()).rejects.toMatchObject({ name, message: expect.stringContaining(message) as string });
  });
});

describe('versions', () => {
  test('the last one is current, the one before stays readable by its label and by its id', async () => {
    const first = await create('old');
    lab.clock.advance(1000);
    const { VersionId, VersionStages } = await client.putSecretValue({ SecretId, SecretString: 'new' });
    expect(VersionStages).toEqual(['AWSCURRENT']);
    expect(await valueOf()).toBe('new');
    const previous = { SecretString: 'old', VersionStages: ['AWSPREVIOUS'], VersionId: first.VersionId };
    expect(await client.getSecretValue({ SecretId, VersionStage: 'AWSPREVIOUS' })).toMatchObject(previous);
    expect(await client.getSecretValue({ SecretId, VersionId: first.VersionId })).toMatchObject(previous);
    const { VersionIdsToStages, LastChangedDate } = await client.describeSecret({ SecretId });
    expect(VersionIdsToStages).toEqual({ [first.VersionId!]: ['AWSPREVIOUS'], [VersionId!]: ['AWSCURRENT'] });
    expect(LastChangedDate).toEqual(lab.clock.wall());
    await client.putSecretValue({ SecretId, SecretString: 'newest' });
    expect(Object.values((await client.describeSecret({ SecretId })).VersionIdsToStages ?? {})).toHaveLength(2);
  });

  test('with a label of its own leave the current one as it is', async () => {
    await create('old');
    await client.putSecretValue({ SecretId, SecretString: 'next', VersionStages: ['AWSPENDING'] });
    expect(await valueOf()).toBe('old');
    expect(await client.getSecretValue({ SecretId, VersionStage: 'AWSPENDING' })).toMatchObject({
      SecretString: 'next',
    });
  });

  test('an id and a label must mean the same one', async () => {
    const { VersionId } = await create('old');
    await client.putSecretValue({ SecretId, SecretString: 'new' });
    await expect(client.getSecretValue({ SecretId, VersionId, VersionStage: 'AWSCURRENT' })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  test('a request that is sent twice makes one; its token with another value is refused', async () => {
    const ClientRequestToken = 'c0ffee00-0000-4000-8000-000000000000';
    const created = await client.createSecret({ Name: SecretId, SecretString: 'a', ClientRequestToken });
    expect(created.VersionId).toBe(ClientRequestToken);
    expect(await client.createSecret({ Name: SecretId, SecretString: 'a', ClientRequestToken })).toMatchObject({
      ARN: created.ARN,
      VersionId: ClientRequestToken,
    });
    expect(await client.putSecretValue({ SecretId, SecretString: 'a', ClientRequestToken })).toMatchObject({
      VersionId: ClientRequestToken,
    });
    const exists = { name: 'ResourceExistsException' };
    await expect(client.putSecretValue({ SecretId, SecretString: 'b', ClientRequestToken })).rejects.toMatchObject(
      exists,
    );
    await expect(create('a')).rejects.toMatchObject(exists);
    expect(Object.keys((await client.describeSecret({ SecretId })).VersionIdsToStages ?? {})).toHaveLength(1);
  });

  test('need a value', async () => {
    await create();
    await expect(client.putSecretValue({ SecretId })).rejects.toMatchObject({ name: 'InvalidRequestException' });
  });
});

describe('a deleted secret', () => {
  const marked = { name: 'InvalidRequestException' };

  test('can not be read, written or made again until its recovery window ends', async () => {
    await create('lookbook');
    const { DeletionDate } = await client.deleteSecret({ SecretId, RecoveryWindowInDays: 7 });
    expect(DeletionDate).toEqual(new Date(lab.clock.wall().getTime() + 7 * dayMs));
    await expect(valueOf()).rejects.toMatchObject({
      ...marked,
      message: expect.stringContaining('marked for deletion') as string,
    });
    await expect(client.putSecretValue({ SecretId, SecretString: 'x' })).rejects.toMatchObject(marked);
    await expect(create('again')).rejects.toMatchObject(marked);
    await expect(client.deleteSecret({ SecretId })).rejects.toMatchObject(marked);
    expect(await client.describeSecret({ SecretId })).toMatchObject({ DeletedDate: DeletionDate });
    expect((await client.listSecrets({})).SecretList).toEqual([]);
    expect((await client.listSecrets({ IncludePlannedDeletion: true })).SecretList).toHaveLength(1);
    lab.clock.advance(7 * dayMs);
    await expect(client.describeSecret({ SecretId })).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await create('again');
    expect(await valueOf()).toBe('again');
  });

  test('is gone at once by force, and so is one that was never there', async () => {
    await create('lookbook');
    const force = { SecretId, ForceDeleteWithoutRecovery: true };
    await client.deleteSecret(force);
    await expect(client.describeSecret({ SecretId })).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    expect(await client.deleteSecret(force)).toMatchObject({ Name: SecretId });
    await expect(client.deleteSecret({ SecretId })).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  test.each([{ RecoveryWindowInDays: 6 }, { RecoveryWindowInDays: 7, ForceDeleteWithoutRecovery: true }])(
    'needs a window that AWS has: %j is refused',
    async (window) => {
      await create('lookbook');
      await expect(client.deleteSecret({ SecretId, ...window })).rejects.toMatchObject({
        name: 'InvalidParameterException',
      });
      expect(await valueOf()).toBe('lookbook');
    },
  );
});

test('secrets are listed by page, oldest first, and by the beginnings of their names and tags', async () => {
  for (const Name of ['shop/b', 'orders/a', 'shop/a']) {
    await client.createSecret({ Name, SecretString: 'x', Tags: [{ Key: 'app', Value: Name.split('/')[0] }] });
    lab.clock.advance(1000);
  }
  const names = async (input: Parameters<typeof client.listSecrets>[0]) => {
    const { SecretList = [], NextToken } = await client.listSecrets(input);
    return { names: SecretList.map(({ Name }) => Name), NextToken };
  };
  const first = await names({ MaxResults: 2 });
  expect(first.names).toEqual(['shop/b', 'orders/a']);
  expect(await names({ NextToken: first.NextToken })).toEqual({ names: ['shop/a'], NextToken: undefined });
  const by = async (Key: 'name' | 'tag-value' | 'all', ...Values: string[]) =>
    (await names({ Filters: [{ Key, Values }] })).names;
  expect(await by('name', 'shop/')).toEqual(['shop/b', 'shop/a']);
  expect(await by('tag-value', '!shop')).toEqual(['orders/a']);
  await expect(by('all', 'x')).rejects.toMatchObject({ name: 'NotImplemented' });
  await expect(names({ NextToken: 'absent' })).rejects.toMatchObject({ name: 'InvalidNextTokenException' });
  await expect(names({ MaxResults: 101 })).rejects.toMatchObject({ name: 'ValidationException' });
});
