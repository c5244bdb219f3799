/**
 * What an emulated AWS operation is: a typed function from the SDK's command input to its command output. Everything about
 * protocols (query, JSON, XML, CBOR) is the wire layer's; a handler sees parsed input and throws {@link AwsError}.
 */
import type { Readable } from 'node:stream';

/** The call as it came in, besides its input. */
export interface Call {
  /** Signing name from the SigV4 credential scope: `rds`, `ec2`, `monitoring`, `elasticloadbalancing` ... */
  service: string;
  operation: string;
  region: string;
  /** Account that the credentials belong to; of the assumed role where one was assumed. */
  account: string;
  accessKeyId: string;
  sessionToken?: string;
  requestId: string;
  /** Origin under which the caller reached the endpoint, e.g. `http://127.7.0.1:4566`: queue URLs are built on it. */
  origin: string;
  /** Aborts when the caller is gone: a long poll must not go on and take messages for nobody. */
  signal?: AbortSignal;
}

/** What a handler may answer where the client gets a stream. Streams of input arrive as `Readable`. */
type StreamedOutput = Readable | Uint8Array | string;

/** A command's output as a handler gives it: without the client's `$metadata`, streams in the server's terms. */
export type HandlerOutput<O> = {
  [K in keyof O as K extends '$metadata' ? never : K]: NonNullable<O[K]> extends { transformToString(): unknown }
    ? StreamedOutput
    : O[K];
};

export type Handler<I, O> = (input: I, call: Call) => Promise<HandlerOutput<O>> | HandlerOutput<O>;

/**
 * An error as AWS gives it. `code` is the one on the wire (`DBInstanceNotFound`, not the class name `DBInstanceNotFoundFault`).
 */
export class AwsError extends Error {
  override name = 'AwsError';
  readonly code: string;
  /** HTTP status. Where the error's schema has one, it counts instead of the default. */
  readonly status: number;
  /** Members besides code and message that the error's schema has. */
  readonly members: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, status = 400, members: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.code = code;
    this.status = status;
    this.members = members;
  }
}

/** Thrown by a hook: the connection is torn down without an answer. From `after`, the effect took place all the same. */
export class LoseAnswer extends Error {
  override name = 'LoseAnswer';
}

/** A service that the lab serves: which SDK client describes it, and the operations that are emulated. */
export interface ServiceEmulation {
  /** Package suffix of the SDK client, one of `servableClients`: `rds`, `route-53`, `secrets-manager` ... */
  client: string;
  /** By operation name (`PromoteReadReplica`). Anything else is answered 501 with a sentence that names the operation. */
  // eslint-disable-next-line typescript/no-explicit-any -- handlers of many operations with different inputs stand in one table
  operations: Readonly<Record<string, Handler<any, any>>>;
}

/**
 * Called around every handler: the place where throttling, latency, errors, lost answers and API outages are injected.
 * A thrown {@link AwsError} becomes the answer, a {@link LoseAnswer} none at all, anything else 500 InternalFailure.
 */
export interface CallHooks {
  before?(call: Call, input: unknown): Promise<void> | void;
  after?(call: Call, input: unknown, output: unknown): Promise<void> | void;
}
