/** Every operation and every modelled error of every client that can be served, over a real socket. */
import { isDeepStrictEqual } from 'node:util';
import { AwsQueryProtocol, AwsSmithyRpcV2CborProtocol } from '@aws-sdk/core/protocols';
import { expect, test } from 'vitest';
import { openEndpoint } from '../../../src/lab/wire/endpoint.ts';
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

/** A busy machine takes ten times as long as an idle one. */
const timeout = 120_000;

/** An endpoint that answers one service's calls as a test says, and shows what it received. */
interface Echo {
  url: string;
  /** What happens to the next call. */
  next: { answer: object } | { error: AwsError };
  received: unknown;
  close(): Promise<void>;
}

async function openEcho(client: string): Promise<Echo> {
  const { operations } = await loadService(client);
  const defects: unknown[] = [];
  const handler: Handler<unknown, object> = async (input) => {
    echo.received = await comparable(input);
    if ('error' in echo.next) throw echo.next.error;
    return echo.next.answer;
  };
  const endpoint = await openEndpoint({
    host: '127.0.0.1',
    port: 0,
    services: [{ client, operations: Object.fromEntries([...operations.keys()].map((name) => [name, handler])) }],
    accountOf: () => '000000000000',
    onDefect: (error) => defects.push(error),
  });
  const echo: Echo = {
    url: endpoint.url,
    next: { answer: {} },
    received: undefined,
    async close() {
      await endpoint.close();
      expect(defects).toEqual([]);
    },
  };
  return echo;
}

const configFor = (endpoint: string, service: string, protocol?: unknown): object => ({
  endpoint,
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

test.each(forms)(
  '%s in %s: every operation carries input and output unchanged',
  async (name, form, protocol) => {
    const [sdk, service, echo] = await Promise.all([packageOf(name), loadService(name), openEcho(name)]);
    const client = sdk.client(configFor(echo.url, name, protocol));
    const differing = new Map<string, unknown>();
    const differs = (operation: Operation, sent: unknown, arrived: unknown): void => {
      if (!isDeepStrictEqual(arrived, sent)) differing.set(operation.name, { sent, arrived });
    };
    const trip = async (operation: Operation, generator: Generator): Promise<void> => {
      const input = lengthSettled(valueFor(operation.input, generator) as object);
      const answer = lengthSettled(valueFor(operation.output, generator) as object);
      echo.next = { answer };
      const { $metadata: _, ...output } = await client.send(sdk.command(operation.name, input));
      differs(operation, await comparable(input), withoutAddedChecksums(echo.received, input));
      differs(operation, await comparable(answer), await comparable(output));
    };

    for (const [index, operation] of [...service.operations.values()].entries()) {
      // EC2 has as many operations as all others together.
      for (const seed of name === 'ec2' ? [1] : [1, 2]) {
        const generator = { random: randomFrom(seed * 10_000 + index), emptyLists: name !== 'ec2', except: rewritten };
        await trip(operation, generator).catch((error: unknown) => differing.set(operation.name, error));
      }
    }
    client.destroy();
    await echo.close();
    for (const expected of exceptions[`${name} in ${form}`] ?? []) {
      expect(differing.delete(expected), `${expected} makes the trip now: take it off the list`).toBe(true);
    }
    expect(Object.fromEntries(differing)).toEqual({});
  },
  timeout,
);

const anyOperation = (operations: ReadonlyMap<string, Operation>): Operation => {
  const found = [...operations.values()].find(({ input }) => requiredMembers(input).length === 0);
  if (!found) throw new Error('every operation requires something');
  return found;
};

const isModelled = (error: ErrorShape): boolean => !error.name.endsWith('ServiceException');
const isAmbiguous = (error: ErrorShape, all: readonly ErrorShape[]): boolean =>
  all.some((other) => other.name === error.code && other !== error);

test.each(forms)(
  '%s in %s: every modelled error arrives as its own class',
  async (name, _form, protocol) => {
    const [sdk, service, echo] = await Promise.all([packageOf(name), loadService(name), openEcho(name)]);
    const client = sdk.client(configFor(echo.url, name, protocol));
    const operation = anyOperation(service.operations);
    const ambiguous = service.errors.filter((error) => isAmbiguous(error, service.errors));
    expect(ambiguous.map((error) => error.name)).toEqual(ambiguousErrors[name] ?? []);
    const distinct = service.errors.filter((error) => isModelled(error) && !ambiguous.includes(error));
    for (const [index, shape] of distinct.entries()) {
      const generator = { random: randomFrom(index), emptyLists: true };
      const members = membersOf(shape.schema)
        .filter(([member]) => member.toLowerCase() !== 'message')
        .map(([member, schema]) => [member, valueFor(schema, generator)]);
      const message = `no ${index} & no <more>`;
      echo.next = { error: new AwsError(shape.code, message, undefined, Object.fromEntries(members)) };
      const error: unknown = await client.send(sdk.command(operation.name, {})).catch((thrown: unknown) => thrown);
      expect(error, shape.name).toBeInstanceOf(sdk.errorClass(shape.name));
      expect(error).toMatchObject({
        name: shape.name,
        message,
        $metadata: { httpStatusCode: shape.status ?? 400 },
        // The code of the query protocol, on which old callers match.
        ...(service.queryCompatible ? { Code: shape.code } : {}),
        ...Object.fromEntries(members),
      });
    }
    client.destroy();
    await echo.close();
  },
  timeout,
);
