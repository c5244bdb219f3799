/**
 * What a change batch makes of a zone's records, or everything that is wrong with it: all or nothing. Changes apply in order, so
 * that a DELETE makes room for the CREATE after it. DELETE takes only what is there exactly: the way to roll back so that a third
 * party's edit makes it fail. Pure.
 */
import { isIPv4, isIPv6 } from 'node:net';
import type { RecordSet } from '../../world/route53.ts';

export interface RecordChange {
  action: 'CREATE' | 'DELETE' | 'UPSERT';
  record: RecordSet;
}

export interface ZoneView {
  id: string;
  name: string;
  records: readonly RecordSet[];
}

export function applyBatch(
  zone: ZoneView,
  changes: readonly RecordChange[],
): { records: RecordSet[]; problems: string[] } {
  let records = [...zone.records];
  const problems: string[] = [];
  for (const { action, record } of changes) {
    const found = records.find((each) => sameIdentity(each, record));
    const problem =
      action === 'DELETE'
        ? deletionProblem(zone, found, record)
        : (misplaced(zone, record) ?? malformed(record) ?? additionProblem(zone, records, found, action, record));
    if (problem !== undefined) {
      problems.push(problem);
      continue;
    }
    records = records.filter((each) => each !== found);
    if (action !== 'DELETE') records.push(record);
  }
  return { records: problems.length > 0 ? [...zone.records] : records, problems };
}

const sameIdentity = (a: RecordSet, b: RecordSet): boolean =>
  a.name === b.name && a.type === b.type && a.setIdentifier === b.setIdentifier;

const titled = ({ name, type, setIdentifier }: RecordSet): string =>
  `[name='${name}', type='${type}'${setIdentifier === undefined ? '' : `, set-identifier='${setIdentifier}'`}]`;

function deletionProblem(zone: ZoneView, found: RecordSet | undefined, record: RecordSet): string | undefined {
  if (found === undefined) return `Tried to delete resource record set ${titled(record)} but it was not found`;
  if (!sameRecord(found, record))
    return `Tried to delete resource record set ${titled(record)} but the values provided do not match the current values`;
  if (record.name !== zone.name) return undefined;
  if (record.type === 'SOA') return 'A HostedZone must contain exactly one SOA record.';
  if (record.type === 'NS') return 'A HostedZone must contain at least one NS record for the zone itself.';
  return undefined;
}

/** Every member counts; the values' order doesn't. */
function sameRecord(a: RecordSet, b: RecordSet): boolean {
  const alias = (record: RecordSet) => JSON.stringify(record.alias ?? null);
  const values = (record: RecordSet) => JSON.stringify([...(record.values ?? [])].sort());
  return (
    a.ttl === b.ttl &&
    a.weight === b.weight &&
    a.failover === b.failover &&
    a.healthCheckId === b.healthCheckId &&
    alias(a) === alias(b) &&
    values(a) === values(b)
  );
}

function misplaced(zone: ZoneView, { name, type }: RecordSet): string | undefined {
  if (name !== zone.name && !name.endsWith(`.${zone.name}`))
    return `RRSet with DNS name ${name} is not permitted in zone ${zone.name}`;
  if (name === zone.name && type === 'CNAME')
    return `RRSet of type CNAME with DNS name ${name} is not permitted at apex in zone ${zone.name}`;
  return undefined;
}

function malformed({ type, values = [] }: RecordSet): string | undefined {
  const fatal = (code: string, why: string, value: string): string =>
    `Invalid Resource Record: 'FATAL problem: ${code} (${why}) encountered with '${value}''`;
  for (const value of values) {
    if (type === 'A' && !isIPv4(value))
      return fatal('ARRDATAIllegalIPv4Address', 'Value is not a valid IPv4 address', value);
    if (type === 'AAAA' && !isIPv6(value))
      return fatal('AAAARRDATAIllegalIPv6Address', 'Value is not a valid IPv6 address', value);
    if (type === 'TXT' && !/^".*"$/s.test(value))
      return fatal('InvalidCharacterString', 'Value should be enclosed in quotation marks', value);
  }
  if (new Set(values).size < values.length) return 'Duplicate Resource Record: a value stands twice';
  if (type === 'CNAME' && values.length > 1) return 'Invalid Resource Record: a CNAME has one value';
  return undefined;
}

function additionProblem(
  zone: ZoneView,
  records: readonly RecordSet[],
  found: RecordSet | undefined,
  action: string,
  record: RecordSet,
): string | undefined {
  const { name, type, setIdentifier, alias } = record;
  if (action === 'CREATE' && found !== undefined)
    return `Tried to create resource record set ${titled(record)} but it already exists`;
  const there = records.filter((each) => each.name === name);
  if (type === 'CNAME' && there.some((each) => each.type !== 'CNAME'))
    return `RRSet of type CNAME with DNS name ${name} is not permitted as it conflicts with other records with the same DNS name in zone ${zone.name}`;
  if (type !== 'CNAME' && there.some((each) => each.type === 'CNAME'))
    return `RRSet of type ${type} with DNS name ${name} is not permitted because a conflicting RRSet of type CNAME with the same DNS name already exists in zone ${zone.name}`;
  const siblings = there.filter((each) => each.type === type && each !== found);
  const suffix = setIdentifier === undefined ? '' : `, SetIdentifier ${setIdentifier}`;
  const policy = ({ weight, failover }: RecordSet) => [weight !== undefined, failover !== undefined].join();
  const taken = siblings.some(
    (each) => policy(each) !== policy(record) || (record.failover !== undefined && each.failover === record.failover),
  );
  if (taken)
    return `RRSet with DNS name ${name}, type ${type}${suffix} cannot be created as other RRSets exist with the same name and type.`;
  if (alias?.hostedZoneId !== zone.id) return undefined;
  if (alias.dnsName !== zone.name && !alias.dnsName.endsWith(`.${zone.name}`))
    return `Tried to create an alias that targets ${alias.dnsName}, type ${type} in zone ${zone.id}, but the alias target name does not lie within the target zone`;
  if (!records.some((each) => each.name === alias.dnsName && each.type === type))
    return `Tried to create an alias that targets ${alias.dnsName}, type ${type} in zone ${zone.id}, but that target was not found`;
  return undefined;
}
