/** Record sets: from the API's form to the state's and back, which must be well-formed, and in which order they are listed. */
import type { ResourceRecordSet } from '@aws-sdk/client-route-53';
import { fullName } from '../../world/route53.ts';
import type { RecordSet } from '../../world/route53.ts';
import { invalidInput } from './find.ts';

/** The API writes `*` as an octal escape; both forms are taken. */
const nameIn = (name: string): string => fullName(name.replaceAll('\\052', '*'));
export const nameOut = (name: string): string => name.replaceAll('*', '\\052');

/** @throws AwsError InvalidInput where the members don't go together */
export function recordIn(action: string, set: ResourceRecordSet): RecordSet {
  const { Name = '', Type = '', SetIdentifier, Weight, Failover, TTL, ResourceRecords, AliasTarget } = set;
  const where = `Change with [Action=${action}, Name=${Name}, Type=${Type}, SetIdentifier=${SetIdentifier ?? 'null'}]`;
  const plain = TTL !== undefined && ResourceRecords !== undefined && ResourceRecords.length > 0;
  const one = 'Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId]';
  if (AliasTarget === undefined && !plain) throw invalidInput(`Invalid request: ${one}, but found none in ${where}`);
  if (AliasTarget !== undefined && (TTL !== undefined || (ResourceRecords ?? []).length > 0))
    throw invalidInput(`Invalid request: ${one}, but found more than one in ${where}`);
  const routed = [Weight, Failover, set.Region, set.GeoLocation, set.MultiValueAnswer].filter(
    (each) => each !== undefined,
  );
  if (SetIdentifier !== undefined && routed.length === 0)
    throw invalidInput(
      `Invalid request: Missing field 'Weight', 'Region', 'Failover', 'GeoLocation', or 'MultiValueAnswer' in ${where}`,
    );
  if (SetIdentifier === undefined && routed.length > 0)
    throw invalidInput(`Invalid request: Missing field 'SetIdentifier' in ${where}`);
  if (set.Region !== undefined || set.GeoLocation !== undefined || set.MultiValueAnswer !== undefined)
    throw invalidInput('The lab routes by weight and failover only.');
  return {
    name: nameIn(Name),
    type: Type,
    ...(SetIdentifier === undefined ? {} : { setIdentifier: SetIdentifier }),
    ...(Weight === undefined ? {} : { weight: Weight }),
    ...(Failover === undefined ? {} : { failover: Failover }),
    ...(TTL === undefined ? {} : { ttl: TTL }),
    ...(plain ? { values: ResourceRecords.map(({ Value = '' }) => Value) } : {}),
    ...(AliasTarget === undefined
      ? {}
      : {
          alias: {
            hostedZoneId: AliasTarget.HostedZoneId ?? '',
            dnsName: fullName(AliasTarget.DNSName ?? ''),
            evaluateTargetHealth: AliasTarget.EvaluateTargetHealth ?? false,
          },
        }),
    ...(set.HealthCheckId === undefined ? {} : { healthCheckId: set.HealthCheckId }),
  };
}

export const recordOut = (record: RecordSet): ResourceRecordSet => ({
  Name: nameOut(record.name),
  Type: record.type as ResourceRecordSet['Type'],
  SetIdentifier: record.setIdentifier,
  Weight: record.weight,
  Failover: record.failover,
  TTL: record.ttl,
  ResourceRecords: record.values?.map((Value) => ({ Value })),
  AliasTarget: record.alias && {
    HostedZoneId: record.alias.hostedZoneId,
    DNSName: record.alias.dnsName,
    EvaluateTargetHealth: record.alias.evaluateTargetHealth,
  },
  HealthCheckId: record.healthCheckId,
});

/** Names are ordered by their labels from the right, then by type, then by set identifier. */
export function compareRecords(a: Position, b: Position): number {
  const key = ({ name }: Position): string => name.split('.').reverse().join('.');
  return (
    compareText(key(a), key(b)) ||
    compareText(a.type ?? '', b.type ?? '') ||
    compareText(a.setIdentifier ?? '', b.setIdentifier ?? '')
  );
}

/** By code unit, not by language. */
export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export interface Position {
  name: string;
  type?: string;
  setIdentifier?: string;
}

export const positionIn = (name: string): string => nameIn(name);
