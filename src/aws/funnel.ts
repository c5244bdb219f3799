/**
 * The one way to AWS. A call passes, in this order: refusals, credentials of its place (role, account check), the ownership
 * check, one request with a time limit; and around that, retries of what AWS certainly did not do.
 *
 *   read   again on throttling, 5xx, no connection, no answer
 *   write  again on throttling, 5xx, no connection; no answer = IndeterminateError, at once. A refusal that follows a 5xx
 *          is indeterminate too: it may be the answer to our own earlier success.
 */
import pRetry from 'p-retry';
import type { Logger } from 'pino';
import { FiredrillError } from '../domain/errors.ts';
import type { Json } from '../domain/json.ts';
import { canonical } from '../domain/json.ts';
import type {
  Aws,
  AwsCall,
  AwsView,
  CallOptions,
  CallPoints,
  Place,
  ServiceName,
  Services,
  SignedRequest,
  SignedUrl,
} from './aws.ts';
import type { Credentials } from './clients.ts';
import { Clients, commandFor, keyOf } from './clients.ts';
import { Coalescer } from './coalesce.ts';
import { IndeterminateError, explain } from './errors.ts';
import type { Failure, SdkError } from './failures.ts';
import { classify, isRead } from './failures.ts';
import { signedUrl } from './presign.ts';
import { redacted } from './redact.ts';
import type { SessionCalls } from './sessions.ts';
import { Sessions, roleArn } from './sessions.ts';

export interface AwsOptions extends AwsView {
  /** Where AWS_* variables are looked up. */
  env: NodeJS.ProcessEnv;
  logger: Pick<Logger, 'debug' | 'trace'>;
  /** Names the sessions of assumed roles, so that CloudTrail says which run it was. */
  runId: string;
  /** Fault points, for tests. */
  onCall?: CallPoints;
  /** Time for one request, milliseconds; a long poll gets its waiting time on top. @default 15000 */
  callTimeoutMs?: number;
  /** How often and after how long a call is tried again. @default 6 times, from 200 ms to 5 s */
  retry?: { retries: number; minTimeoutMs: number; maxTimeoutMs: number };
}

/** Longest time from the ownership check before a call to its answer, milliseconds. */
export const callTimeoutMs = 15_000;
const defaultRetry = { retries: 6, minTimeoutMs: 200, maxTimeoutMs: 5_000 };

export const createAws = (options: AwsOptions): Aws => new Funnel(options).view(options);

interface Request {
  call: AwsCall;
  place: Place;
  view: AwsView;
  signal?: AbortSignal;
}

/** A request that failed, on its way through the retries. */
class FailedRequest extends Error {
  readonly failure: Failure;
  readonly error: SdkError;
  constructor(failure: Failure, error: SdkError) {
    super(error.message);
    this.failure = failure;
    this.error = error;
  }
}

class Funnel {
  readonly #options: AwsOptions;
  readonly #clients: Clients;
  readonly #sessions: Sessions;
  readonly #reads = new Coalescer();

  constructor(options: AwsOptions) {
    this.#options = options;
    this.#clients = new Clients(options.env);
    this.#sessions = new Sessions(options.runId);
  }

  view(view: AwsView): Aws {
    return {
      in: (place) =>
        servicesProxy((service, operation, input, options) =>
          this.#call(requestFor(view, place, { service, operation, input }, options)),
        ),
      presign: (place, request) => this.#presign(view, place, request),
      for: (other) => this.view({ ...view, ...other }),
      close: () => this.#clients.close(),
    };
  }

