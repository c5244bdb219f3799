import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fileBodies } from '../../../../src/lab/services/s3/bodies.ts';
import { heldMb } from '../../../support/held-memory.ts';
import { Bucket, client, content, lab, put, useS3, versioned } from './s3-lab.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'firedrill-presigned-'));
});
afterAll(() => rm(directory, { recursive: true }));
useS3(() => fileBodies(join(directory, 'objects')));

/** The lab's time is not the test's. */
const signing = () => ({ expiresIn: 900, signingDate: lab.clock.wall() });
const getting = (Key: string, VersionId?: string) =>
  getSignedUrl(client, new GetObjectCommand({ Bucket, Key, VersionId }), signing());
const putting = (Key: string) => getSignedUrl(client, new PutObjectCommand({ Bucket, Key }), signing());

describe('a presigned URL', () => {
  it('reads the version that it was made for, by plain HTTP', async () => {
    await versioned();
    const { VersionId } = await put('dump', 'first', { Metadata: { 'recovery-point': '2026-01-01T02:00:00.000Z' } });
    await put('dump', 'second');
    const response = await fetch(await getting('dump', VersionId));
    expect(response.headers.get('x-amz-meta-recovery-point')).toBe('2026-01-01T02:00:00.000Z');
    expect(await response.text()).toBe('first');
    expect(await (await fetch(await getting('dump'))).text()).toBe('second');
    const part = await fetch(await getting('dump'), { headers: { range: 'bytes=0-2' } });
    expect([part.status, await part.text()]).toEqual([206, 'sec']);
  });

  it('writes an object, by plain HTTP', async () => {
    const response = await fetch(await putting('signals/run-1.json'), { method: 'PUT', body: '{"status":"ready"}' });
    expect(response.status).toBe(200);
    expect(await content('signals/run-1.json')).toBe('{"status":"ready"}');
  });

  it("is refused after its time, by the lab's clock", async () => {
    await put('dump', 'content');
    const [get, write] = [await getting('dump'), await putting('dump')];
    lab.clock.advance(900_000);
    expect((await fetch(get)).status).toBe(200);
    lab.clock.advance(1_000);
    const late = await fetch(get);
    expect([late.status, await late.text()]).toEqual([
      403,
      expect.stringMatching(/<Code>AccessDenied<.*Request has expired/s),
    ]);
    expect((await fetch(write, { method: 'PUT', body: 'late' })).status).toBe(403);
    expect(await content('dump')).toBe('content');
  });

  it('that names no object is answered as S3 answers', async () => {
    const missing = await fetch(await getting('nothing'));
    expect([missing.status, await missing.text()]).toEqual([404, expect.stringContaining('<Code>NoSuchKey</Code>')]);
  });

  it('moves large objects without holding them', async () => {
    const [file, size] = [join(directory, 'large'), 64 * 1024 * 1024];
    await writeFile(file, randomBytes(size));
    const began = heldMb();
    let peak = 0;
    const look = () => (peak = Math.max(peak, heldMb()));
    let sent = 0;
    const upTo = (bytes: number) => Math.floor(bytes / 8e6);
    const watched = async function* (chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) {
        if (upTo(sent + chunk.length) > upTo(sent)) look();
        sent += chunk.length;
        yield chunk;
      }
    };
    const upload = request(await putting('large'), { method: 'PUT', headers: { 'content-length': size } });
    const uploaded = new Promise<number | undefined>((resolve, reject) =>
      upload.on('response', (response) => resolve(response.resume().statusCode)).on('error', reject),
    );
    await pipeline(createReadStream(file), watched, upload);
    expect(await uploaded).toBe(200);
    let bytes = 0;
    for await (const chunk of watched((await fetch(await getting('large'))).body as AsyncIterable<Uint8Array>))
      bytes += chunk.length;
    expect(bytes).toBe(size);
    expect(peak - began).toBeLessThan(20);
    expect((await client.send(new HeadObjectCommand({ Bucket, Key: 'large' }))).ContentLength).toBe(size);
  });
});
