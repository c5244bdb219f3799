/**
 * Target `route53/record`: exactly one record set, found in the most specific public zone that covers its name.
 * Weighted and failover records share a name; `setIdentifier` tells them apart.
 */
import type { HostedZone, ResourceRecordSet } from '@aws-sdk/client-route-53';
import { z } from 'zod';
import type { Aws, Place } from '../../../aws/aws.ts';
import { choice, text } from '../../../domain/fields.ts';
import { FiredrillError } from '../../../domain/errors.ts';
import { defineTarget } from '../target.ts';
import { domainName } from '../written.ts';

/** Types of records that say where a name is. */
const addressTypes = ['A', 'AAAA', 'CNAME'] as const;

export const record = defineTarget({
  spec: {
    type: 'route53/record',
    describes: 'A record set (A, AAAA, CNAME or alias) in a public hosted zone',
    params: z.strictObject({
      name: domainName('its domain name'),
      setIdentifier: text('which one, of weighted or failover records of one name').optional(),
      recordType: choice(addressTypes, 'which one, where a name has records of several types').optional(),
    }),
    facts: { zoneId: 'hosted zone', recordType: 'A, AAAA or CNAME', ttl: 'seconds; aliases have none' },
  },
  reads: ['route53:ListHostedZonesByName', 'route53:ListResourceRecordSets'],
  async find(aws, select, place) {
    const name = absolute(select.name);
    const zone = await zoneOf(aws, name, place);
    if (!zone) return [];
    const sets = (await setsAt(aws, zone.id, name, place)).filter(
      (set) =>
        addressTypes.some((type) => type === set.Type) &&
        (select.recordType === undefined || set.Type === select.recordType) &&
        (select.setIdentifier === undefined || set.SetIdentifier === select.setIdentifier),
    );
    if (sets.length > 1) throw ambiguous(select.name, sets);
    return sets.map((set) => ({
      id: name,
      arn: `arn:aws:route53:::hostedzone/${zone.id}`,
      facts: {
        zoneId: zone.id,
        zoneName: zone.name,
        recordType: set.Type,
        setIdentifier: set.SetIdentifier,
        ttl: set.TTL,
        alias: set.AliasTarget?.DNSName,
        values: set.ResourceRecords?.map((value) => value.Value!),
        weight: set.Weight,
        failover: set.Failover,
      },
    }));
  },
});

const absolute = (name: string): string => `${name.toLowerCase().replace(/\.$/, '')}.`;

/** The zone with the longest name that `name` lies in. Private zones are seen by nobody outside their VPCs. */
async function zoneOf(aws: Aws, name: string, place: Place): Promise<{ id: string; name: string } | undefined> {
  const { route53 } = aws.in(place);
  const labels = name.split('.');
  for (let i = 0; i < labels.length - 1; i += 1) {
    const candidate = labels.slice(i).join('.');
    const { HostedZones = [] } = await route53.listHostedZonesByName({ DNSName: candidate, MaxItems: 10 });
    const zone = HostedZones.find((found: HostedZone) => found.Name === candidate && !found.Config?.PrivateZone);
    if (zone) return { id: zone.Id!.replace(/^\/hostedzone\//, ''), name: candidate };
  }
  return undefined;
}

async function setsAt(aws: Aws, zoneId: string, name: string, place: Place): Promise<ResourceRecordSet[]> {
  const { ResourceRecordSets = [] } = await aws
    .in(place)
    .route53.listResourceRecordSets({ HostedZoneId: zoneId, StartRecordName: name, MaxItems: 100 });
  return ResourceRecordSets.filter((set) => set.Name === name);
}

const ambiguous = (name: string, sets: readonly ResourceRecordSet[]): FiredrillError =>
  new FiredrillError('record-ambiguous', `${name} has ${sets.length} record sets`, {
    expected: 'one',
    found: sets.map((set) => [set.Type, set.SetIdentifier].filter(Boolean).join(' ')).join(', '),
    remedy: 'Name one with setIdentifier (weighted, failover) or recordType.',
  });
