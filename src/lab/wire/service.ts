/**
 * What is known of a service from its SDK client: operations, errors, protocol and names on the wire. Loaded when the service is
 * first called, because a client costs up to 0.4 s. Says nothing about which operations the lab emulates.
 */
import {
  codecsFor,
  isError,
  isOperation,
  schemaOf,
  traitsOf,
  type Codecs,
  type Schema,
  type SchemaRef,
  type StaticOperation,
  type StaticStructure,
} from './smithy.ts';

/** Signing name in the credential scope, and the client package that describes the service. */
const clients: Readonly<Record<string, { signingName: string; load: () => Promise<object> }>> = {
  'auto-scaling': { signingName: 'autoscaling', load: () => import('@aws-sdk/client-auto-scaling') },
  cloudwatch: { signingName: 'monitoring', load: () => import('@aws-sdk/client-cloudwatch') },
  ec2: { signingName: 'ec2', load: () => import('@aws-sdk/client-ec2') },
  'elastic-load-balancing-v2': {
    signingName: 'elasticloadbalancing',
    load: () => import('@aws-sdk/client-elastic-load-balancing-v2'),
  },
  rds: { signingName: 'rds', load: () => import('@aws-sdk/client-rds') },
  'route-53': { signingName: 'route53', load: () => import('@aws-sdk/client-route-53') },
  s3: { signingName: 's3', load: () => import('@aws-sdk/client-s3') },
  'secrets-manager': { signingName: 'secretsmanager', load: () => import('@aws-sdk/client-secrets-manager') },
  sqs: { signingName: 'sqs', load: () => import('@aws-sdk/client-sqs') },
  ssm: { signingName: 'ssm', load: () => import('@aws-sdk/client-ssm') },
  sts: { signingName: 'sts', load: () => import('@aws-sdk/client-sts') },
};

/** Packages of all SDK clients that the wire layer can serve. */
export const servableClients: readonly string[] = Object.keys(clients);

export interface Operation {
  name: string;
  input: Schema;
  output: Schema;
  /** Method, URI and status, where the protocol is REST. */
  http?: [method: string, uri: string, status: number];
}

export interface ErrorShape {
  /** Class name in the client, `DBInstanceNotFoundFault`. */
  name: string;
  /** Code in query protocols, `DBInstanceNotFound`. */
  code: string;
  status?: number;
  schema: Schema;
}

export interface Service {
  signingName: string;
  /** Smithy id of the client's protocol, e.g. `aws.protocols#awsQuery`. */
  protocol: string;
  /** Answers carry `x-amzn-query-error` although the protocol isn't query any more. */
  queryCompatible: boolean;
  namespace: string;
  xmlNamespace: string;
  codecs: Codecs;
  operations: ReadonlyMap<string, Operation>;
  errors: readonly ErrorShape[];
  /** By query code or class name. */
  error(code: string): ErrorShape | undefined;
}

/** The parts of a constructed client's configuration that describe its wire form. */
interface ClientConfig {
  defaultSigningName: string;
  protocol: { getShapeId(): string };
  protocolSettings: { defaultNamespace: string; xmlNamespace?: string; version: string; awsQueryCompatible?: boolean };
}
type ClientClass = new (config: { region: string }) => { config: ClientConfig; destroy(): void };

export const signingNameOf = (client: string): string => {
  const known = clients[client];
  if (!known) throw new Error(`no SDK client ${client} is served; served are ${servableClients.join(', ')}`);
  return known.signingName;
};

export async function loadService(client: string): Promise<Service> {
  const signingName = signingNameOf(client);
  const exports: Record<string, unknown> = { ...(await clients[client]?.load()) };
  const { protocol, protocolSettings } = configOf(exports);
  const { defaultNamespace: namespace, version, awsQueryCompatible } = protocolSettings;
  const xmlNamespace = protocolSettings.xmlNamespace ?? `http://${signingName}.amazonaws.com/doc/${version}/`;
  const shapes = Object.values(exports);
  const errors = shapes.filter(isError).map(errorOf);
  const byName = new Map([
    ...errors.map((error) => [error.code, error] as const),
    ...errors.map((error) => [error.name, error] as const),
  ]);
  return {
    signingName,
    protocol: protocol.getShapeId(),
    queryCompatible: awsQueryCompatible === true,
    namespace,
    xmlNamespace,
    codecs: codecsFor(xmlNamespace, namespace, protocol.getShapeId() === 'aws.protocols#restXml'),
    operations: new Map(shapes.filter(isOperation).map((shape) => [shape[2], operationOf(shape)])),
    errors,
    error: (code) => byName.get(code),
  };
}

function configOf(exports: Record<string, unknown>): ClientConfig {
  const name = Object.keys(exports).find((key) => /^[A-Z].*Client$/.test(key));
  if (name === undefined) throw new Error('the package exports no client');
  const client = new (exports[name] as ClientClass)({ region: 'us-east-1' });
  client.destroy();
  return client.config;
}

const operationOf = ([, , name, traits, input, output]: StaticOperation): Operation => ({
  name,
  input: schemaOf(input as SchemaRef),
  output: schemaOf(output as SchemaRef),
  http: typeof traits === 'object' ? traits.http : undefined,
});

function errorOf(shape: StaticStructure): ErrorShape {
  const schema = schemaOf(shape as SchemaRef);
  const { awsQueryError, httpError } = traitsOf(schema);
  const name = shape[2];
  return { name, code: awsQueryError?.[0] ?? name, status: awsQueryError?.[1] ?? httpError, schema };
}
