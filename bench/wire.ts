/** Requests a second through the lab's wire layer, against a bare HTTP server that answers as many bytes. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { request, Agent } from 'node:http';
import { openEndpoint } from '../src/lab/wire/endpoint.ts';
import type { Row } from './table.ts';

const inFlight = 16;
const total = 8_000;

const body = JSON.stringify({ QueueUrl: 'http://q', MessageBody: 'x'.repeat(200) });
const headers = {
  'content-type': 'application/x-amz-json-1.0',
  'x-amz-target': 'AmazonSQS.SendMessage',
  authorization:
    'AWS4-HMAC-SHA256 Credential=AKIA/20260101/eu-west-1/sqs/aws4_request, SignedHeaders=host, Signature=0',
};
const answer = { MessageId: 'm', MD5OfMessageBody: '0'.repeat(32) };

export async function wire(): Promise<Row[]> {
  const bare = createServer((incoming, response) => {
    incoming.resume().once('end', () => response.end(JSON.stringify(answer)));
  });
  bare.listen(0, '127.0.0.1');
  await once(bare, 'listening');
  const endpoint = await openEndpoint({
    host: '127.0.0.1',
    port: 0,
    accountOf: () => '000000000000',
    services: [{ client: 'sqs', operations: { SendMessage: () => answer } }],
  });
  try {
    const bareRate = await rate((bare.address() as AddressInfo).port);
    const wireRate = await rate(endpoint.port);
    return [
      { what: 'bare HTTP server', figure: `${Math.round(bareRate)} /s` },
      { what: 'SendMessage through the wire layer', figure: `${Math.round(wireRate)} /s` },
      { what: 'wire layer against bare HTTP', figure: `${(wireRate / bareRate).toFixed(2)} x` },
    ];
  } finally {
    bare.close();
    await endpoint.close();
  }
}

async function rate(port: number): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: inFlight });
  let left = total;
  const from = performance.now();
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      while (left > 0) {
        left -= 1;
        await send(port, agent);
      }
    }),
  );
  agent.destroy();
  return total / ((performance.now() - from) / 1000);
}

function send(port: number, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port, method: 'POST', headers, agent }, (response) => {
      response
        .resume()
        .once('end', () =>
          response.statusCode === 200 ? resolve() : reject(new Error(`status ${response.statusCode}`)),
        );
    });
    outgoing.once('error', reject);
    outgoing.end(body);
  });
}
