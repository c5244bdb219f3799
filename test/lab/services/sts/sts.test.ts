import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { addRole } from '../../../../src/lab/services/sts/state.ts';
import { sts } from '../../../../src/lab/services/sts/sts.ts';
import { account, serve, type LabService } from '../support/lab-service.ts';

let lab: LabService;
let client: STSClient;
const other = '444455556666';

beforeEach(async () => {
  lab = await serve(sts);
  client = new STSClient(lab.config());
});
afterEach(async () => {
  client.destroy();
  await lab.close();
});

const assume = (RoleArn: string, more: { DurationSeconds?: number; ExternalId?: string } = {}, as = client) =>
  as.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'drill-1', ...more }));

async function clientOf(answer: ReturnType<typeof assume>): Promise<STSClient> {
  const { Credentials } = await answer;
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken } = Credentials ?? {};
  const credentials = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
  return new STSClient({ ...lab.config(), credentials });
}
const identity = (as: STSClient) => as.send(new GetCallerIdentityCommand({}));

test('long-term credentials are a user of the account', async () => {
  expect(await identity(client)).toMatchObject({ Account: account, Arn: `arn:aws:iam::${account}:user/lab` });
});

test('a role of another account that trusts this one can be assumed, and is then the caller', async () => {
  const arn = addRole(lab.world, { account: other, name: 'firedrill', path: '/drills/', trusts: [account] });
  expect(arn).toBe(`arn:aws:iam::${other}:role/drills/firedrill`);
  const assumed = await clientOf(assume(arn));
  expect(await identity(assumed)).toMatchObject({
    Account: other,
    Arn: `arn:aws:sts::${other}:assumed-role/firedrill/drill-1`,
    UserId: expect.stringMatching(/^AROA[A-Z0-9]{17}:drill-1$/) as string,
  });
});

test.each([
  ['there is no such role', 'absent', {}],
  ['the role trusts others', 'closed', {}],
  ['the external id is missing', 'guarded', {}],
  ['the external id is wrong', 'guarded', { ExternalId: 'guess' }],
])('refuses when %s', async (_why, name, more) => {
  addRole(lab.world, { account: other, name: 'closed' });
  addRole(lab.world, { account: other, name: 'guarded', trusts: [account], externalId: 'e-1' });
  const arn = `arn:aws:iam::${other}:role/${name}`;
  await expect(assume(arn, more)).rejects.toMatchObject({
    name: 'AccessDenied',
    message: `User: arn:aws:iam::${account}:user/lab is not authorized to perform: sts:AssumeRole on resource: ${arn}`,
    $metadata: { httpStatusCode: 403 },
  });
});

test('admits the right external id', async () => {
  const arn = addRole(lab.world, { account: other, name: 'guarded', trusts: [account], externalId: 'e-1' });
  await expect(assume(arn, { ExternalId: 'e-1' })).resolves.toHaveProperty('Credentials');
});

test('credentials expire when their time has passed', async () => {
  const arn = addRole(lab.world, { account, name: 'short' });
  const assumed = await clientOf(assume(arn, { DurationSeconds: 900 }));
  lab.clock.advance(899_999);
  await expect(identity(assumed)).resolves.toMatchObject({ Account: account });
  lab.clock.advance(1);
  await expect(identity(assumed)).rejects.toMatchObject({ name: 'ExpiredToken' });
});

test('a session token must belong to its key', async () => {
  const credentials = { accessKeyId: 'ASIAUNKNOWN', secretAccessKey: 'x', sessionToken: 'y' };
  const stranger = new STSClient({ ...lab.config(), credentials });
  await expect(identity(stranger)).rejects.toMatchObject({ name: 'InvalidClientTokenId' });
});

test('limits how long a session may last', async () => {
  const arn = addRole(lab.world, { account, name: 'long', maxSessionSeconds: 7200 });
  const validation = (message: string) => ({
    name: 'ValidationError',
    message: expect.stringContaining(message) as string,
  });
  await expect(assume(arn, { DurationSeconds: 899 })).rejects.toMatchObject(validation('greater than or equal to 900'));
  await expect(assume(arn, { DurationSeconds: 7201 })).rejects.toMatchObject(validation('MaxSessionDuration'));
  const assumed = await clientOf(assume(arn, { DurationSeconds: 7200 }));
  await expect(assume(arn, { DurationSeconds: 3601 }, assumed)).rejects.toMatchObject(validation('role chaining'));
  await expect(assume(arn, { DurationSeconds: 3600 }, assumed)).resolves.toHaveProperty('Credentials');
});

test('sessions outlive the process that gave them', async () => {
  const arn = addRole(lab.world, { account, name: 'kept' });
  const { Credentials } = await assume(arn);
  const again = await serve(sts, JSON.parse(JSON.stringify(lab.world.state)) as typeof lab.world.state);
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken } = Credentials ?? {};
  const credentials = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
  expect(await identity(new STSClient({ ...again.config(), credentials }))).toMatchObject({ Account: account });
  await again.close();
});
