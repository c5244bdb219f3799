import { ModifyDBInstanceCommand, RDSClient } from '@aws-sdk/client-rds';
import { Route53Client } from '@aws-sdk/client-route-53';
import { STSClient } from '@aws-sdk/client-sts';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { iamActionOf } from '../../src/aws/errors.ts';
import { createAws } from '../../src/aws/funnel.ts';
import { here, optionsFor } from './endpoint.ts';

const sts = mockClient(STSClient);
const rds = mockClient(RDSClient);
const route53 = mockClient(Route53Client);
beforeEach(() => {
  sts.onAnyCommand().resolves({ Account: here.account });
});
afterEach(() => {
  for (const mock of [sts, rds, route53]) mock.reset();
});
afterAll(() => {
  for (const mock of [sts, rds, route53]) mock.restore();
});

const aws = createAws(optionsFor('http://127.0.0.1:9'));
const sdkError = (name: string, message: string, status = 400): Error =>
  Object.assign(new Error(message), {
    name,
    $fault: 'client',
    $metadata: { httpStatusCode: status, requestId: 'q-1' },
  });

const describeIt = () => aws.in(here).rds.describeDBInstances({ DBInstanceIdentifier: 'orders' });

describe('what AWS answers is said so that one can act on it', () => {
  test.each([
    ['DBInstanceNotFoundFault', 404, 'aws-not-found'],
    ['DBInstanceAlreadyExistsFault', 400, 'aws-already-exists'],
    ['InvalidDBInstanceStateFault', 400, 'not-ready'],
    ['InstanceQuotaExceeded', 400, 'aws-quota'],
    ['InsufficientDBInstanceCapacityFault', 400, 'aws-capacity'],
    ['IdempotentParameterMismatch', 400, 'aws-done-before'],
    ['IdempotentInstanceTerminated', 400, 'aws-done-before'],
    ['RestoreAlreadyInProgress', 409, 'not-ready'],
    ['InvalidClientTokenId', 403, 'aws-credentials'],
    ['ValidationError', 400, 'aws-refused'],
  ])('%s is %s %s', async (name, status, code) => {
    rds.onAnyCommand().rejects(sdkError(name, 'as AWS says', status));
    await expect(describeIt()).rejects.toMatchObject({ code, remedy: expect.any(String) as string });
  });

  test('a missing permission is named, as AWS names it', async () => {
    const message = 'User: arn:aws:iam::1:user/x is not authorized to perform: rds:DescribeDBInstances on resource: *';
    rds.onAnyCommand().rejects(sdkError('AccessDenied', message, 403));
    await expect(describeIt()).rejects.toMatchObject({
      code: 'aws-access-denied',
      remedy: expect.stringContaining('Allow rds:DescribeDBInstances') as string,
    });
  });

  test('a missing permission is worked out where AWS does not name it', async () => {
    route53.onAnyCommand().rejects(sdkError('AccessDenied', 'no', 403));
    await expect(aws.in(here).route53.getChange({ Id: 'C1' })).rejects.toMatchObject({
      remedy: expect.stringContaining('Allow route53:GetChange') as string,
    });
  });

  test('a missing permission is told with the role that lacks it', async () => {
    sts.onAnyCommand().resolves({
      Account: here.account,
      Credentials: {
        AccessKeyId: 'a',
        SecretAccessKey: 'b',
        SessionToken: 'c',
        Expiration: new Date(Date.now() + 3_600_000),
      },
    });
    rds.onAnyCommand().rejects(sdkError('AccessDenied', 'no', 403));
    const as = aws.in({ ...here, role: 'drills' }).rds.describeDBInstances({});
    await expect(as).rejects.toMatchObject({
      remedy: expect.stringContaining(
        `Allow rds:DescribeDBInstances to arn:aws:iam::${here.account}:role/drills.`,
      ) as string,
    });
    await expect(describeIt()).rejects.toMatchObject({
      remedy: expect.stringContaining(`to the credentials in use, of account ${here.account}.`) as string,
    });
  });

  test('the request id stands in what was found, for a case with AWS', async () => {
    rds.onAnyCommand().rejects(sdkError('DBInstanceNotFoundFault', 'gone', 404));
    await expect(describeIt()).rejects.toMatchObject({ found: 'DBInstanceNotFound, request q-1' });
  });
});

test('that AWS has no capacity is an answer, although it comes as HTTP 500', async () => {
  rds.onAnyCommand().rejects(sdkError('InsufficientInstanceCapacity', 'none left', 500));
  const modified = aws.in(here).rds.modifyDBInstance({ DBInstanceIdentifier: 'x' });
  await expect(modified).rejects.toMatchObject({ code: 'aws-capacity' });
  expect(rds.commandCalls(ModifyDBInstanceCommand)).toHaveLength(1);
});

test.each([
  ['ListObjectVersions', { Bucket: 'b' }, 's3:ListBucketVersions'],
  ['GetObject', { Bucket: 'b', Key: 'k' }, 's3:GetObject'],
  ['HeadObject', { Bucket: 'b', Key: 'k', VersionId: 'v' }, 's3:GetObjectVersion'],
  ['DeleteObject', { Bucket: 'b', Key: 'k', VersionId: 'null' }, 's3:DeleteObjectVersion'],
])('%s of %o needs %s', (operation, input, action) => {
  expect(iamActionOf({ service: 's3', operation, input })).toBe(action);
});

test('an error shows neither the secrets of its call nor access keys', async () => {
  rds.onAnyCommand().rejects(sdkError('ValidationError', 'bad password hunter2-hunter2 by AKIAEXAMPLEEXAMPLE00'));
  const failed = await aws
    .in(here)
    .rds.modifyDBInstance({ DBInstanceIdentifier: 'x', MasterUserPassword: 'hunter2-hunter2' })
    .catch((error: unknown) => error as Error);
  expect(JSON.stringify([failed, (failed as Error).message])).not.toMatch(/hunter2|AKIA/);
  expect((failed as Error).message).toContain('[redacted]');
});

test('without credentials it is said how to give them', async () => {
  sts
    .onAnyCommand()
    .rejects(Object.assign(new Error('Could not load credentials'), { name: 'CredentialsProviderError' }));
  const other = createAws(optionsFor('http://127.0.0.1:9'));
  await expect(other.in(here).rds.describeDBInstances({})).rejects.toMatchObject({ code: 'aws-credentials' });
});
