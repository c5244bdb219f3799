/** The endpoint with emulations that only note their calls, fresh for each test of the file that calls `useEndpoint`. */
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach } from 'vitest';
import { openEndpoint, type Endpoint, type EndpointOptions } from '../../../src/lab/wire/endpoint.ts';
import type { Call } from '../../../src/lab/wire/handler.ts';
import { credentials } from './clients.ts';

export let endpoint: Endpoint;
export const calls: { call: Call; input: unknown }[] = [];
export const lastCall = () => calls.at(-1)?.call;
export const note = (input: unknown, call: Call): void => void calls.push({ call, input });

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

export async function open(more: Partial<EndpointOptions> = {}): Promise<void> {
  endpoint = await openEndpoint({ host: '127.0.0.1', port: 0, services: emulations, accountOf: () => '111', ...more });
}

export const config = (region = 'eu-west-1') => ({ endpoint: endpoint.url, region, credentials, maxAttempts: 1 });

export function useEndpoint(): void {
  beforeEach(() => void calls.splice(0));
  afterEach(() => endpoint.close());
}

/** The answer's status and text to a request made by hand. */
export async function raw(
  path: string,
  {
    method = 'GET',
    headers = {},
    body = '',
  }: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<{ status?: number; body: string }> {
  const sent = httpRequest(new URL(path, endpoint.url), { method, headers }).end(body);
  const [response] = (await once(sent, 'response')) as [Readable & { statusCode?: number }];
  return { status: response.statusCode, body: await text(response) };
}
export const scope = (service: string, region = 'eu-west-1') => ({
  authorization: `AWS4-HMAC-SHA256 Credential=AKIALAB/20260101/${region}/${service}/aws4_request, SignedHeaders=host, Signature=0`,
});
