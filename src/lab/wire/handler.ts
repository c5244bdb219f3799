/**
 * What an emulated AWS operation is: a typed function from the SDK's command input to its command output. Everything about
 * protocols (query, JSON, XML, CBOR) is the wire layer's; a handler sees parsed input and throws {@link AwsError}.
 */

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
}

export type Handler<I, O> = (input: I, call: Call) => Promise<Omit<O, '$metadata'>> | Omit<O, '$metadata'>;

/**
 * An error as AWS gives it. `code` is the one on the wire (`DBInstanceNotFound`, not the class name `DBInstanceNotFoundFault`).
 */
export class AwsError extends Error {
  override name = 'AwsError';
  readonly code: string;
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

/** A service that the lab serves: which SDK client describes it, and the operations that are emulated. */
export interface ServiceEmulation {
  /** Package suffix of the SDK client: `rds`, `route-53`, `ec2`, `sqs`, `cloudwatch`, `s3`, `sts`, `auto-scaling`, `elastic-load-balancing-v2`. */
  client: string;
  /** By operation name (`PromoteReadReplica`). Anything else is answered 501 with a sentence that names the operation. */
  // eslint-disable-next-line typescript/no-explicit-any -- handlers of many operations with different inputs stand in one table
  operations: Readonly<Record<string, Handler<any, any>>>;
}

/**
 * Called around every handler: the place where throttling, latency, errors, lost answers and API outages are injected.
 * `before` may throw; `after` may throw to lose an answer whose effect took place.
 */
export interface CallHooks {
  before?(call: Call, input: unknown): Promise<void> | void;
  after?(call: Call, input: unknown, output: unknown): Promise<void> | void;
}
