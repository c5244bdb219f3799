/** The way of one call: find service and operation, read the input, hooks and handler, write the answer or the error. */
import { randomUUID } from 'node:crypto';
import { checkExpiry, credentialOf, type Credential } from './credential.ts';
import { AwsError, LoseAnswer, type Call, type CallHooks, type ServiceEmulation } from './handler.ts';
import type { Answer, Protocol, WireError, WireRequest } from './protocol.ts';
import { protocolOf } from './protocols/choose.ts';
import { json } from './protocols/json.ts';
import { query } from './protocols/query.ts';
import { loadService, signingNameOf, type Service } from './service.ts';
import { codecsFor } from './smithy.ts';

export interface DispatcherOptions {
  services: readonly ServiceEmulation[];
  /**
   * Account that these credentials belong to.
   * @throws AwsError InvalidClientTokenId, ExpiredToken ...
   */
  accountOf(accessKeyId: string, sessionToken: string | undefined): Promise<string> | string;
  hooks?: CallHooks;
  /** Wall time against which presigned URLs expire. @default the system's */
  now?(): Date;
  /** Told of every failure that is no AwsError, with its stack; the caller sees 500 InternalFailure. */
  onDefect?(error: unknown, call: Call | undefined): void;
}

/** @throws LoseAnswer where a hook wants the connection torn down */
export type Dispatch = (request: WireRequest, origin: string, signal: AbortSignal) => Promise<Answer>;

/** STS accepts some calls unsigned; they are known by their API version. */
const unsignedSts: Credential = { accessKeyId: '', region: 'us-east-1', service: 'sts' };
const stsVersion = '2011-06-15';

/** Stands in for a service that isn't served, so that its callers get an error in a form that they can read. */
const nobody: Service = {
  signingName: '',
  protocol: '',
  queryCompatible: false,
  namespace: 'lab',
  xmlNamespace: '',
  codecs: codecsFor('', 'lab', false),
  operations: new Map(),
  errors: [],
  error: () => undefined,
};

export function dispatcher(options: DispatcherOptions): Dispatch {
  const emulations = new Map(options.services.map((emulation) => [signingNameOf(emulation.client), emulation]));
  const loaded = new Map<string, Promise<Service>>();
  const load = (client: string): Promise<Service> => {
    const service = loaded.get(client) ?? loadService(client);
    loaded.set(client, service);
    return service;
  };

  return async (request, origin, signal) => {
    const requestId = randomUUID();
    let service = nobody;
    let protocol: Protocol = request.headers['x-amz-target'] === undefined ? query : json;
    let call: Call | undefined;
    try {
      const credential = await credentialOrUnsigned(request);
      const emulation = emulations.get(credential.service);
      if (!emulation) throw notEmulated(`the service ${credential.service}`);
      service = await load(emulation.client);
      protocol = protocolOf(service, request);

      const name = await operationOf(protocol, service, request).catch(unreadable);
      const operation = name === undefined ? undefined : service.operations.get(name);
      const handler = name === undefined ? undefined : emulation.operations[name];
      if (!operation || !handler)
        throw notEmulated(`${credential.service}:${name ?? `${request.method} ${request.path}`}`);

      const { accessKeyId, sessionToken, region } = credential;
      checkExpiry(request.query, options.now?.() ?? new Date());
      const account = await options.accountOf(accessKeyId, sessionToken);
      call = {
        service: credential.service,
        operation: operation.name,
        region,
        account,
        accessKeyId,
        sessionToken,
        requestId,
        origin,
        signal,
      };
      const input = await protocol.read(service, operation, request).catch(unreadable);
      await options.hooks?.before?.(call, input);
      const output: object = await handler(input, call);
      await options.hooks?.after?.(call, input, output);
      return protocol.write(service, operation, output, requestId);
    } catch (error) {
      if (error instanceof LoseAnswer) throw error;
      // A caller that breaks off its upload is no defect of the lab.
      if (!(error instanceof AwsError) && !request.body.readableAborted) options.onDefect?.(error, call);
      return protocol.writeError(service, wireError(error, service), requestId);
    }
  };
}

const operationOf = async (protocol: Protocol, service: Service, request: WireRequest): Promise<string | undefined> =>
  protocol.operationOf(service, request);

async function credentialOrUnsigned(request: WireRequest): Promise<Credential> {
  const credential = credentialOf(request.headers, request.query);
  if (credential) return credential;
  const form = new URLSearchParams(Buffer.from(await request.bytes()).toString());
  if ((form.get('Version') ?? request.query.get('Version')) === stsVersion) return unsignedSts;
  throw new AwsError('MissingAuthenticationToken', 'Request is missing Authentication Token', 403);
}

const notEmulated = (what: string): AwsError =>
  new AwsError('NotImplemented', `The lab does not emulate ${what}; docs/lab-operations.md lists what it does.`, 501);

function unreadable(cause: unknown): never {
  if (cause instanceof AwsError) throw cause;
  const why = cause instanceof Error ? cause.message : String(cause);
  throw new AwsError('SerializationException', `The request could not be read: ${why}`, 400);
}

function wireError(error: unknown, service: Service): WireError {
  if (!(error instanceof AwsError)) {
    return { code: 'InternalFailure', message: `The lab failed: ${String(error)}`, status: 500, members: {} };
  }
  const { code, message, members } = error;
  const shape = service.error(code);
  return { code, message, members, shape, status: error.status === 400 ? (shape?.status ?? 400) : error.status };
}
