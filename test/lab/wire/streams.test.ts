/** Bodies of objects: streams both ways, aws-chunked, presigned URLs, buckets as host names. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { GetObjectCommand, PutObjectCommand, S3Client, type PutObjectCommandInput } from '@aws-sdk/client-s3';
import { expect, test, vi } from 'vitest';
import type { EndpointOptions } from '../../../src/lab/wire/endpoint.ts';
import type { Call } from '../../../src/lab/wire/handler.ts';
import { calls, config, endpoint, lastCall, note, open, raw, scope, useEndpoint } from './opened.ts';

useEndpoint();

test('reports an answer whose stream breaks off', async () => {
  const onDefect = vi.fn();
  const broken = async function* () {
    yield await Promise.resolve(Buffer.from('half'));
    throw new Error('the disk broke');
  };
  const GetObject = () => ({ Body: Readable.from(broken()), ContentLength: 100 });
  await open({ onDefect, services: [{ client: 's3', operations: { GetObject } }] });
  const { Body } = await new S3Client(config()).send(new GetObjectCommand({ Bucket: 'dumps', Key: 'k' }));
  await expect(Body?.transformToString()).rejects.toThrow('aborted');
  await expect
    .poll(() => onDefect.mock.calls)
    .toEqual([[expect.objectContaining({ message: 'the disk broke' }), undefined]]);
});

/** An S3 that keeps one object. */
function oneObject(): { services: EndpointOptions['services']; stored: () => Buffer | undefined } {
  let kept: Buffer | undefined;
  const PutObject = async (input: PutObjectCommandInput, call: Call) => {
    note({ ...input, Body: undefined }, call);
    kept = await buffer(input.Body as Readable);
    return {};
  };
  const GetObject = (input: unknown, call: Call) => {
    note(input, call);
    return { Body: Readable.from([kept?.subarray(0, 5), kept?.subarray(5)]), ContentLength: kept?.length };
  };
  return { services: [{ client: 's3', operations: { PutObject, GetObject } }], stored: () => kept };
}

test('takes an object as a chunked stream with a checksum behind it, and gives it back as a stream', async () => {
  const { services, stored } = oneObject();
  await open({ services });
  const content = Buffer.alloc(3_000_000, 'firedrill ');
  const s3 = new S3Client(config());
  const pieces = Readable.from([content.subarray(0, 100_001), content.subarray(100_001)]);
  await s3.send(new PutObjectCommand({ Bucket: 'dumps', Key: 'a/b c', Body: pieces, ContentLength: content.length }));
  const digest = (bytes: Uint8Array) => createHash('md5').update(bytes).digest('hex');
  expect(digest(stored() ?? Buffer.alloc(0))).toBe(digest(content));
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'dumps', Key: 'a/b c' }));
  expect(digest((await Body?.transformToByteArray()) ?? new Uint8Array())).toBe(digest(content));
  expect(calls.at(-1)?.input).toMatchObject({ Bucket: 'dumps', Key: 'a/b c' });
});

test('decodes aws-chunked bodies wherever the network cuts them', async () => {
  const { services, stored } = oneObject();
  await open({ services });
  const body = '5;chunk-signature=0\r\nfired\r\n4\r\nrill\r\n0\r\nx-amz-checksum-crc32:AAAA\r\n\r\n';
  const headers = { ...scope('s3'), 'content-encoding': 'aws-chunked', 'transfer-encoding': 'chunked' };
  const sent = httpRequest(new URL('/dumps/key', endpoint.url), { method: 'PUT', headers });
  sent.setNoDelay(true);
  for (const byte of body) await new Promise((resolve) => sent.write(byte, resolve));
  sent.end();
  const [response] = (await once(sent, 'response')) as [Readable & { statusCode?: number }];
  response.resume();
  expect(response.statusCode).toBe(200);
  expect(stored()?.toString()).toBe('firedrill');
});

const presigned = (date: string): string =>
  `?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIALAB%2F20260101%2Feu-west-1%2Fs3%2Faws4_request&X-Amz-Date=${date}` +
  '&X-Amz-Expires=900&X-Amz-Security-Token=tok&X-Amz-SignedHeaders=host&X-Amz-Signature=0';

test('serves presigned URLs until they expire', async () => {
  const { services, stored } = oneObject();
  await open({ services, now: () => new Date('2026-01-01T00:10:00Z') });
  const put = await raw(`/dumps/key${presigned('20260101T000000Z')}`, { method: 'PUT', body: 'content' });
  expect(put.status).toBe(200);
  expect(stored()?.toString()).toBe('content');
  const got = await raw(`/dumps/key${presigned('20260101T000000Z')}&x-id=GetObject`);
  expect(got).toEqual({ status: 200, body: 'content' });
  expect(lastCall()).toMatchObject({ region: 'eu-west-1', sessionToken: 'tok' });
  const late = await raw(`/dumps/key${presigned('20251231T235000Z')}`);
  expect(late.status).toBe(403);
  expect(late.body).toContain('<Message>Request has expired</Message>');
});

test('an upload that its caller breaks off fails in the handler, and is no defect', async () => {
  const onDefect = vi.fn();
  let failed: Promise<unknown> = Promise.resolve();
  let begun = (): void => {};
  const beginning = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const PutObject = (input: PutObjectCommandInput) => {
    const whole = buffer(input.Body as Readable);
    failed = whole.catch((error: unknown) => error);
    begun();
    return whole.then(() => ({}));
  };
  await open({ onDefect, services: [{ client: 's3', operations: { PutObject } }] });
  const headers = { ...scope('s3'), 'content-length': '100' };
  const sent = httpRequest(new URL('/dumps/key', endpoint.url), { method: 'PUT', headers });
  sent.on('error', () => {});
  sent.write('half');
  await beginning;
  sent.destroy();
  expect(await failed).toBeInstanceOf(Error);
  await raw('/', { headers: scope('s3') });
  expect(onDefect).not.toHaveBeenCalled();
});

test('takes the bucket from the host name', async () => {
  const { services } = oneObject();
  await open({ services });
  for (const host of ['dumps.localhost:4566', 'dumps.s3.eu-west-1.amazonaws.com', 'dumps.s3.amazonaws.com']) {
    await raw('/some/key', { method: 'PUT', headers: { ...scope('s3'), host }, body: 'x' });
    expect(calls.at(-1)?.input).toMatchObject({ Bucket: 'dumps', Key: 'some/key' });
  }
});

test('a body that no handler read does not block the connection', async () => {
  await open({ services: [{ client: 's3', operations: { PutObject: () => ({ ETag: '"x"' }) } }] });
  const s3 = new S3Client({ ...config(), requestHandler: { httpAgent: { keepAlive: true, maxSockets: 1 } } });
  const put = () => {
    const Body = Readable.from([Buffer.alloc(2_000_000)]);
    return s3.send(new PutObjectCommand({ Bucket: 'dumps', Key: 'k', Body, ContentLength: 2_000_000 }));
  };
  await put();
  await expect(put()).resolves.toMatchObject({ ETag: '"x"' });
});