  async #presign(view: AwsView, place: Place, request: SignedRequest): Promise<SignedUrl> {
    const calls = this.#sessionCalls(view);
    const session = await this.#sessions.credentials(place, calls, request.forMs);
    await this.#sessions.check(place, calls);
    const signer = await this.#clients.signer(place, session);
    try {
      return await signedUrl(signer, request);
    } finally {
      signer.destroy();
    }
  }

  async #call(request: Request): Promise<unknown> {
    const { call, place, signal } = request;
    const scope = `${call.service} ${keyOf(place)}`;
    if (!call.read) {
      this.#reads.changed(scope);
      return this.#persist(request).finally(() => this.#reads.changed(scope));
    }
    if (!isShareable(call)) return this.#persist(request);
    signal?.throwIfAborted();
    const question = `${call.operation} ${canonical(call.input as Json)}`;
    const shared = this.#reads.read(scope, question, () => this.#persist({ ...request, signal: undefined }));
    return signal ? unlessAborted(shared, signal) : shared;
  }

  /** Tries until there is an answer, or none can be had. */
  async #persist(request: Request): Promise<unknown> {
    const { call, signal, place } = request;
    const { retries, minTimeoutMs, maxTimeoutMs } = this.#options.retry ?? defaultRetry;
    let inDoubt: string | undefined;
    let renewed = false;
    try {
      return await pRetry(() => this.#attempt(request), {
        retries,
        minTimeout: minTimeoutMs,
        maxTimeout: maxTimeoutMs,
        randomize: true,
        // For a write the signal is looked at before each request only: its answer must not be thrown away.
        signal: call.read ? signal : undefined,
        shouldRetry: ({ error }) => {
          if (!(error instanceof FailedRequest)) return false;
          const { failure } = error;
          if (failure === 'server') inDoubt = error.message;
          if (failure === 'expired' && place.role !== undefined && !renewed) {
            renewed = true;
            this.#sessions.forget(place);
            this.#clients.forget(place);
            return true;
          }
          if (failure === 'lost' || failure === 'timeout') return call.read;
          return failure === 'throttled' || failure === 'server' || failure === 'unsent';
        },
      });
    } catch (error) {
      if (!(error instanceof FailedRequest)) {
        if (inDoubt !== undefined && !call.read && isAbort(error, signal)) throw new IndeterminateError(call, inDoubt);
        throw error;
      }
      const unanswered = error.failure === 'lost' || error.failure === 'timeout' || error.failure === 'server';
      if (!call.read && (unanswered || inDoubt !== undefined)) {
        throw new IndeterminateError(call, explain(call, error.failure, error.error).message);
      }
      throw explain(call, error.failure, error.error);
    }
  }

  /** One request. */
  async #attempt(request: Request): Promise<unknown> {
    const { call, place, view, signal } = request;
    const refusal = view.refuse?.(call);
    if (refusal) throw refusal;
    const role = await this.#enter(request);
    const client = await this.#clients.get(call.service, place, role);
    const command = await commandFor(call.service, call.operation, call.input);
    signal?.throwIfAborted();
    await view.guard?.();
    view.countCall?.(call);
    await this.#options.onCall?.before?.(call);
    const started = performance.now();
    const limit = AbortSignal.timeout(this.#timeoutMs(call));
    const abortSignal = call.read && signal ? AbortSignal.any([limit, signal]) : limit;
    let answer: unknown;
    try {
      answer = await unlessAborted(client.send(command, { abortSignal }), abortSignal);
    } catch (error) {
      if (error instanceof FiredrillError) throw error;
      if (signal?.aborted && call.read) throw signal.reason;
      const failure = classify(error as SdkError);
      this.#log(call, started, failure);
      throw new FailedRequest(failure, error as SdkError);
    }
    this.#log(call, started, 'ok');
    await this.#options.onCall?.after?.(call);
    return answer;
  }

  /** Makes sure of role and account. STS itself is called on the way, so its own calls only need the role. */
  async #enter({ call, place, view }: Request): Promise<(() => Promise<Credentials>) | undefined> {
    const calls = this.#sessionCalls(view);
    const session = await this.#sessions.credentials(place, calls);
    if (call.service !== 'sts') await this.#sessions.check(place, calls);
    return session && (async () => (await this.#sessions.credentials(place, calls)) ?? session);
  }

  #sessionCalls(view: AwsView): SessionCalls {
    return {
      assumeRole: async ({ account, region }, input) => {
        const { sts } = this.view(view).in({ account, region });
        const { Credentials } = await sts.assumeRole(input);
        return {
          accessKeyId: Credentials!.AccessKeyId!,
          secretAccessKey: Credentials!.SecretAccessKey!,
          sessionToken: Credentials!.SessionToken!,
          expiration: Credentials!.Expiration!,
        };
      },
      account: async (place) => {
        const { Account } = await this.view(view).in(place).sts.getCallerIdentity({});
        return Account!;
      },
    };
  }

  #timeoutMs(call: AwsCall): number {
    const { WaitTimeSeconds = 0 } = call.input as { WaitTimeSeconds?: number };
    return (this.#options.callTimeoutMs ?? callTimeoutMs) + WaitTimeSeconds * 1000;
  }

  #log(call: AwsCall, started: number, outcome: string): void {
    const { service, operation, region, account, step } = call;
    const ms = Math.round(performance.now() - started);
    this.#options.logger.debug({ service, operation, region, account, step, ms, outcome }, 'aws call');
    this.#options.logger.trace({ service, operation, input: redacted(call.input) }, 'aws call input');
  }
}

function requestFor(
  view: AwsView,
  place: Place,
  { service, operation, input }: Pick<AwsCall, 'service' | 'operation' | 'input'>,
  { signal }: CallOptions = {},
): Request {
  const call: AwsCall = {
    service,
    operation,
    account: place.account,
    ...(place.role !== undefined && { role: roleArn(place) }),
    // Route 53 has one control plane for the whole world, and it is there.
    region: service === 'route53' ? 'us-east-1' : place.region,
    read: isRead(operation),
    step: view.step,
    input,
  };
  return { call, place, view, signal };
}

/** Bodies are streams and messages are handed to one receiver: such answers can't be shared. */
const isShareable = ({ operation }: AwsCall): boolean =>
  /^(Describe|List|Head|Get)/.test(operation) && operation !== 'GetObject';

const isAbort = (error: unknown, signal: AbortSignal | undefined): boolean =>
  signal?.aborted === true && error === signal.reason;

/** Settles as `promise` does, or rejects as soon as the signal aborts; the SDK itself may take longer to notice. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error);
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

type Dispatch = (
  service: ServiceName,
  operation: string,
  input: unknown,
  options: CallOptions | undefined,
) => Promise<unknown>;

/** `services.rds.promoteReadReplica(input)` as `dispatch('rds', 'PromoteReadReplica', input)`. */
function servicesProxy(dispatch: Dispatch): Services {
  const service = (name: ServiceName): object =>
    new Proxy(
      {},
      {
        get: (_, method) =>
          typeof method === 'string' && method !== 'then'
            ? (input: unknown, options?: CallOptions) =>
                dispatch(name, `${method[0]!.toUpperCase()}${method.slice(1)}`, input ?? {}, options)
            : undefined,
      },
    );
  return new Proxy({}, { get: (_, name) => (name === 'then' ? undefined : service(name as ServiceName)) }) as Services;
}
