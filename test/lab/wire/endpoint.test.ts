/** The endpoint as clients of all ages meet it: routing, older forms, what it refuses. */
import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { DescribeDBInstancesCommand, RDSClient, StopDBInstanceCommand } from '@aws-sdk/client-rds';
import { AssumeRoleWithWebIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { expect, test, vi } from 'vitest';
import { AwsError, type Call } from '../../../src/lab/wire/handler.ts';
import { credentials } from './clients.ts';
import { calls, config, endpoint, lastCall, note, open, raw, scope, useEndpoint } from './opened.ts';

useEndpoint();

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

test('refuses a path or body that it cannot read, instead of failing', async () => {
  const onDefect = vi.fn();
  await open({ onDefect });
  const headers = { ...scope('sqs'), 'x-amz-target': 'AmazonSQS.SendMessage' };
  const refused = await raw('/', { method: 'POST', headers, body: '{"QueueUrl":' });
  expect(refused.status).toBe(400);
  expect(refused.body).toContain('SerializationException');
  expect((await raw('/bucket/%zz', { headers: scope('s3') })).status).toBe(400);
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

test('inflates what clients compress for the way', async () => {
  const PutMetricData = (input: unknown, call: Call) => (note(input, call), {});
  await open({ services: [{ client: 'cloudwatch', operations: { PutMetricData } }] });
  const input = { Namespace: 'lab', MetricData: [{ MetricName: 'lag', Value: 1.5 }] };
  const sender = new CloudWatchClient({ ...config(), requestMinCompressionSizeBytes: 0 });
  let coding: unknown;
  sender.middlewareStack.add(
    (next) => (args) => {
      coding = (args.request as { headers: Record<string, string> }).headers['content-encoding'];
      return next(args);
    },
    { step: 'finalizeRequest' },
  );
  await sender.send(new PutMetricDataCommand(input));
  expect(coding).toBe('gzip');
  expect(calls.at(-1)?.input).toEqual(input);
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
