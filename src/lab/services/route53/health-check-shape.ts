/** Health checks: from the API's configuration to the state and back. */
import type { HealthCheck as HealthCheckShape, HealthCheckConfig } from '@aws-sdk/client-route-53';
import type { HealthCheck } from '../../world/route53.ts';
import { invalidInput } from './find.ts';

type Configured = Omit<
  HealthCheck,
  'id' | 'callerReference' | 'version' | 'endpointHealthy' | 'against' | 'lastSaid' | 'lastCheckedAt' | 'tags'
>;

/** @throws AwsError InvalidInput for what a check of its type can't be */
export function configured(config: HealthCheckConfig): Configured {
  const { Type: type, IPAddress, FullyQualifiedDomainName, AlarmIdentifier, SearchString } = config;
  if (type !== 'HTTP' && type !== 'HTTP_STR_MATCH' && type !== 'TCP' && type !== 'CLOUDWATCH_METRIC')
    throw invalidInput(`The lab has no health checks of type ${String(type)}.`);
  if (type === 'CLOUDWATCH_METRIC') {
    if (AlarmIdentifier?.Name === undefined || AlarmIdentifier.Region === undefined)
      throw invalidInput('Invalid parameter : AlarmIdentifier must be specified for CLOUDWATCH_METRIC health checks');
  } else if (IPAddress === undefined && FullyQualifiedDomainName === undefined)
    throw invalidInput(`Invalid parameter : Neither FQDN nor IPAddress is specified for health check type ${type}`);
  if (type === 'HTTP_STR_MATCH' && SearchString === undefined)
    throw invalidInput('Invalid parameter : SearchString must be specified for HTTP_STR_MATCH');
  const intervalSeconds = config.RequestInterval ?? 30;
  if (intervalSeconds !== 10 && intervalSeconds !== 30)
    throw invalidInput('Invalid parameter : RequestInterval must be 10 or 30');
  const failureThreshold = within(config.FailureThreshold ?? 3, 1, 10, 'FailureThreshold');
  return {
    type,
    ...(IPAddress === undefined ? {} : { ipAddress: IPAddress }),
    ...(FullyQualifiedDomainName === undefined ? {} : { fqdn: FullyQualifiedDomainName }),
    port: within(config.Port ?? 80, 1, 65_535, 'Port'),
    path: config.ResourcePath ?? '/',
    ...(SearchString === undefined ? {} : { searchString: SearchString }),
    intervalSeconds,
    failureThreshold,
    inverted: config.Inverted ?? false,
    disabled: config.Disabled ?? false,
    ...(AlarmIdentifier?.Name === undefined || AlarmIdentifier.Region === undefined
      ? {}
      : { alarm: { region: AlarmIdentifier.Region, name: AlarmIdentifier.Name } }),
    whileInsufficientData: config.InsufficientDataHealthStatus ?? 'LastKnownStatus',
  };
}

export function within(value: number, min: number, max: number, parameter: string): number {
  if (value < min || value > max)
    throw invalidInput(`Invalid parameter : ${parameter} must be between ${min} and ${max}`);
  return value;
}

export function configOf(check: HealthCheck): HealthCheckConfig {
  const { type, alarm } = check;
  const shared = { Type: type, Inverted: check.inverted, Disabled: check.disabled };
  if (type === 'CLOUDWATCH_METRIC')
    return {
      ...shared,
      AlarmIdentifier: alarm && { Region: alarm.region as 'us-east-1', Name: alarm.name },
      InsufficientDataHealthStatus: check.whileInsufficientData,
    };
  return {
    ...shared,
    IPAddress: check.ipAddress,
    FullyQualifiedDomainName: check.fqdn,
    Port: check.port,
    ResourcePath: type === 'TCP' ? undefined : check.path,
    SearchString: check.searchString,
    RequestInterval: check.intervalSeconds,
    FailureThreshold: check.failureThreshold,
    MeasureLatency: false,
    EnableSNI: false,
  };
}

export const healthCheckShape = (check: HealthCheck): HealthCheckShape => ({
  Id: check.id,
  CallerReference: check.callerReference,
  HealthCheckConfig: configOf(check),
  HealthCheckVersion: check.version,
});
