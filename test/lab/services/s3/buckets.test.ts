import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketVersioningCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  ListObjectVersionsCommand,
  PutBucketLifecycleConfigurationCommand,
  S3Client,
  type LifecycleRule,
} from '@aws-sdk/client-s3';
import { describe, expect, test } from 'vitest';
import { Bucket, client, content, get, lab, put, stored, useS3, versioned } from './s3-lab.ts';

useS3();
const dayMs = 86_400_000;
const versions = (more: object = {}) => client.send(new ListObjectVersionsCommand({ Bucket, ...more }));
const remove = (Key: string, VersionId?: string) => client.send(new DeleteObjectCommand({ Bucket, Key, VersionId }));

describe('buckets', () => {
  test('are created in a region, told and listed', async () => {
    const west = new S3Client(lab.config({ region: 'eu-west-1' }));
    await west.send(new CreateBucketCommand({ Bucket: 'dumps' }));
    expect(await west.send(new HeadBucketCommand({ Bucket: 'dumps' }))).toMatchObject({ BucketRegion: 'eu-west-1' });
    expect((await client.send(new ListBucketsCommand({}))).Buckets).toMatchObject([
      { Name: Bucket, BucketRegion: 'us-east-1', CreationDate: new Date('2026-01-01') },
      { Name: 'dumps', BucketRegion: 'eu-west-1' },
    ]);
    await expect(client.send(new HeadBucketCommand({ Bucket: 'absent' }))).rejects.toMatchObject({ name: 'NotFound' });
  });

  test('have names that are unique over all accounts', async () => {
    const create = (as: S3Client, name = Bucket) => as.send(new CreateBucketCommand({ Bucket: name }));
    await expect(create(client)).resolves.toBeDefined();
    const stranger = new S3Client(lab.config({ account: '444455556666', region: 'us-east-1' }));
    await expect(create(stranger)).rejects.toMatchObject({ name: 'BucketAlreadyExists' });
    const west = new S3Client(lab.config({ region: 'eu-west-1' }));
    await expect(create(west)).rejects.toMatchObject({ name: 'BucketAlreadyOwnedByYou' });
    await expect(create(client, 'Upper')).rejects.toMatchObject({ name: 'InvalidBucketName' });
  });
});

describe('versions', () => {
  test('are kept once versioning is on, and each can be read', async () => {
    const status = () => client.send(new GetBucketVersioningCommand({ Bucket }));
    expect((await status()).Status).toBeUndefined();
    await put('key', 'before');
    await versioned();
    expect((await status()).Status).toBe('Enabled');
    const one = await put('key', 'one');
    const two = await put('key', 'two');
    expect(await content('key')).toBe('two');
    expect(await content('key', { VersionId: one.VersionId })).toBe('one');
    expect(await content('key', { VersionId: 'null' })).toBe('before');
    expect((await versions()).Versions).toMatchObject([
      { Key: 'key', VersionId: two.VersionId, IsLatest: true, Size: 3 },
      { Key: 'key', VersionId: one.VersionId, IsLatest: false },
      { Key: 'key', VersionId: 'null', IsLatest: false },
    ]);
    await expect(get('key', { VersionId: 'absent' })).rejects.toMatchObject({ name: 'NoSuchVersion' });
  });

  test('survive a deletion under a delete marker, whose removal brings the object back', async () => {
    await versioned();
    await put('key', 'one');
    const { VersionId, DeleteMarker } = await remove('key');
    expect(DeleteMarker).toBe(true);
    await expect(get('key')).rejects.toMatchObject({ name: 'NoSuchKey' });
    await expect(get('key', { VersionId })).rejects.toMatchObject({ name: 'MethodNotAllowed' });
    expect((await versions()).DeleteMarkers).toMatchObject([{ Key: 'key', VersionId, IsLatest: true }]);
    await remove('key', VersionId);
    expect(await content('key')).toBe('one');
  });

  test('go for good when they are named', async () => {
    await versioned();
    const one = await put('key', 'one');
    await put('key', 'two');
    await remove('key', one.VersionId);
    expect(stored()).toBe(1);
    expect((await versions()).Versions).toHaveLength(1);
  });

  test('while versioning is suspended, replace only the one without an id', async () => {
    await versioned();
    await put('key', 'kept');
    await versioned('Suspended');
    await put('key', 'one');
    await put('key', 'two');
    expect((await versions()).Versions).toHaveLength(2);
    expect(await content('key')).toBe('two');
    expect(stored()).toBe(2);
  });

  test('are listed in pages', async () => {
    await versioned();
    for (const key of ['a', 'b', 'c']) for (const body of ['1', '2', '3']) await put(key, body);
    const seen: string[] = [];
    let markers: { KeyMarker?: string; VersionIdMarker?: string } = {};
    do {
      const page = await versions({ MaxKeys: 2, ...markers });
      seen.push(...(page.Versions ?? []).map(({ Key, VersionId }) => `${Key}/${VersionId}`));
      markers = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
    } while (markers.KeyMarker !== undefined);
    expect(seen.map((each) => each[0]).join('')).toBe('aaabbbccc');
    expect(new Set(seen).size).toBe(9);
  });
});

