import {
  DeleteObjectCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutBucketLifecycleConfigurationCommand,
  RestoreObjectCommand,
  type Tier,
} from '@aws-sdk/client-s3';
import { beforeEach, describe, expect, it } from 'vitest';
import { Bucket, client, content, lab, put, useS3, versioned } from './s3-lab.ts';

useS3();

const dayMs = 86_400_000;
let VersionId: string;

/** A backup whose first version lies in an archive. */
async function archive(StorageClass: 'GLACIER' | 'DEEP_ARCHIVE'): Promise<void> {
  const rule = {
    ID: 'old',
    Filter: { Prefix: '' },
    NoncurrentVersionTransitions: [{ NoncurrentDays: 1, StorageClass }],
  };
  const LifecycleConfiguration = { Rules: [{ ...rule, Status: 'Enabled' as const }] };
  await client.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration }));
}
const restore = (Days: number, tier?: Tier) =>
  client.send(
    new RestoreObjectCommand({
      Bucket,
      Key: 'dump',
      VersionId,
      RestoreRequest: { Days, ...(tier && { GlacierJobParameters: { Tier: tier } }) },
    }),
  );
const head = (id = VersionId) => client.send(new HeadObjectCommand({ Bucket, Key: 'dump', VersionId: id }));

beforeEach(async () => {
  await versioned();
  VersionId = (await put('dump', 'first')).VersionId ?? '';
  await put('dump', 'second');
  await archive('GLACIER');
  lab.clock.advance(2 * dayMs);
});

describe('an archived version', () => {
  it('is told of, but not read, until a copy was asked for and is there', async () => {
    expect(await head()).toMatchObject({ StorageClass: 'GLACIER' });
    expect((await head()).Restore).toBeUndefined();
    await expect(content('dump', { VersionId })).rejects.toMatchObject({ name: 'InvalidObjectState' });
    await restore(2);
    expect((await head()).Restore).toBe('ongoing-request="true"');
    await expect(content('dump', { VersionId })).rejects.toMatchObject({ name: 'InvalidObjectState' });
    lab.clock.advance(3_000);
    expect((await head()).Restore).toBe('ongoing-request="false", expiry-date="Tue, 06 Jan 2026 00:00:00 GMT"');
    expect(await head()).toMatchObject({ StorageClass: 'GLACIER' });
    expect(await content('dump', { VersionId })).toBe('first');
  });

  it('is archived again when the copy is over, and can be restored again', async () => {
    await restore(1);
    lab.clock.advance(3_000);
    expect(await content('dump', { VersionId })).toBe('first');
    lab.clock.advance(2 * dayMs);
    expect((await head()).Restore).toBeUndefined();
    await expect(content('dump', { VersionId })).rejects.toMatchObject({ name: 'InvalidObjectState' });
    await restore(1);
    expect((await head()).Restore).toBe('ongoing-request="true"');
  });

  it('is brought back once at a time, and kept for longer when asked for again', async () => {
    await restore(1, 'Bulk');
    await expect(restore(1)).rejects.toMatchObject({
      name: 'RestoreAlreadyInProgress',
      $metadata: { httpStatusCode: 409 },
    });
    lab.clock.advance(3_000);
    await restore(5);
    expect((await head()).Restore).toMatch(/expiry-date="Fri, 09 Jan 2026/);
    expect(await content('dump', { VersionId })).toBe('first');
  });

  it('is restored for whole days, at an option that its class has', async () => {
    await expect(restore(0)).rejects.toMatchObject({ name: 'MalformedXML' });
    await archive('DEEP_ARCHIVE');
    await expect(restore(1, 'Expedited')).rejects.toMatchObject({ name: 'InvalidArgument' });
    await restore(1, 'Bulk');
  });

  it('goes for good when it is deleted by its id', async () => {
    await client.send(new DeleteObjectCommand({ Bucket, Key: 'dump', VersionId }));
    const { Versions } = await client.send(new ListObjectVersionsCommand({ Bucket }));
    expect(Versions).toHaveLength(1);
    await expect(head()).rejects.toMatchObject({ $metadata: { httpStatusCode: 404 } });
  });
});

describe('a version that is not archived', () => {
  it('has nothing to restore', async () => {
    const { Versions } = await client.send(new ListObjectVersionsCommand({ Bucket }));
    const current = Versions?.find(({ IsLatest }) => IsLatest)?.VersionId ?? '';
    const RestoreRequest = { Days: 1 };
    const asked = client.send(new RestoreObjectCommand({ Bucket, Key: 'dump', VersionId: current, RestoreRequest }));
    await expect(asked).rejects.toMatchObject({ name: 'InvalidObjectState', $metadata: { httpStatusCode: 403 } });
  });
});
