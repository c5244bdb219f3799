import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { Bucket, client, content, get, stored, useS3 } from './s3-lab.ts';

useS3();
const Key = 'dump.sql';
const fiveMiB = 5 * 1024 * 1024;

async function begin(): Promise<string | undefined> {
  const create = new CreateMultipartUploadCommand({ Bucket, Key, ContentType: 'application/sql' });
  return (await client.send(create)).UploadId;
}
async function part(UploadId: string | undefined, PartNumber: number, Body: Buffer) {
  const { ETag } = await client.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body }));
  return { ETag, PartNumber };
}
const complete = (UploadId: string | undefined, Parts: { ETag?: string; PartNumber: number }[]) =>
  client.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }));

test('parts become one object, read across their borders', async () => {
  const upload = await begin();
  const parts = [await part(upload, 2, Buffer.from('the end')), await part(upload, 1, Buffer.alloc(fiveMiB, 'x'))];
  const dropped = await part(upload, 3, Buffer.from('not named'));
  expect(dropped.ETag).toBeDefined();
  const { ETag } = await complete(upload, parts.toReversed());
  expect(ETag).toMatch(/^"[0-9a-f]{32}-2"$/);
  expect(await get(Key, { Range: 'bytes=-1' })).toMatchObject({ ContentType: 'application/sql', ETag });
  expect(await content(Key, { Range: `bytes=${fiveMiB - 2}-${fiveMiB + 2}` })).toBe('xxthe');
  expect(stored()).toBe(2);
});

test('a part that is sent again replaces the first', async () => {
  const upload = await begin();
  await part(upload, 1, Buffer.from('first'));
  await complete(upload, [await part(upload, 1, Buffer.from('second'))]);
  expect(await content(Key)).toBe('second');
  expect(stored()).toBe(1);
});

test.each([
  ['parts out of order', [2, 1], 'InvalidPartOrder'],
  ['a part that was never sent', [1, 3], 'InvalidPart'],
  ['a part under 5 MiB before the last', [1, 2], 'EntityTooSmall'],
])('refuses %s', async (_what, numbers, name) => {
  const upload = await begin();
  const sent = new Map([
    [1, await part(upload, 1, Buffer.from('one'))],
    [2, await part(upload, 2, Buffer.from('two'))],
  ]);
  const parts = numbers.map((PartNumber) => ({ PartNumber, ETag: sent.get(PartNumber)?.ETag ?? '"none"' }));
  await expect(complete(upload, parts)).rejects.toMatchObject({ name });
});

test('an aborted upload leaves nothing', async () => {
  const upload = await begin();
  const sent = await part(upload, 1, Buffer.from('one'));
  await client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId: upload }));
  expect(stored()).toBe(0);
  await expect(complete(upload, [sent])).rejects.toMatchObject({ name: 'NoSuchUpload' });
});
