/** The endpoint as clients of all ages meet it: routing, old forms, presigned URLs, streams, faults. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { EC2Client, DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import { DescribeDBInstancesCommand, RDSClient, StopDBInstanceCommand } from '@aws-sdk/client-rds';
import { GetObjectCommand, PutObjectCommand, S3Client, type PutObjectCommandInput } from '@aws-sdk/client-s3';
import { AssumeRoleWithWebIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openEndpoint, type Endpoint, type EndpointOptions } from '../../../src/lab/wire/endpoint.ts';
import { AwsError, LoseAnswer, type Call, type CallHooks } from '../../../src/lab/wire/handler.ts';
import { credentials } from './clients.ts';

let endpoint: Endpoint;
const calls: { call: Call; input: unknown }[] = [];
const lastCall = () => calls.at(-1)?.call;
const note = (input: unknown, call: Call): void => void calls.push({ call, input });

const emulations: EndpointOptions['services'] = [
  { client: 'rds', operations: { DescribeDBInstances: (input, call) => (note(input, call), { DBInstances: [] }) } },
  { client: 'ec2', operations: { DescribeInstances: (input, call) => (note(input, call), { Reservations: [] }) } },
  { client: 'sts', operations: { AssumeRoleWithWebIdentity: (input, call) => (note(input, call), {}) } },
  {
    client: 'sqs',
    operations: { SendMessage: (input, call) => (note(input, call), { MessageId: 'm-1', MD5OfMessageBody: 'abc' }) },
  },
  { client: 's3', operations: {} },
];

async function open(more: Partial<EndpointOptions> = {}): Promise<void> {
  endpoint = await openEndpoint({ host: '127.0.0.1', port: 0, services: emulations, accountOf: () => '111', ...more });
}
const config = (region = 'eu-west-1') => ({ endpoint: endpoint.url, region, credentials, maxAttempts: 1 });

beforeEach(() => void calls.splice(0));
afterEach(() => endpoint.close());

/** The answer's status and text to a request made by hand. */
async function raw(
  path: string,
  {
    method = 'GET',
    headers = {},
    body = '',
  }: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<{ status?: number; body: string }> {
  const sent = httpRequest(new URL(path, endpoint.url), { method, headers }).end(body);
  const [response] = (await once(sent, 'response')) as [Readable & { statusCode?: number }];
  return { status: response.statusCode, body: (await buffer(response)).toString() };
}
const scope = (service: string, region = 'eu-west-1') => ({
  authorization: `AWS4-HMAC-SHA256 Credential=AKIALAB/20260101/${region}/${service}/aws4_request, SignedHeaders=host, Signature=0`,
});

test('routes by the credential scope, and tells handlers region, account and origin', async () => {
  const accountOf = vi.fn((accessKeyId: string, token?: string) => (token === 'tok' ? '222' : accessKeyId));
  await open({ accountOf });
  await new RDSClient(config('eu-central-1')).send(new DescribeDBInstancesCommand({}));
  expect(lastCall()).toMatchObject({
    service: 'rds',
    operation: 'DescribeDBInstances',
    region: 'eu-central-1',
    account: 'AKIALAB',
    origin: endpoint.url,
  });
  const assumed = { ...config('us-east-1'), credentials: { ...credentials, sessionToken: 'tok' } };
  await new EC2Client(assumed).send(new DescribeInstancesCommand({}));
  expect(lastCall()).toMatchObject({ service: 'ec2', region: 'us-east-1', account: '222', sessionToken: 'tok' });
});

test('answers with the error that accountOf throws', async () => {
  await open({
    accountOf: () => {
      throw new AwsError('ExpiredToken', 'The security token included in the request is expired');
    },
  });
  await expect(new RDSClient(config()).send(new DescribeDBInstancesCommand({}))).rejects.toMatchObject({
    name: 'ExpiredToken',
  });
  expect(calls).toEqual([]);
});

test('knows unsigned STS calls by their version, and refuses other unsigned calls', async () => {
  await open();
  const input = { RoleArn: 'arn:aws:iam::1:role/x', RoleSessionName: 'session', WebIdentityToken: 'token' };
  await new STSClient(config()).send(new AssumeRoleWithWebIdentityCommand(input));
  expect(calls.at(-1)?.input).toEqual(input);
  const refused = await raw('/', { method: 'POST', body: 'Action=DescribeDBInstances&Version=2014-10-31' });
  expect(refused.status).toBe(403);
  expect(refused.body).toContain('<Code>MissingAuthenticationToken</Code>');
});

test('names what it does not emulate with 501', async () => {
  await open();
  const stop = new RDSClient(config()).send(new StopDBInstanceCommand({ DBInstanceIdentifier: 'db' }));
  await expect(stop).rejects.toMatchObject({
    name: 'NotImplemented',
    message: expect.stringContaining('rds:StopDBInstance') as string,
    $metadata: { httpStatusCode: 501 },
  });
  const target = { ...scope('dynamodb'), 'x-amz-target': 'DynamoDB_20120810.ListTables' };
  const unknown = await raw('/', { method: 'POST', headers: target, body: '{}' });
  expect(unknown.status).toBe(501);
  expect(JSON.parse(unknown.body)).toMatchObject({
    message: expect.stringContaining('the service dynamodb') as string,
  });
});

test('refuses a body that it cannot read, instead of failing', async () => {
  const onDefect = vi.fn();
  await open({ onDefect });
  const headers = { ...scope('sqs'), 'x-amz-target': 'AmazonSQS.SendMessage' };
  const refused = await raw('/', { method: 'POST', headers, body: '{"QueueUrl":' });
  expect(refused.status).toBe(400);
  expect(refused.body).toContain('SerializationException');
  expect(onDefect).not.toHaveBeenCalled();
});

test('speaks the query form of clients from before JSON', async () => {
  await open();
  const form = 'Action=SendMessage&Version=2012-11-05&QueueUrl=http%3A%2F%2Fq&MessageBody=a+b%26c';
  const attribute =
    '&MessageAttribute.1.Name=n&MessageAttribute.1.Value.DataType=String&MessageAttribute.1.Value.StringValue=v';
  const headers = { ...scope('sqs'), 'content-type': 'application/x-www-form-urlencoded' };
  const { status, body } = await raw('/', { method: 'POST', headers, body: form + attribute });
  expect(status).toBe(200);
  expect(body).toContain(
    '<SendMessageResult><MD5OfMessageBody>abc</MD5OfMessageBody><MessageId>m-1</MessageId></SendMessageResult>',
  );
  expect(calls.at(-1)?.input).toEqual({
    QueueUrl: 'http://q',
    MessageBody: 'a b&c',
    MessageAttributes: { n: { DataType: 'String', StringValue: 'v' } },
  });
  const asGet = await raw(`/?${form}`, { headers: scope('sqs') });
  expect(asGet.status).toBe(200);
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

test('takes the bucket from the host name', async () => {
  const { services } = oneObject();
  await open({ services });
  for (const host of ['dumps.localhost:4566', 'dumps.s3.eu-west-1.amazonaws.com', 'dumps.s3.amazonaws.com']) {
    await raw('/some/key', { method: 'PUT', headers: { ...scope('s3'), host }, body: 'x' });
    expect(calls.at(-1)?.input).toMatchObject({ Bucket: 'dumps', Key: 'some/key' });
  }
});

test('leaves unsigned plain requests to the extra listener', async () => {
  await open({
    extra(request, response) {
      if (!request.url?.startsWith('/site/')) return false;
      response.end('a page');
      return true;
    },
  });
  expect(await raw('/site/index.html')).toEqual({ status: 200, body: 'a page' });
  expect((await raw('/elsewhere')).status).toBe(403);
});

const describeWith = async (hooks: CallHooks): Promise<unknown> => {
  await open({ hooks });
  return new RDSClient(config()).send(new DescribeDBInstancesCommand({})).catch((error: unknown) => error);
};

test('a hook before the handler keeps the effect from happening', async () => {
  const throttled = await describeWith({
    before({ operation }, input) {
      expect([operation, input]).toEqual(['DescribeDBInstances', {}]);
      throw new AwsError('Throttling', 'Rate exceeded');
    },
  });
  expect(throttled).toMatchObject({ name: 'Throttling', message: 'Rate exceeded', $metadata: { httpStatusCode: 400 } });
  expect(calls).toEqual([]);
});

test('a lost answer tears the connection down after the effect', async () => {
  const lost = await describeWith({
    after() {
      throw new LoseAnswer();
    },
  });
  expect(lost).toMatchObject({ code: 'ECONNRESET' });
  expect(calls).toHaveLength(1);
});

test('a failing handler gives InternalFailure and is reported', async () => {
  const onDefect = vi.fn();
  const failure = new TypeError('no such thing');
  await open({
    onDefect,
    services: [
      {
        client: 'rds',
        operations: {
          DescribeDBInstances: () => {
            throw failure;
          },
        },
      },
    ],
  });
  await expect(new RDSClient(config()).send(new DescribeDBInstancesCommand({}))).rejects.toMatchObject({
    name: 'InternalFailure',
    message: expect.stringContaining('no such thing') as string,
    $metadata: { httpStatusCode: 500 },
  });
  expect(onDefect).toHaveBeenCalledWith(failure, expect.objectContaining({ operation: 'DescribeDBInstances' }));
});

test('tells a handler when its caller has gone', async () => {
  const caller = new AbortController();
  const gone = new Promise<void>((resolve) => {
    void open({
      services: [
        {
          client: 'rds',
          operations: {
            DescribeDBInstances(_input, { signal }) {
              signal?.addEventListener('abort', () => resolve());
              caller.abort();
              return new Promise(() => {});
            },
          },
        },
      ],
    }).then(() =>
      new RDSClient(config())
        .send(new DescribeDBInstancesCommand({}), { abortSignal: caller.signal })
        .catch(() => undefined),
    );
  });
  await expect(gone).resolves.toBeUndefined();
});

test('a body that no handler read does not block the connection', async () => {
  await open({ services: [{ client: 's3', operations: { PutObject: () => ({ ETag: '"x"' }) } }] });
  const s3 = new S3Client({ ...config(), requestHandler: { httpAgent: { keepAlive: true, maxSockets: 1 } } });
  const put = () => s3.send(new PutObjectCommand({ Bucket: 'dumps', Key: 'k', Body: Buffer.alloc(2_000_000) }));
  await put();
  await expect(put()).resolves.toMatchObject({ ETag: '"x"' });
});
