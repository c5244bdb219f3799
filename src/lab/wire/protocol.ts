/**
 * What a wire protocol is to the lab: it finds the operation that a request asks for, reads its input, and writes outputs and
 * errors. One file per protocol in protocols/; chosen per request, because clients of one service differ by age.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import type { ErrorShape, Operation, Service } from './service.ts';

/** A request whose transfer coding (aws-chunked, gzip) has been taken off. */
export interface WireRequest {
  method: string;
  /** Raw path without the query, still percent-encoded. */
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: Readable;
  /** The whole body, for everything but streams. */
  bytes(): Promise<Uint8Array>;
}

export interface Answer {
  status: number;
  headers: Record<string, string>;
  body?: Readable | Uint8Array | string;
}

/** An error ready for the wire. */
export interface WireError {
  code: string;
  message: string;
  status: number;
  members: Readonly<Record<string, unknown>>;
  /** Its schema, where the service models it. */
  shape?: ErrorShape;
}

export interface Protocol {
  /** Name of the operation that is asked for; undefined where the request names none. */
  operationOf(service: Service, request: WireRequest): Promise<string | undefined> | string | undefined;
  read(service: Service, operation: Operation, request: WireRequest): Promise<unknown>;
  write(service: Service, operation: Operation, output: object, requestId: string): Answer;
  writeError(service: Service, error: WireError, requestId: string): Answer;
}
