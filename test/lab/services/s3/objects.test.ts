import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { DeleteObjectCommand, HeadObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { afterEach, describe, expect, test } from 'vitest';
import { fileBodies, memoryBodies } from '../../../../src/lab/services/s3/bodies.ts';
import { Bucket, client, content, get, lab, put, stored, useS3 } from './s3-lab.ts';

const directories: string[] = [];
afterEach(async () => {
  for (const directory of directories.splice(0)) await rm(directory, { recursive: true });
});

describe.each([
  ['in memory', () => memoryBodies()],
  [
    'in files',
    async () => {
      const directory = await mkdtemp(join(tmpdir(), 'bodies-'));
      directories.push(directory);
      return fileBodies(directory);
    },
  ],
])('objects kept %s', (_where, openBodies) => {
  useS3(openBodies);

  test('come back as they were put, with what was said of them', async () => {
    const bytes = Buffer.alloc(3_000_000, 'dump ');
    const md5 = createHash('md5').update(bytes).digest('hex');
    const described = { ContentType: 'application/sql', CacheControl: 'no-store', Metadata: { source: 'orders' } };
    const sent = await put('nightly/1 ü.sql', bytes, described);
    expect(sent).toMatchObject({ ETag: `"${md5}"` });
    expect(sent).not.toHaveProperty('VersionId');
    const got = await get('nightly/1 ü.sql');
    expect(got).toMatchObject({ ...described, ContentLength: bytes.length, ETag: `"${md5}"`, AcceptRanges: 'bytes' });
    expect(got.LastModified).toEqual(new Date('2026-01-01T00:00:00Z'));
    const received = Buffer.from((await got.Body?.transformToByteArray()) ?? []);
    expect(received.equals(bytes)).toBe(true);
    const head = await client.send(new HeadObjectCommand({ Bucket, Key: 'nightly/1 ü.sql' }));
    expect(head).toMatchObject({ ...described, ContentLength: bytes.length, ETag: `"${md5}"` });
  });

  test.each([
    ['bytes=2-4', '234', 'bytes 2-4/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=-2', '89', 'bytes 8-9/10'],
    ['bytes=8-99', '89', 'bytes 8-9/10'],
  ])('are read by range %s', async (Range, expected, ContentRange) => {
    await put('key', '0123456789');
    const got = await get('key', { Range });
    expect(got).toMatchObject({ ContentRange, ContentLength: expected.length, $metadata: { httpStatusCode: 206 } });
    expect(await got.Body?.transformToString()).toBe(expected);
  });

  test('can be empty, and a range beyond the end is refused', async () => {
    await put('key', Buffer.alloc(0));
    expect(await content('key')).toBe('');
    await expect(get('key', { Range: 'bytes=0-' })).rejects.toMatchObject({
      name: 'InvalidRange',
      $metadata: { httpStatusCode: 416 },
    });
  });

  test('are replaced and deleted for good in a bucket without versions', async () => {
    await put('key', 'one');
    await put('key', 'two');
    expect(await content('key')).toBe('two');
    expect(stored()).toBe(1);
    const remove = () => client.send(new DeleteObjectCommand({ Bucket, Key: 'key' }));
    await remove();
    await remove();
    await expect(get('key')).rejects.toMatchObject({ name: 'NoSuchKey', $metadata: { httpStatusCode: 404 } });
    expect(stored()).toBe(0);
  });
});

describe('an object', () => {
  useS3();

  test('is put only under the conditions given', async () => {
    const { ETag } = await put('key', 'one', { IfNoneMatch: '*' });
    const failed = { name: 'PreconditionFailed', $metadata: { httpStatusCode: 412 } };
    await expect(put('key', 'two', { IfNoneMatch: '*' })).rejects.toMatchObject(failed);
    await expect(put('key', 'two', { IfMatch: '"other"' })).rejects.toMatchObject(failed);
    await put('key', 'two', { IfMatch: ETag });
    expect(await content('key')).toBe('two');
    await expect(get('key', { IfMatch: ETag })).rejects.toMatchObject(failed);
    await expect(get('key', { IfModifiedSince: new Date('2026-01-01') })).rejects.toMatchObject({
      $metadata: { httpStatusCode: 304 },
    });
    expect(stored()).toBe(1);
  });

  test('is refused when its bytes were changed on the way', async () => {
    const ContentMD5 = createHash('md5').update('sent').digest('base64');
    await expect(put('key', 'received', { ContentMD5 })).rejects.toMatchObject({ name: 'BadDigest' });
    expect(stored()).toBe(0);
  });

  test('needs its bucket, and the account that owns it', async () => {
    const Key = 'key';
    await expect(put(Key, 'x', { Bucket: 'absent' })).rejects.toMatchObject({ name: 'NoSuchBucket' });
    await put(Key, 'x');
    const stranger = new S3Client(lab.config({ account: '444455556666' }));
    await expect(stranger.send(new ListObjectsV2Command({ Bucket }))).rejects.toMatchObject({ name: 'AccessDenied' });
    await expect(client.send(new HeadObjectCommand({ Bucket, Key: 'absent' }))).rejects.toMatchObject({
      name: 'NotFound',
    });
  });

  test('leaves nothing behind when its upload breaks off', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'bodies-'));
    directories.push(directory);
    const broken = async function* () {
      yield await Promise.resolve(Buffer.from('half'));
      throw new Error('the line broke');
    };
    await expect(fileBodies(directory).put(Readable.from(broken()))).rejects.toThrow('the line broke');
    expect(await readdir(directory)).toEqual([]);
  });
});

describe('listing', () => {
  useS3();
  const list = (more: object) => client.send(new ListObjectsV2Command({ Bucket, ...more }));
  const keys = ['a', 'nightly/1', 'nightly/2', 'weekly/1', 'z', 'ä'];

  test('is in the order of bytes, by prefix, folded at a delimiter', async () => {
    for (const key of keys.toReversed()) await put(key, key);
    expect((await list({})).Contents?.map(({ Key }) => Key)).toEqual(keys);
    const nightly = await list({ Prefix: 'nightly/' });
    expect(nightly.Contents).toMatchObject([
      { Key: 'nightly/1', Size: 9, StorageClass: 'STANDARD' },
      { Key: 'nightly/2' },
    ]);
    const folded = await list({ Delimiter: '/' });
    expect(folded.Contents?.map(({ Key }) => Key)).toEqual(['a', 'z', 'ä']);
    expect(folded.CommonPrefixes).toEqual([{ Prefix: 'nightly/' }, { Prefix: 'weekly/' }]);
    expect(folded.KeyCount).toBe(5);
  });

  test.each([1, 2, 3])('in pages of %i it tells everything once', async (MaxKeys) => {
    for (const key of keys) await put(key, key);
    for (const Delimiter of [undefined, '/']) {
      const seen: (string | undefined)[] = [];
      let ContinuationToken: string | undefined;
      do {
        const page = await list({ MaxKeys, ContinuationToken, Delimiter });
        seen.push(...(page.Contents ?? []).map(({ Key }) => Key));
        seen.push(...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix));
        ContinuationToken = page.NextContinuationToken;
      } while (ContinuationToken !== undefined);
      expect(seen.toSorted()).toEqual(Delimiter ? ['a', 'nightly/', 'weekly/', 'z', 'ä'] : keys);
    }
  });

  test('starts after a key', async () => {
    for (const key of keys) await put(key, key);
    expect((await list({ StartAfter: 'weekly/1' })).Contents?.map(({ Key }) => Key)).toEqual(['z', 'ä']);
  });
});
