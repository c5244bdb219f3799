/** GetHostedZone with its name servers. */
import type { GetHostedZoneCommandInput, GetHostedZoneCommandOutput } from '@aws-sdk/client-route-53';
import type { Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import { requireZone } from './find.ts';
import { zoneShape } from './zones.ts';

export const getHostedZone =
  (world: World): Handler<GetHostedZoneCommandInput, GetHostedZoneCommandOutput> =>
  ({ Id }, call) => {
    const zone = requireZone(world, call, Id);
    return { HostedZone: zoneShape(zone), DelegationSet: { NameServers: zone.nameServers } };
  };
