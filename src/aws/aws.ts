/**
 * The funnel to AWS, as the rest of firedrill sees it: `aws.in(place).rds.promoteReadReplica({...})`. Every call goes through
 * ownership check, refusals, roles, retries, time limits and counting; nobody else imports an SDK.
 *
 * A write whose answer never came throws `IndeterminateError` and is not sent again: only reading can tell what became of it.
 */
import type { AutoScaling } from '@aws-sdk/client-auto-scaling';
import type { CloudWatch } from '@aws-sdk/client-cloudwatch';
import type { EC2 } from '@aws-sdk/client-ec2';
import type { ElasticLoadBalancingV2 } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { RDS } from '@aws-sdk/client-rds';
import type { Route53 } from '@aws-sdk/client-route-53';
import type { S3 } from '@aws-sdk/client-s3';
import type { SSM } from '@aws-sdk/client-ssm';
import type { SecretsManager } from '@aws-sdk/client-secrets-manager';
import type { SQS } from '@aws-sdk/client-sqs';
import type { STS } from '@aws-sdk/client-sts';

/** Where a call goes and as whom. */
export interface Place {
  /** Checked with STS before anything else is called there. */
  account: string;
  region: string;
  /** Role name or ARN to assume; absent: the credentials as they are. */
  role?: string;
  externalId?: string;
}

export interface CallOptions {
  /** Ends a read at once. A write that was sent is waited for; the signal only keeps it from being sent (again). */
  signal?: AbortSignal;
}

/** A client's operations as plain functions: `(input) => Promise<output>`. */
export type CallsOf<Client> = {
  [
    Name in keyof Client as Name extends Machinery ? never : Client[Name] extends Operation ? Name : never
  ]: Client[Name] extends {
    (input: infer Input, options?: infer _Options): Promise<infer Output>;
    (input: infer _Input2, callback: infer _Callback): void;
    (input: infer _Input3, options: infer _Options3, callback: infer _Callback3): void;
  }
    ? (input: Input, options?: CallOptions) => Promise<Output>
    : never;
};

/** What clients have besides operations. */
type Machinery = 'send' | 'destroy' | 'config' | 'middlewareStack';
type Operation = (...args: never) => unknown;

/** The services by the names that actions use. */
export interface Services {
  autoscaling: CallsOf<AutoScaling>;
  cloudwatch: CallsOf<CloudWatch>;
  ec2: CallsOf<EC2>;
  elbv2: CallsOf<ElasticLoadBalancingV2>;
  rds: CallsOf<RDS>;
  route53: CallsOf<Route53>;
  s3: CallsOf<S3>;
  secretsmanager: CallsOf<SecretsManager>;
  sqs: CallsOf<SQS>;
  ssm: CallsOf<SSM>;
  sts: CallsOf<STS>;
}
export type ServiceName = keyof Services;

/** A request to S3 that somebody without credentials may make. */
export interface SignedRequest {
  method: 'GET' | 'PUT';
  bucket: string;
  key: string;
  /** Only of a GET. Default: the current version at the time of the request. */
  versionId?: string;
  /** For how long it shall be good, milliseconds. AWS allows seven days. */
  forMs: number;
}

/** Whoever has the URL may make the request: it is a secret. */
export interface SignedUrl {
  url: string;
  /** How long it is good from now on, milliseconds. Less than was asked when the session that signs it ends sooner. */
  goodForMs: number;
}

/** One request, as hooks and refusals see it. */
export interface AwsCall {
  service: ServiceName;
  /** As AWS names it: `PromoteReadReplica`. */
  operation: string;
  account: string;
  /** ARN of the role that it is made as; absent: the credentials as they are. */
  role?: string;
  /** Region whose control plane answers: `us-east-1` for Route 53, wherever the drill's location is. */
  region: string;
  /** Nothing is changed by it: it may be repeated at will. */
  read: boolean;
  step?: string;
  input: unknown;
}

/** What one user of the funnel adds to its calls. */
export interface AwsView {
  /** The step that the calls belong to. */
  step?: string;
  /** Awaited just before every request; throws when the run is driven by another process. */
  guard?(): Promise<void>;
  /** Told of every request that is sent. */
  countCall?(call: AwsCall): void;
  /** Gives the reason for which a call must not be made, such as a region that is assumed to be gone. */
  refuse?(call: AwsCall): Error | undefined;
}

/** Fault points around every request, for tests: `before` may throw, `after` may throw to lose an answer. */
export interface CallPoints {
  before?(call: AwsCall): Promise<void> | void;
  after?(call: AwsCall): Promise<void> | void;
}

export interface Aws {
  in(place: Place): Services;
  /** Signs a request as the place's role, whose session is renewed first if it ends too soon. Nothing is asked of S3. */
  presign(place: Place, request: SignedRequest): Promise<SignedUrl>;
  /** The same funnel (clients, sessions, checked accounts) with other hooks. */
  for(view: AwsView): Aws;
  /** Closes idle connections. */
  close(): void;
}
