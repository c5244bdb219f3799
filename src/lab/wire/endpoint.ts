/**
 * The lab's AWS endpoint: one HTTP server on one port for all services and regions. It moves bytes; what they mean is
 * dispatch.ts's.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { collect, decodedBody } from './body.ts';
import { dispatcher, type Dispatch, type DispatcherOptions } from './dispatch.ts';
import { LoseAnswer } from './handler.ts';
import type { Answer, WireRequest } from './protocol.ts';

export interface EndpointOptions extends DispatcherOptions {
  host: string;
  /** 0 lets the system choose. */
  port: number;
  /** Takes requests that aren't AWS's, such as pages of a website bucket. Asked first, for unsigned requests. True: taken. */
  extra?(request: IncomingMessage, response: ServerResponse): boolean;
}

export interface Endpoint {
  /** Origin, e.g. `http://127.7.0.1:4566`. */
  url: string;
  port: number;
  /** Stops listening and ends every connection. */
  close(): Promise<void>;
}

/** Longer than clients keep a connection for reuse: a server that closes first makes calls fail that it never saw. */
const keepAliveMs = 10 * 60_000;

/** @throws NodeJS.ErrnoException when the address can't be bound, e.g. EADDRINUSE */
export async function openEndpoint(options: EndpointOptions): Promise<Endpoint> {
  const dispatch = dispatcher(options);
  const server = createServer({ keepAliveTimeout: keepAliveMs }, (request, response) => {
    const signed = request.headers.authorization !== undefined || request.url?.includes('X-Amz-Credential=');
    if (!signed && options.extra?.(request, response)) return;
    void serve(dispatch, request, response).catch((error: unknown) => options.onDefect?.(error, undefined));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : options.port;
  return {
    url: `http://${options.host}:${port}`,
    port,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
}

async function serve(dispatch: Dispatch, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  try {
    const origin = `http://${request.headers.host ?? 'localhost'}`;
    const wire = wireRequest(request);
    await send(response, await dispatch(wire, origin, gone.signal), request.method === 'HEAD');
    // What a handler left unread would otherwise block the connection's next request.
    wire.body.resume();
  } catch (error) {
    // A torn connection is all that can be said now: the answer is lost on purpose, or broke off half-way.
    request.socket.destroy();
    if (!(error instanceof LoseAnswer) && !hasLeft(error)) throw error;
  }
}

/** The caller closed the connection before the answer was through. */
const hasLeft = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ERR_STREAM_PREMATURE_CLOSE';

function wireRequest(request: IncomingMessage): WireRequest {
  const [path = '/', search = ''] = (request.url ?? '/').split(/\?(.*)/s);
  const body = decodedBody(request);
  let whole: Promise<Uint8Array> | undefined;
  return {
    method: request.method ?? 'GET',
    path,
    query: new URLSearchParams(search),
    headers: request.headers,
    body,
    bytes: () => (whole ??= collect(body)),
  };
}

async function send(response: ServerResponse, { status, headers, body }: Answer, headersOnly: boolean): Promise<void> {
  if (body instanceof Readable && !headersOnly) {
    response.writeHead(status, headers);
    await pipeline(body, response);
    return;
  }
  const bytes = body instanceof Readable ? undefined : Buffer.from(body ?? '');
  const hasLength = headers['content-length'] !== undefined || status === 204 || status === 304;
  response.writeHead(status, hasLength || !bytes ? headers : { ...headers, 'content-length': String(bytes.length) });
  response.end(headersOnly ? undefined : bytes);
}
