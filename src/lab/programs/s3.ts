/**
 * S3 as a program on an instance calls it: one signed PUT of a file, streamed, and plain GET and PUT of presigned URLs. The SDK would
 * take more memory than all the rest of an instance.
 * Source of the signature: Amazon S3 API reference, "Authenticating requests: using the Authorization header (AWS Signature Version 4)".
 */
import { createHash, createHmac } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { request, type IncomingMessage } from 'node:http';
import { request as secureRequest } from 'node:https';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { required } from './settings.ts';

/** S3 takes no more in one PUT. */
const maxPutBytes = 5 * 1024 ** 3;
const idleMs = 60_000;

const hmac = (key: string | Buffer, data: string): Buffer => createHmac('sha256', key).update(data).digest();

/** @throws Error that tells what S3 answered */
export async function putFile(
  env: NodeJS.ProcessEnv,
  file: string,
  { bucket, key, metadata = {} }: { bucket: string; key: string; metadata?: Readonly<Record<string, string>> },
): Promise<void> {
  const { size } = await stat(file);
  if (size > maxPutBytes) throw new Error(`${file} has ${size} bytes, and S3 takes ${maxPutBytes} in one piece`);
  const path = `/${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`;
  const url = new URL(path, required(env, 'AWS_ENDPOINT_URL'));
  const given = Object.entries(metadata).map(([name, value]): [string, string] => [`x-amz-meta-${name}`, value]);
  const headers = signed(env, url, Object.fromEntries(given), new Date());
  await send('PUT', url, { ...headers, 'content-length': String(size) }, file);
}

/** `host`, `x-amz-*` and `authorization` of a PUT whose body isn't part of the signature. */
export function signed(
  env: NodeJS.ProcessEnv,
  url: URL,
  more: Readonly<Record<string, string>>,
  now: Date,
): Record<string, string> {
  const time = now.toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const scope = `${time.slice(0, 8)}/${required(env, 'AWS_REGION')}/s3/aws4_request`;
  const body = 'UNSIGNED-PAYLOAD';
  const headers: Record<string, string> = {
    ...more,
    host: url.host,
    'x-amz-content-sha256': body,
    'x-amz-date': time,
  };
  const names = Object.keys(headers).toSorted();
  const canonical = [
    'PUT',
    url.pathname,
    url.search.slice(1),
    ...names.map((name) => `${name}:${headers[name]}`),
    '',
    names.join(';'),
    body,
  ].join('\n');
  const toSign = ['AWS4-HMAC-SHA256', time, scope, createHash('sha256').update(canonical).digest('hex')].join('\n');
  const key = scope.split('/').reduce<string | Buffer>(hmac, `AWS4${required(env, 'AWS_SECRET_ACCESS_KEY')}`);
  const signature = hmac(key, toSign).toString('hex');
  const credential = `Credential=${required(env, 'AWS_ACCESS_KEY_ID')}/${scope}`;
  const authorization = `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  return { ...headers, authorization };
}

/** The body behind a presigned URL, as a stream that fails when it is cut off. @throws Error that tells what the server answered */
export const getUrl = (url: string): Promise<IncomingMessage> => send('GET', new URL(url), {});

/** Puts a file behind a presigned URL. @throws Error that tells what the server answered */
export async function putUrl(url: string, file: string): Promise<void> {
  const { size } = await stat(file);
  await send('PUT', new URL(url), { 'content-length': String(size) }, file);
}

async function send(
  method: string,
  url: URL,
  headers: Readonly<Record<string, string>>,
  file?: string,
): Promise<IncomingMessage> {
  const call = (url.protocol === 'https:' ? secureRequest : request)(url, { method, headers, agent: false });
  call.setTimeout(idleMs, () => call.destroy(new Error(`${url.host} has been silent for ${idleMs / 1_000} s`)));
  const answered = new Promise<IncomingMessage>((resolve, reject) => call.on('response', resolve).on('error', reject));
  if (file === undefined) call.end();
  // A server may refuse before it has read everything: then its answer says why, not the broken connection.
  else await pipeline(createReadStream(file), call).catch(() => undefined);
  const response = await answered;
  const { statusCode = 0 } = response;
  if (statusCode < 300) {
    if (method === 'PUT') response.resume();
    return response;
  }
  const said = (await text(response)).slice(0, 500);
  throw new Error(`${method} of ${url.pathname} was answered with ${statusCode}: ${said}`);
}
