/**
 * Where a restored database stands. A script that names another host than its own would have the drill verify whatever stands
 * there, so a host is believed only where EC2 says that it is the instance's, or the drill says that it shall be there.
 */
import type { Instance } from '@aws-sdk/client-ec2';
import { FiredrillError } from '../../domain/errors.ts';
import type { ResolvedTarget } from '../../domain/plan.ts';
import { onlyItem, textOf } from '../places.ts';
import type { ReadyDatabase } from './ready-signal.ts';

/** Every address and name that EC2 knows of an instance, on all of its interfaces. */
export function hostsOf({ NetworkInterfaces = [], ...instance }: Instance): string[] {
  const { PrivateIpAddress, PublicIpAddress, PrivateDnsName, PublicDnsName, Ipv6Address } = instance;
  const addresses = NetworkInterfaces.flatMap(({ PrivateIpAddresses = [] }) => PrivateIpAddresses);
  const outside = [...NetworkInterfaces, ...addresses].flatMap(({ Association }) => Association ?? []);
  const found = [
    PrivateIpAddress,
    PublicIpAddress,
    PrivateDnsName,
    PublicDnsName,
    Ipv6Address,
    ...addresses.flatMap((each) => [each.PrivateIpAddress, each.PrivateDnsName]),
    ...outside.flatMap((each) => [each.PublicIp, each.PublicDnsName]),
    ...NetworkInterfaces.flatMap(({ Ipv6Addresses = [] }) => Ipv6Addresses.map((each) => each.Ipv6Address)),
  ];
  return [...new Set(found.flatMap((host) => (host ? [canonicalHost(host)] : [])))];
}

/** Names are alike in any case, with or without the dot at their end. */
export const canonicalHost = (host: string): string => host.toLowerCase().replace(/\.$/, '');

/** @throws FiredrillError `signal-other-host` when the script names a place that isn't where the drill has the database stand */
export function mustStandAt(standsAt: ResolvedTarget, { host, port }: ReadyDatabase): void {
  const { facts } = onlyItem(standsAt);
  const [endpoint, declaredPort] = [textOf(facts['endpoint']), textOf(facts['port'])];
  const isThere = host === undefined || canonicalHost(host) === canonicalHost(endpoint);
  if (isThere && declaredPort === String(port)) return;
  throw otherHost(`${host ?? endpoint}:${port}`, `${endpoint}:${declaredPort}, where ${standsAt.name} is`);
}

/** @throws FiredrillError `signal-other-host` when the script names a host that isn't its own */
export function mustBeOwn(host: string, id: string, own: readonly string[]): void {
  if (own.includes(canonicalHost(host))) return;
  throw otherHost(host, own.length === 0 ? `an address of ${id}` : `an address of ${id} (${own.join(', ')})`);
}

const otherHost = (found: string, expected: string): FiredrillError =>
  new FiredrillError('signal-other-host', `the script reports a database at ${found}, which is not ${expected}`, {
    expected,
    found,
    remedy:
      'Leave host out of the report. Where the database is restored onto another server, declare that as a target of type sql/database and name it with standsAt.',
    provesNothing: true,
  });
