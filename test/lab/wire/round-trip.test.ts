/** Every operation and every modelled error of every client that can be served, over a real socket. */
import { AwsQueryProtocol, AwsSmithyRpcV2CborProtocol } from '@aws-sdk/core/protocols';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openEndpoint, type Endpoint } from '../../../src/lab/wire/endpoint.ts';
import { AwsError, type Handler } from '../../../src/lab/wire/handler.ts';
import { loadService, servableClients, type ErrorShape, type Operation } from '../../../src/lab/wire/service.ts';
import { membersOf, requiredMembers } from '../../../src/lab/wire/smithy.ts';
import { comparable, credentials, packageOf } from './clients.ts';
import { randomFrom, valueFor, type Generator } from './generate.ts';

/** Operations that don't survive the way. docs/conformance.md says why. */
const exceptions: Readonly<Record<string, readonly string[]>> = {
  's3 in its own protocol': ['ListDirectoryBuckets', 'SelectObjectContent', 'WriteGetObjectResponse'],
  'sqs in query': ['ReceiveMessage'],
};

/** Errors whose code another error of the service has too: clients can't tell them apart, here or on AWS. */
const ambiguousErrors: Readonly<Record<string, readonly string[]>> = { cloudwatch: ['DashboardNotFoundError'] };

const seeds = [1, 2];

/** What the endpoint does with the next call. */
let next: { answer: object } | { error: AwsError } = { answer: {} };
let received: unknown;
const defects: unknown[] = [];
let endpoint: Endpoint;

beforeAll(async () => {
  const handler: Handler<unknown, object> = async (input) => {
    received = await comparable(input);
    if ('error' in next) throw next.error;
    return next.answer;
  };
  const services = await Promise.all(
    servableClients.map(async (client) => {
      const { operations } = await loadService(client);
      return { client, operations: Object.fromEntries([...operations.keys()].map((name) => [name, handler])) };
    }),
  );
  endpoint = await openEndpoint({
    host: '127.0.0.1',
    port: 0,
    services,
    accountOf: () => '000000000000',
    onDefect: (error) => defects.push(error),
  });
});
afterAll(() => endpoint.close());

const configFor = (service: string, protocol?: unknown): object => ({
  endpoint: endpoint.url,
  region: 'eu-central-1',
  credentials,
  maxAttempts: 1,
  disableHostPrefix: true,
  // Checksums would be added to inputs and expected of outputs.
  requestChecksumCalculation: 'WHEN_REQUIRED',
  responseChecksumValidation: 'WHEN_REQUIRED',
  ...(service === 'sqs' ? { md5: false } : {}),
  ...(protocol === undefined ? {} : { protocol }),
});

/** Members that the S3 client rewrites on their way: customer keys by their hash, Expires as date and text. */
const rewritten = /SSECustomerKey|^Expires(String)?$/;

/** A stated length must be the body's. */
const lengthSettled = (value: object): object => {
  const body = Object.values(value).find((member) => member instanceof Uint8Array);
  return 'ContentLength' in value ? { ...value, ContentLength: body?.length ?? 0 } : value;
};

/** What the client adds by itself where an operation demands a checksum. */
const withoutAddedChecksums = (seen: unknown, sent: object): unknown =>
  Object.fromEntries(Object.entries(seen ?? {}).filter(([name]) => !name.startsWith('Checksum') || name in sent));

const olderForms = [
  ['sqs', 'query', AwsQueryProtocol],
  ['cloudwatch', 'query', AwsQueryProtocol],
  ['cloudwatch', 'CBOR', AwsSmithyRpcV2CborProtocol],
] as const;
const forms = [...servableClients.map((name) => [name, 'its own protocol', undefined] as const), ...olderForms];

test.each(forms)('%s in %s: every operation carries input and output unchanged', async (name, form, protocol) => {
  const sdk = await packageOf(name);
  const service = await loadService(name);
  const client = sdk.client(configFor(name, protocol));
  const trip = async (operation: Operation, generator: Generator): Promise<void> => {
    const input = lengthSettled(valueFor(operation.input, generator) as object);
    const answer = lengthSettled(valueFor(operation.output, generator) as object);
    next = { answer };
    const { $metadata: _, ...output } = await client.send(sdk.command(operation.name, input));
    expect(withoutAddedChecksums(received, input)).toStrictEqual(await comparable(input));
    expect(await comparable(output)).toStrictEqual(await comparable(answer));
  };

  const differing = new Map<string, unknown>();
  for (const [index, operation] of [...service.operations.values()].entries()) {
    for (const seed of seeds) {
      const generator = { random: randomFrom(seed * 10_000 + index), emptyLists: name !== 'ec2', except: rewritten };
      await trip(operation, generator).catch((error: unknown) => differing.set(operation.name, error));
    }
  }
  client.destroy();
  for (const expected of exceptions[`${name} in ${form}`] ?? []) {
    expect(differing.delete(expected), `${expected} makes the trip now: take it off the list`).toBe(true);
  }
  expect(Object.fromEntries(differing)).toEqual({});
  expect(defects).toEqual([]);
});

const anyOperation = (operations: ReadonlyMap<string, Operation>): Operation => {
  const found = [...operations.values()].find(({ input }) => requiredMembers(input).length === 0);
  if (!found) throw new Error('every operation requires something');
  return found;
};

const isModelled = (error: ErrorShape): boolean => !error.name.endsWith('ServiceException');
const isAmbiguous = (error: ErrorShape, all: readonly ErrorShape[]): boolean =>
  all.some((other) => other.name === error.code && other !== error);

test.each(forms)('%s in %s: every modelled error arrives as its own class', async (name, _form, protocol) => {
  const sdk = await packageOf(name);
  const service = await loadService(name);
  const client = sdk.client(configFor(name, protocol));
  const operation = anyOperation(service.operations);
  const ambiguous = service.errors.filter((error) => isAmbiguous(error, service.errors));
  expect(ambiguous.map((error) => error.name)).toEqual(ambiguousErrors[name] ?? []);
  const distinct = service.errors.filter((error) => isModelled(error) && !ambiguous.includes(error));
  for (const [index, shape] of distinct.entries()) {
    const generator = { random: randomFrom(index), emptyLists: true };
    const members = membersOf(shape.schema)
      .filter(([member]) => member.toLowerCase() !== 'message')
      .map(([member, schema]) => [member, valueFor(schema, generator)]);
    next = { error: new AwsError(shape.code, `no ${index} & no <more>`, undefined, Object.fromEntries(members)) };
    const error: unknown = await client.send(sdk.command(operation.name, {})).catch((thrown: unknown) => thrown);
    expect(error, shape.name).toBeInstanceOf(sdk.errorClass(shape.name));
    expect(error).toMatchObject({
      name: shape.name,
      message: `no ${index} & no <more>`,
      $metadata: { httpStatusCode: shape.status ?? 400 },
      ...Object.fromEntries(members),
    });
  }
  client.destroy();
  expect(defects).toEqual([]);
});
