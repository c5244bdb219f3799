/** ListHostedZonesByName: from a name on, in order of the names' labels from the right. */
import type { ListHostedZonesByNameCommandInput, ListHostedZonesByNameCommandOutput } from '@aws-sdk/client-route-53';
import type { Handler } from '../../wire/handler.ts';
import { route53State } from '../../world/route53.ts';
import type { World } from '../../world.ts';
import { invalidInput } from './find.ts';
import { compareRecords, positionIn } from './records.ts';
import { zoneShape } from './zones.ts';

export const listHostedZonesByName =
  (world: World): Handler<ListHostedZonesByNameCommandInput, ListHostedZonesByNameCommandOutput> =>
  ({ DNSName, HostedZoneId, MaxItems }, call) => {
    if (HostedZoneId !== undefined && DNSName === undefined)
      throw invalidInput('The input is not valid: a hosted zone id needs a DNS name to start from');
    const limit = Math.min(MaxItems ?? 100, 100);
    const start = DNSName === undefined ? undefined : { name: positionIn(DNSName) };
    const zones = Object.values(route53State(world, call).zones)
      .sort((a, b) => compareRecords({ name: a.name, type: a.id }, { name: b.name, type: b.id }))
      .filter((zone) => start === undefined || compareRecords({ name: zone.name }, start) >= 0)
      .filter((zone) => HostedZoneId === undefined || zone.name !== start?.name || zone.id >= HostedZoneId);
    const next = zones[limit];
    return {
      HostedZones: zones.slice(0, limit).map(zoneShape),
      DNSName,
      HostedZoneId,
      IsTruncated: next !== undefined,
      NextDNSName: next?.name,
      NextHostedZoneId: next?.id,
      MaxItems: limit,
    };
  };
