import { SSM, type PutParameterCommandInput } from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ssm } from '../../../../src/lab/services/ssm/index.ts';
import { account, serve, type LabService } from '../support/lab-service.ts';

let lab: LabService;
let client: SSM;
beforeEach(async () => {
  lab = await serve(ssm);
  client = new SSM(lab.config());
});
afterEach(async () => {
  client.destroy();
  await lab.close();
});

const Name = '/orders/verifier';
const put = (more: Partial<PutParameterCommandInput> = {}) =>
  client.putParameter({ Name, Value: 'lookbook', Type: 'SecureString', ...more });
const get = async (name: string = Name, WithDecryption = true) =>
  (await client.getParameter({ Name: name, WithDecryption })).Parameter;

describe('a parameter', () => {
  test('that is encrypted shows its value with decryption only', async () => {
    expect(await put()).toMatchObject({ Version: 1, Tier: 'Standard' });
    const ARN = `arn:aws:ssm:eu-central-1:${account}:parameter/orders/verifier`;
    const told = { Name, Type: 'SecureString', Version: 1, ARN, DataType: 'text', LastModifiedDate: lab.clock.wall() };
    expect(await get()).toMatchObject({ ...told, Value: 'lookbook' });
    const closed = await get(Name, false);
    expect(closed).toMatchObject(told);
    expect(closed?.Value).not.toContain('lookbook');
    expect(await get(ARN)).toMatchObject({ Value: 'lookbook' });
  });

  test('that is plain shows it either way', async () => {
    await put({ Type: 'String' });
    expect(await get(Name, false)).toMatchObject({ Value: 'lookbook' });
  });

  test('is its region’s and its account’s own', async () => {
    await put();
    const { ARN } = (await get())!;
    const elsewhere = new SSM(lab.config({ region: 'eu-west-1' }));
    const other = new SSM(lab.config({ account: '444455556666' }));
    await expect(elsewhere.getParameter({ Name })).rejects.toMatchObject({ name: 'ParameterNotFound' });
    await expect(other.getParameter({ Name })).rejects.toMatchObject({ name: 'ParameterNotFound' });
    await expect(other.getParameter({ Name: ARN })).rejects.toMatchObject({ name: 'AccessDeniedException' });
    elsewhere.destroy();
    other.destroy();
  });

  test('is overwritten when that is asked for, and keeps its versions', async () => {
    await put();
    await expect(put({ Value: 'second' })).rejects.toMatchObject({ name: 'ParameterAlreadyExists' });
    lab.clock.advance(1000);
    expect(await put({ Value: 'second', Type: undefined, Overwrite: true })).toMatchObject({ Version: 2 });
    expect(await get()).toMatchObject({ Value: 'second', Version: 2, LastModifiedDate: lab.clock.wall() });
    expect(await get(`${Name}:1`)).toMatchObject({ Value: 'lookbook', Selector: ':1' });
    await expect(get(`${Name}:3`)).rejects.toMatchObject({
      name: 'ParameterVersionNotFound',
      message: 'Systems Manager could not find version 3 of /orders/verifier. Verify the version and try again.',
    });
    await expect(put({ Type: 'String', Overwrite: true })).rejects.toMatchObject({
      name: 'HierarchyTypeMismatchException',
    });
  });

  test('is gone once it is deleted', async () => {
    await put();
    await client.deleteParameter({ Name });
    await expect(get()).rejects.toMatchObject({ name: 'ParameterNotFound' });
    await expect(client.deleteParameter({ Name })).rejects.toMatchObject({ name: 'ParameterNotFound' });
  });

  test.each<[string, Partial<PutParameterCommandInput>, string]>([
    ['has no type', { Type: undefined }, 'ValidationException'],
    ['has a type of its own', { Type: 'Secret' as 'String' }, 'ValidationException'],
    ['has no value', { Value: undefined }, 'ValidationException'],
    ['is part of no hierarchy', { Name: 'orders/verifier' }, 'ValidationException'],
    ['has spaces in its name', { Name: '/a b' }, 'ValidationException'],
    ['has a name of AWS', { Name: '/aws/x' }, 'ValidationException'],
    ['is too long', { Value: 'x'.repeat(4_097) }, 'ValidationException'],
    ['has a key and is plain', { Type: 'String', KeyId: 'alias/own' }, 'ValidationException'],
    ['is not of its pattern', { AllowedPattern: '\\d+' }, 'ParameterPatternMismatchException'],
    ['has a pattern that is none', { AllowedPattern: '(' }, 'InvalidAllowedPatternException'],
    ['expires', { Policies: '[]' }, 'NotImplemented'],
  ])('that %s is refused', async (_what, more, name) => {
    await expect(put(more)).rejects.toMatchObject({ name });
    expect((await client.describeParameters({})).Parameters).toEqual([]);
  });

  test('may be longer once it is advanced, and stays so', async () => {
    expect(await put({ Tier: 'Intelligent-Tiering', Value: 'x'.repeat(4_097) })).toMatchObject({ Tier: 'Advanced' });
    expect(await put({ Value: 'short', Overwrite: true })).toMatchObject({ Tier: 'Advanced' });
  });
});

