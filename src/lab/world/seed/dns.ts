/** Seeds hosted zones, records and health checks; records are on the name servers at once. */
import type { World } from '../../world.ts';
import { alphanumeric, uuid } from '../ids.ts';
import { fullName, route53State } from '../route53.ts';
import type { HealthCheck, HostedZone, RecordSet } from '../route53.ts';

export interface Account {
  account: string;
}

export function createZone(world: World, scope: Account, spec: { name: string }): HostedZone {
  const name = fullName(spec.name);
  const nameServers = ['com', 'net', 'org', 'co.uk'].map((top, i) => `ns-${(i + 1) * 311}.awsdns-${10 + i * 9}.${top}`);
  const soa = `${nameServers[0]}. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400`;
  const records: RecordSet[] = [
    { name, type: 'NS', ttl: 172_800, values: nameServers.map((server) => `${server}.`) },
    { name, type: 'SOA', ttl: 900, values: [soa] },
  ];
  const zone: HostedZone = {
    id: `Z${alphanumeric(world, 20)}`,
    name,
    callerReference: uuid(world),
    nameServers,
    records,
    served: structuredClone(records),
  };
  route53State(world, scope).zones[zone.id] = zone;
  return zone;
}

export function createRecord(zone: HostedZone, record: RecordSet): void {
  const full = { ...record, name: fullName(record.name) };
  if (full.alias !== undefined) full.alias = { ...full.alias, dnsName: fullName(full.alias.dnsName) };
  zone.records.push(full);
  zone.served.push(structuredClone(full));
}

export type HealthCheckSpec = Pick<HealthCheck, 'type' | 'port' | 'path'> &
  Partial<
    Pick<HealthCheck, 'ipAddress' | 'fqdn' | 'inverted' | 'intervalSeconds' | 'failureThreshold' | 'alarm' | 'tags'>
  >;

/** @returns its id. It starts out healthy. */
export function createHealthCheck(world: World, scope: Account, spec: HealthCheckSpec): string {
  const id = uuid(world);
  route53State(world, scope).healthChecks[id] = {
    intervalSeconds: 30,
    failureThreshold: 3,
    inverted: false,
    tags: {},
    ...spec,
    id,
    callerReference: uuid(world),
    version: 1,
    disabled: false,
    whileInsufficientData: 'LastKnownStatus',
    endpointHealthy: true,
    against: 0,
    lastSaid: '',
  };
  world.after(0, 'route53.check', { account: scope.account, region: 'global' }, { id });
  return id;
}
