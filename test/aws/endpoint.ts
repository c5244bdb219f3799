/** An AWS endpoint of a few lines, on a real socket: answers, refuses, hangs or loses answers as a test says. */
import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AwsOptions } from '../../src/aws/funnel.ts';

export interface FakeRequest {
  /** `Action=PromoteReadReplica&...`, of the query protocols. */
  body: string;
  operation: string;
  url: string;
  authorization: string;
}

export type Answer = (request: FakeRequest, response: ServerResponse) => void;

export interface FakeEndpoint {
  url: string;
  requests: FakeRequest[];
  /** Operations that were asked for, in order, without the account check. */
  operations(): string[];
  close(): Promise<void>;
}

export async function fakeEndpoint(answer: Answer, account = '111122223333'): Promise<FakeEndpoint> {
  const requests: FakeRequest[] = [];
  // A connection is kept for as long as the test lasts: one that is closed while it is used again loses a call.
  const server = createServer({ keepAliveTimeout: 0 }, (incoming, response) => {
    let body = '';
    incoming.on('data', (chunk: Buffer) => (body += chunk.toString()));
    incoming.on('end', () => {
      const operation = new URLSearchParams(body).get('Action') ?? '';
      const { authorization = '' } = incoming.headers;
      const request = { body, operation, url: incoming.url ?? '', authorization };
      requests.push(request);
      if (operation === 'GetCallerIdentity') identity(response, account);
      else answer(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    operations: () =>
      requests.map((request) => request.operation).filter((operation) => operation !== 'GetCallerIdentity'),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export const identity = (response: ServerResponse, account: string): void =>
  xml(response, 'GetCallerIdentity', `<Account>${account}</Account><Arn>arn:aws:iam::${account}:user/x</Arn>`);

export const xml = (response: ServerResponse, operation: string, result = ''): void => {
  response.setHeader('content-type', 'text/xml');
  response.end(`<${operation}Response><${operation}Result>${result}</${operation}Result></${operation}Response>`);
};

export const failure = (response: ServerResponse, status: number, code: string, message = 'no'): void => {
  response.statusCode = status;
  response.setHeader('content-type', 'text/xml');
  response.end(
    `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
  );
};

export const here = { account: '111122223333', region: 'eu-west-1' };

export const silent = { debug: () => {}, trace: () => {} };

export const optionsFor = (url: string, more: Partial<AwsOptions> = {}): AwsOptions => ({
  env: { AWS_ENDPOINT_URL: url, AWS_ACCESS_KEY_ID: 'AKIAEXAMPLEEXAMPLE00', AWS_SECRET_ACCESS_KEY: 'base-secret' },
  logger: silent,
  runId: 'r-1',
  retry: { retries: 3, minTimeoutMs: 1, maxTimeoutMs: 5 },
  ...more,
});
