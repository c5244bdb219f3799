/**
 * The SDK's clients: which package a service lies in, loaded when it is first called (EC2's alone costs 0.4 s and 90 MB), and
 * how a client is set up. Retries, time limits and errors are the funnel's; clients try once.
 */
import type { S3Client } from '@aws-sdk/client-s3';
import type { Place, ServiceName } from './aws.ts';

/** Keys as the SDK takes them. */
export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
  expiration?: Date;
}

/** What the funnel uses of a client, whatever its service. */
export interface Client {
  send(command: unknown, options: { abortSignal: AbortSignal }): Promise<unknown>;
  destroy(): void;
}
type Constructor<T> = new (argument: never) => T;

interface Package {
  Client: Constructor<Client>;
  /** The package's exports: its command classes are found by operation. */
  exports: object;
}

const packages: Readonly<Record<ServiceName, () => Promise<Package>>> = {
  autoscaling: async () => {
    const sdk = await import('@aws-sdk/client-auto-scaling');
    return { Client: sdk.AutoScalingClient, exports: sdk };
  },
  cloudwatch: async () => {
    const sdk = await import('@aws-sdk/client-cloudwatch');
    return { Client: sdk.CloudWatchClient, exports: sdk };
  },
  ec2: async () => {
    const sdk = await import('@aws-sdk/client-ec2');
    return { Client: sdk.EC2Client, exports: sdk };
  },
  elbv2: async () => {
    const sdk = await import('@aws-sdk/client-elastic-load-balancing-v2');
    return { Client: sdk.ElasticLoadBalancingV2Client, exports: sdk };
  },
  rds: async () => {
    const sdk = await import('@aws-sdk/client-rds');
    return { Client: sdk.RDSClient, exports: sdk };
  },
  route53: async () => {
    const sdk = await import('@aws-sdk/client-route-53');
    return { Client: sdk.Route53Client, exports: sdk };
  },
  s3: async () => {
    const sdk = await import('@aws-sdk/client-s3');
    return { Client: sdk.S3Client, exports: sdk };
  },
  secretsmanager: async () => {
    const sdk = await import('@aws-sdk/client-secrets-manager');
    return { Client: sdk.SecretsManagerClient, exports: sdk };
  },
  sqs: async () => {
    const sdk = await import('@aws-sdk/client-sqs');
    return { Client: sdk.SQSClient, exports: sdk };
  },
  ssm: async () => {
    const sdk = await import('@aws-sdk/client-ssm');
    return { Client: sdk.SSMClient, exports: sdk };
  },
  sts: async () => {
    const sdk = await import('@aws-sdk/client-sts');
    return { Client: sdk.STSClient, exports: sdk };
  },
};

/** Suffix of `AWS_ENDPOINT_URL_<SERVICE>`, as the AWS SDKs define it. */
const endpointVariables: Readonly<Record<ServiceName, string>> = {
  autoscaling: 'AUTO_SCALING',
  cloudwatch: 'CLOUDWATCH',
  ec2: 'EC2',
  elbv2: 'ELASTIC_LOAD_BALANCING_V2',
  rds: 'RDS',
  route53: 'ROUTE_53',
  s3: 'S3',
  secretsmanager: 'SECRETS_MANAGER',
  sqs: 'SQS',
  ssm: 'SSM',
  sts: 'STS',
};

/** Time for a connection to be made. After it, nothing was sent. */
const connectTimeoutMs = 5_000;

/** The endpoint that the environment asks for; absent: the SDK looks at profiles, and else takes AWS's own. */
export function endpointOf(service: ServiceName, env: NodeJS.ProcessEnv): string | undefined {
  if (env['AWS_IGNORE_CONFIGURED_ENDPOINT_URLS'] === 'true') return undefined;
  return env[`AWS_ENDPOINT_URL_${endpointVariables[service]}`] || env['AWS_ENDPOINT_URL'] || undefined;
}