describe('lifecycle rules', () => {
  const apply = (...Rules: LifecycleRule[]) =>
    client.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules } }));
  const rule = (more: Partial<LifecycleRule>): LifecycleRule => ({
    ID: 'old',
    Status: 'Enabled',
    Filter: { Prefix: 'nightly/' },
    ...more,
  });

  test('are told as they were set', async () => {
    const ask = new GetBucketLifecycleConfigurationCommand({ Bucket });
    await expect(client.send(ask)).rejects.toMatchObject({ name: 'NoSuchLifecycleConfiguration' });
    const given = rule({ NoncurrentVersionTransitions: [{ NoncurrentDays: 30, StorageClass: 'GLACIER' }] });
    await apply(given);
    expect((await client.send(ask)).Rules).toEqual([given]);
  });

  test('move old versions to Glacier, from where they can’t be read at once', async () => {
    await versioned();
    await apply(rule({ NoncurrentVersionTransitions: [{ NoncurrentDays: 30, StorageClass: 'GLACIER' }] }));
    const old = await put('nightly/1', 'old');
    await put('nightly/1', 'new');
    lab.clock.advance(30 * dayMs - 1);
    expect(await content('nightly/1', { VersionId: old.VersionId })).toBe('old');
    lab.clock.advance(1);
    await expect(get('nightly/1', { VersionId: old.VersionId })).rejects.toMatchObject({
      name: 'InvalidObjectState',
      StorageClass: 'GLACIER',
    });
    expect(await content('nightly/1')).toBe('new');
    expect((await versions()).Versions).toMatchObject([{ StorageClass: 'STANDARD' }, { StorageClass: 'GLACIER' }]);
  });

  test('leave alone what has become current again', async () => {
    await versioned();
    await apply(rule({ NoncurrentVersionTransitions: [{ NoncurrentDays: 30, StorageClass: 'GLACIER' }] }));
    await put('nightly/1', 'kept');
    const { VersionId } = await remove('nightly/1');
    lab.clock.advance(31 * dayMs);
    await remove('nightly/1', VersionId);
    expect(await content('nightly/1')).toBe('kept');
  });

  test('remove old versions, only under their prefix and only while enabled', async () => {
    await versioned();
    const NoncurrentVersionExpiration = { NoncurrentDays: 10 };
    await apply(
      rule({ NoncurrentVersionExpiration }),
      rule({ ID: 'off', Status: 'Disabled', Filter: { Prefix: '' }, NoncurrentVersionExpiration }),
    );
    for (const key of ['nightly/1', 'weekly/1']) for (const body of ['old', 'new']) await put(key, body);
    lab.clock.advance(10 * dayMs);
    expect((await versions()).Versions?.map(({ Key }) => Key)).toEqual(['nightly/1', 'weekly/1', 'weekly/1']);
    expect(stored()).toBe(3);
  });

  test('that the lab can’t carry out are refused', async () => {
    await expect(apply(rule({ Filter: { Tag: { Key: 'a', Value: 'b' } } }))).rejects.toMatchObject({
      name: 'NotImplemented',
    });
  });
});
