/** State of Route 53: zones as the API shows them and as the name servers answer them, changes, health checks. */
import { defineSlice, globally } from '../world.ts';
import type { World } from '../world.ts';

export interface AliasTarget {
  hostedZoneId: string;
  dnsName: string;
  evaluateTargetHealth: boolean;
}

/** Names are lower case and end in a dot. */
export interface RecordSet {
  name: string;
  type: string;
  setIdentifier?: string;
  weight?: number;
  failover?: 'PRIMARY' | 'SECONDARY';
  ttl?: number;
  values?: string[];
  alias?: AliasTarget;
  healthCheckId?: string;
}

export interface HostedZone {
  /** Without `/hostedzone/`. */
  id: string;
  name: string;
  callerReference: string;
  comment?: string;
  nameServers: string[];
  /** As ListResourceRecordSets shows them: at once after a change. */
  records: RecordSet[];
  /** As the name servers answer them: once the change is INSYNC. */
  served: RecordSet[];
}

export interface Change {
  id: string;
  status: 'PENDING' | 'INSYNC';
  submittedAt: string;
  comment?: string;
}

export interface HealthCheck {
  id: string;
  callerReference: string;
  version: number;
  type: 'HTTP' | 'HTTP_STR_MATCH' | 'TCP' | 'CLOUDWATCH_METRIC';
  ipAddress?: string;
  fqdn?: string;
  port: number;
  path: string;
  searchString?: string;
  intervalSeconds: number;
  failureThreshold: number;
  inverted: boolean;
  disabled: boolean;
  alarm?: { region: string; name: string };
  whileInsufficientData: 'Healthy' | 'Unhealthy' | 'LastKnownStatus';
  /** As the endpoint was found, before `inverted` and `disabled`. */
  endpointHealthy: boolean;
  /** Checks in a row that said the opposite of `endpointHealthy`. */
  against: number;
  lastSaid: string;
  lastCheckedAt?: string;
  tags: Record<string, string>;
}

export interface Route53State {
  /** By id. */
  zones: Record<string, HostedZone>;
  changes: Record<string, Change>;
  healthChecks: Record<string, HealthCheck>;
}

const slice = defineSlice<Route53State>('route53', () => ({ zones: {}, changes: {}, healthChecks: {} }));

export const route53State = (world: World, scope: { account: string }): Route53State => slice(world, globally(scope));

/** The accounts that have zones or checks. */
export const route53Accounts = (world: World): string[] => slice.scopes(world).map(({ account }) => account);

/** What a health check says, all told: a disabled one is healthy, an inverted one says the opposite. */
export const isHealthy = (check: HealthCheck): boolean => check.disabled || check.endpointHealthy !== check.inverted;

/** Lower case with a final dot. */
export const fullName = (name: string): string => `${name.toLowerCase().replace(/\.$/, '')}.`;