/**
 * The credentials that the environment holds as values; absent: the SDK's own chain (profile, container, instance, ...).
 * As everywhere in AWS, a profile that is named goes before keys in variables.
 */
export function credentialsOf(env: NodeJS.ProcessEnv): Credentials | undefined {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_PROFILE: profile } = env;
  if (!accessKeyId || !secretAccessKey || profile) return undefined;
  return { accessKeyId, secretAccessKey, sessionToken: env['AWS_SESSION_TOKEN'] };
}

/** What the SDK would otherwise read from the process, whatever environment it is given. */
const flagOf = (value: string | undefined): boolean | undefined => (value ? value === 'true' : undefined);

/** Clients by service, account, region and role; made on demand and kept. */
export class Clients {
  readonly #env: NodeJS.ProcessEnv;
  readonly #clients = new Map<string, Promise<Client>>();

  constructor(env: NodeJS.ProcessEnv) {
    this.#env = env;
  }

  /** @param role credentials of the assumed role; absent: the environment's */
  get(service: ServiceName, place: Place, role?: () => Promise<Credentials>): Promise<Client> {
    const key = `${service} ${keyOf(place)}`;
    const known = this.#clients.get(key);
    if (known) return known;
    const made = this.#make(service, place, role);
    this.#clients.set(key, made);
    made.catch(() => this.#clients.delete(key));
    return made;
  }

  /** A client that signs requests to S3 for others, who know nothing of checksums. The caller destroys it. */
  async signer(place: Place, role: Credentials | undefined): Promise<S3Client> {
    const checksums = { requestChecksumCalculation: 'WHEN_REQUIRED', responseChecksumValidation: 'WHEN_REQUIRED' };
    const client: unknown = await this.#make('s3', place, role, checksums);
    return client as S3Client;
  }

  /** Forgets the clients of a place, and with them the credentials that they hold. What they are sending is let finish. */
  forget(place: Place): void {
    for (const key of this.#clients.keys()) {
      if (key.endsWith(` ${keyOf(place)}`)) this.#clients.delete(key);
    }
  }

  close(): void {
    for (const client of this.#clients.values()) destroy(client);
    this.#clients.clear();
  }

  async #make(
    service: ServiceName,
    place: Place,
    role?: Credentials | (() => Promise<Credentials>),
    more: object = {},
  ): Promise<Client> {
    const { Client } = await packages[service]();
    const endpoint = endpointOf(service, this.#env);
    const config = {
      region: place.region,
      endpoint,
      credentials: role ?? credentialsOf(this.#env),
      profile: this.#env['AWS_PROFILE'],
      useFipsEndpoint: flagOf(this.#env['AWS_USE_FIPS_ENDPOINT']),
      useDualstackEndpoint: flagOf(this.#env['AWS_USE_DUALSTACK_ENDPOINT']),
      defaultsMode: this.#env['AWS_DEFAULTS_MODE'] || undefined,
      maxAttempts: 1,
      requestHandler: { connectionTimeout: connectTimeoutMs },
      userAgentAppId: 'firedrill',
      // A bucket's own host name resolves at AWS only.
      ...(service === 's3' && endpoint ? { forcePathStyle: true } : {}),
      ...more,
    };
    return new Client(withoutUndefined(config) as never);
  }
}

const destroy = (client: Promise<Client>): void => {
  client.then(
    (made) => made.destroy(),
    () => {},
  );
};

/** An undefined setting would hide the SDK's default. */
const withoutUndefined = (config: object): object =>
  Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined));

export const keyOf = ({ account, region, role = '', externalId = '' }: Place): string =>
  [account, region, role, externalId].join(' ');

/** The command for an operation, e.g. `PromoteReadReplica`. */
export async function commandFor(service: ServiceName, operation: string, input: unknown): Promise<unknown> {
  const { exports } = await packages[service]();
  const Command = (exports as Readonly<Record<string, Constructor<unknown> | undefined>>)[`${operation}Command`];
  if (!Command) throw new TypeError(`${service} has no operation ${operation}`);
  return new Command(input as never);
}
