import { afterEach, expect, test } from 'vitest';
import { createAws } from '../../src/aws/funnel.ts';
import type { Answer, FakeEndpoint } from './endpoint.ts';
import { failure, fakeEndpoint, here, optionsFor, xml } from './endpoint.ts';

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const opened of open.splice(0)) await opened.close();
});

const place = { ...here, role: 'firedrill', externalId: 'ext-1' };

/** Assumes roles with sessions that last `lifetimes` seconds, one after the other; everything else is answered empty. */
async function sessions(
  lifetimes: number[],
  answer?: Answer,
): Promise<{ endpoint: FakeEndpoint; describe: () => Promise<unknown> }> {
  let assumed = 0;
  const endpoint = await fakeEndpoint((request, response) => {
    if (request.operation !== 'AssumeRole') return (answer ?? ((r, res) => xml(res, r.operation)))(request, response);
    const expiration = new Date(Date.now() + (lifetimes[assumed] ?? 3600) * 1000).toISOString();
    assumed += 1;
    xml(
      response,
      'AssumeRole',
      `<Credentials><AccessKeyId>ASIASESSION${assumed}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>${expiration}</Expiration></Credentials>`,
    );
  });
  const aws = createAws(optionsFor(endpoint.url, { runId: 'run 7/x' }));
  open.push(aws, endpoint);
  return { endpoint, describe: () => aws.in(place).rds.describeDBInstances({}) };
}

const keysOf = (endpoint: FakeEndpoint, operation: string): (string | undefined)[] =>
  endpoint.requests
    .filter((request) => request.operation === operation)
    .map((request) => /Credential=([^/]+)/.exec(request.authorization)?.[1]);

test("a location's role is assumed with its external id, in a session that bears the run's name", async () => {
  const { endpoint, describe } = await sessions([3600]);
  await describe();
  const { body } = endpoint.requests.find((request) => request.operation === 'AssumeRole')!;
  expect(Object.fromEntries(new URLSearchParams(body))).toMatchObject({
    RoleArn: 'arn:aws:iam::111122223333:role/firedrill',
    ExternalId: 'ext-1',
    RoleSessionName: 'run-7-x',
  });
  expect(keysOf(endpoint, 'AssumeRole')).toEqual(['AKIAEXAMPLEEXAMPLE00']);
  expect(keysOf(endpoint, 'DescribeDBInstances')).toEqual(['ASIASESSION1']);
});

test('a session is used as long as it lasts, and parallel calls share it', async () => {
  const { endpoint, describe } = await sessions([3600]);
  await Promise.all([describe(), describe()]);
  await describe();
  expect(keysOf(endpoint, 'AssumeRole')).toHaveLength(1);
});

test('a session is renewed before its end', async () => {
  const { endpoint, describe } = await sessions([60, 3600]);
  await describe();
  await describe();
  expect(keysOf(endpoint, 'DescribeDBInstances').at(-1)).toBe('ASIASESSION2');
});

test('a session that AWS takes for expired is replaced and the call sent again', async () => {
  const { endpoint, describe } = await sessions([3600, 3600], (request, response) => {
    if (request.authorization.includes('ASIASESSION1')) failure(response, 403, 'ExpiredToken', 'expired');
    else xml(response, request.operation);
  });
  await describe();
  expect(keysOf(endpoint, 'DescribeDBInstances')).toEqual(['ASIASESSION1', 'ASIASESSION2']);
});

test('expired credentials that are not ours to renew are reported', async () => {
  const endpoint = await fakeEndpoint((_, response) => failure(response, 403, 'ExpiredToken', 'expired'));
  const aws = createAws(optionsFor(endpoint.url));
  open.push(aws, endpoint);
  await expect(aws.in(here).rds.describeDBInstances({})).rejects.toMatchObject({ code: 'aws-expired-token' });
});

test('the account is checked before anything else is called in a location', async () => {
  const endpoint = await fakeEndpoint((request, response) => xml(response, request.operation), '999999999999');
  const aws = createAws(optionsFor(endpoint.url));
  open.push(aws, endpoint);
  await expect(aws.in(here).rds.describeDBInstances({})).rejects.toMatchObject({
    code: 'account-mismatch',
    expected: 'account 111122223333',
    found: 'account 999999999999',
  });
  expect(endpoint.operations()).toEqual([]);
});

test('the account is checked once for a location', async () => {
  const endpoint = await fakeEndpoint((request, response) => xml(response, request.operation));
  const aws = createAws(optionsFor(endpoint.url));
  open.push(aws, endpoint);
  await aws.in(here).rds.describeDBInstances({});
  await aws.in(here).ec2.describeSubnets({});
  expect(endpoint.requests.filter((request) => request.operation === 'GetCallerIdentity')).toHaveLength(1);
});