test('several are asked for at once, and what is not there is told apart', async () => {
  await put();
  await put({ Name: '/orders/mail', Type: 'String', Value: 'a@example.org' });
  const Names = [Name, '/absent', '/orders/mail', `${Name}:7`];
  const answer = await client.getParameters({ Names });
  expect(answer.Parameters?.map((each) => each.Name)).toEqual([Name, '/orders/mail']);
  expect(answer.InvalidParameters).toEqual(['/absent', `${Name}:7`]);
  expect(answer.Parameters?.[0]?.Value).not.toContain('lookbook');
  const decrypted = await client.getParameters({ Names, WithDecryption: true });
  expect(decrypted.Parameters?.map(({ Value }) => Value)).toEqual(['lookbook', 'a@example.org']);
  for (const bad of [[], Array.from({ length: 11 }, (_, i) => `/p${i}`)]) {
    await expect(client.getParameters({ Names: bad })).rejects.toMatchObject({ name: 'ValidationException' });
  }
});

test('they are described by page and by name, type and tier, without values', async () => {
  await put({ Description: 'of copies', KeyId: 'alias/own' });
  await put({ Name: '/orders/mail', Type: 'String' });
  await put({ Name: '/shop/mail', Type: 'String' });
  const first = await client.describeParameters({ MaxResults: 2 });
  expect(first.Parameters?.map((each) => each.Name)).toEqual(['/orders/mail', Name]);
  expect(first.Parameters?.[1]).toMatchObject({
    Type: 'SecureString',
    KeyId: 'alias/own',
    Description: 'of copies',
    Version: 1,
    Tier: 'Standard',
    LastModifiedUser: `arn:aws:iam::${account}:user/lab`,
  });
  expect(JSON.stringify(first)).not.toContain('lookbook');
  const rest = await client.describeParameters({ NextToken: first.NextToken });
  expect(rest.Parameters?.map((each) => each.Name)).toEqual(['/shop/mail']);
  expect(rest.NextToken).toBeUndefined();
  const by = async (Key: string, Option: string | undefined, ...Values: string[]) =>
    (await client.describeParameters({ ParameterFilters: [{ Key, Option, Values }] })).Parameters?.map(
      (each) => each.Name,
    );
  expect(await by('Name', undefined, Name)).toEqual([Name]);
  expect(await by('Name', 'BeginsWith', '/orders')).toEqual(['/orders/mail', Name]);
  expect(await by('Name', 'Contains', 'mail')).toEqual(['/orders/mail', '/shop/mail']);
  expect(await by('Type', 'Equals', 'SecureString')).toEqual([Name]);
  await expect(by('Label', undefined, 'x')).rejects.toMatchObject({ name: 'NotImplemented' });
  await expect(by('Name', 'Ends', 'x')).rejects.toMatchObject({ name: 'InvalidFilterOption' });
  await expect(client.describeParameters({ MaxResults: 51 })).rejects.toMatchObject({ name: 'ValidationException' });
});

test('answers stand in the JSON of version 1.1, as its clients ask', async () => {
  await put();
  const response = await fetch(lab.url, {
    method: 'POST',
    headers: {
      'x-amz-target': 'AmazonSSM.GetParameter',
      'content-type': 'application/x-amz-json-1.1',
      authorization: `AWS4-HMAC-SHA256 Credential=${account}/20260101/eu-central-1/ssm/aws4_request, SignedHeaders=host, Signature=0`,
    },
    body: JSON.stringify({ Name, WithDecryption: true }),
  });
  expect(response.headers.get('content-type')).toBe('application/x-amz-json-1.1');
  expect(await response.json()).toMatchObject({ Parameter: { Value: 'lookbook' } });
});
