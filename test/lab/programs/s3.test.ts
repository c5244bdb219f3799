import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { getUrl, putFile, putUrl, signed } from '../../../src/lab/programs/s3.ts';

let server: Server;
let origin: string;
let directory: string;
let file: string;
let answer: (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;
const env = () => ({
  AWS_ENDPOINT_URL: origin,
  AWS_REGION: 'eu-central-1',
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
});

beforeAll(async () => {
  server = createServer((request, response) => void answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  directory = await mkdtemp(join(tmpdir(), 'firedrill-s3-'));
  file = join(directory, 'dump');
  await writeFile(file, 'the dump');
});
afterAll(async () => {
  server.close();
  await rm(directory, { recursive: true });
});

describe('a PUT of a file', () => {
  it("is signed as AWS's own SDK signs it", async () => {
    const seen: IncomingMessage[] = [];
    answer = (request, response) => {
      seen.push(request);
      request.resume();
      response.end();
    };
    const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = env();
    const client = new S3Client({
      endpoint: origin,
      region: 'eu-central-1',
      credentials: { accessKeyId, secretAccessKey },
      requestChecksumCalculation: 'WHEN_REQUIRED',
    });
    const Key = 'nightly/orders 2026-11-21 (1).copydump';
    const Metadata = { 'recovery-point': '2026-11-21T02:00:00.000Z' };
    const command = new PutObjectCommand({ Bucket: 'orders-backups', Key, Body: 'the dump', Metadata });
    // Only what this program signs too; the date is then taken from what the SDK has signed.
    interface Signing {
      request: unknown;
    }
    const onlyWhatIsSigned = (next: (args: Signing) => unknown) => (args: Signing) => {
      const request = args.request as { headers: Record<string, string>; query: object };
      const kept = ['host', 'x-amz-meta-recovery-point'].map((name) => [name, request.headers[name] ?? '']);
      request.headers = { ...Object.fromEntries(kept), 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' };
      request.query = {};
      return next(args);
    };
    command.middlewareStack.addRelativeTo(onlyWhatIsSigned as never, {
      name: 'onlyWhatIsSigned',
      relation: 'before',
      toMiddleware: 'httpSigningMiddleware',
    });
    await client.send(command);
    client.destroy();
    const [theirs] = seen;
    const date = String(theirs?.headers['x-amz-date']).replace(
      /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/,
      '$1-$2-$3T$4:$5:$6Z',
    );
    const url = new URL(theirs?.url ?? '', origin);
    const mine = signed(env(), url, { 'x-amz-meta-recovery-point': Metadata['recovery-point'] }, new Date(date));
    expect(mine['authorization']).toBe(theirs?.headers.authorization);
  });

  it('says what S3 answered when it refuses', async () => {
    answer = (request, response) => {
      request.resume();
      response.writeHead(403).end('<Code>AccessDenied</Code>');
    };
    const putting = putFile(env(), file, { bucket: 'orders-backups', key: 'nightly/x y' });
    await expect(putting).rejects.toThrow(
      /PUT of \/orders-backups\/nightly\/x%20y was answered with 403: .*AccessDenied/,
    );
  });
});

describe('a presigned URL', () => {
  it('is read from and written to as it is', async () => {
    const seen: string[] = [];
    answer = async (request, response) => {
      seen.push(`${request.method} ${request.url} ${await text(request)} ${request.headers.authorization}`);
      response.end('from S3');
    };
    expect(await text(await getUrl(`${origin}/bucket/key?X-Amz-Signature=a%2Fb`))).toBe('from S3');
    await putUrl(`${origin}/bucket/key?X-Amz-Signature=c`, file);
    expect(seen).toEqual([
      'GET /bucket/key?X-Amz-Signature=a%2Fb  undefined',
      'PUT /bucket/key?X-Amz-Signature=c the dump undefined',
    ]);
  });

  it('fails where the answer is cut off, and where it is a refusal', async () => {
    answer = (_request, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('half');
      setImmediate(() => response.destroy());
    };
    await expect(getUrl(`${origin}/bucket/key`).then(text)).rejects.toThrow(/aborted/);
    answer = (_request, response) => void response.writeHead(403).end('Request has expired');
    await expect(getUrl(`${origin}/bucket/key`)).rejects.toThrow(/403: Request has expired/);
  });
});
