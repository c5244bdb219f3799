/** ListHostedZones by page, in order of their ids. */
import type { ListHostedZonesCommandInput, ListHostedZonesCommandOutput } from '@aws-sdk/client-route-53';
import type { Handler } from '../../wire/handler.ts';
import { route53State } from '../../world/route53.ts';
import type { World } from '../../world.ts';
import { compareText } from './records.ts';
import { zoneShape } from './zones.ts';

export const listHostedZones =
  (world: World): Handler<ListHostedZonesCommandInput, ListHostedZonesCommandOutput> =>
  ({ Marker, MaxItems }, call) => {
    const limit = Math.min(MaxItems ?? 100, 100);
    const zones = Object.values(route53State(world, call).zones)
      .sort((a, b) => compareText(a.id, b.id))
      .filter(({ id }) => Marker === undefined || id >= Marker);
    const next = zones[limit];
    return {
      HostedZones: zones.slice(0, limit).map(zoneShape),
      Marker,
      IsTruncated: next !== undefined,
      NextMarker: next?.id,
      MaxItems: limit,
    };
  };
