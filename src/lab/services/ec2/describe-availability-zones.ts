/** DescribeAvailabilityZones: three a region, all available. */
import type {
  DescribeAvailabilityZonesCommandInput,
  DescribeAvailabilityZonesCommandOutput,
} from '@aws-sdk/client-ec2';
import { AwsError } from '../../wire/handler.ts';
import type { Handler } from '../../wire/handler.ts';
import { zoneId, zonesOf } from '../../world/ec2.ts';
import type { World } from '../../world.ts';

export const describeAvailabilityZones =
  (_world: World): Handler<DescribeAvailabilityZonesCommandInput, DescribeAvailabilityZonesCommandOutput> =>
  ({ ZoneNames }, call) => {
    const zones = zonesOf(call.region);
    const wrong = ZoneNames?.find((zone) => !zones.includes(zone));
    if (wrong !== undefined) throw new AwsError('InvalidParameterValue', `Invalid availability zone: [${wrong}]`);
    return {
      AvailabilityZones: (ZoneNames ?? zones).map((zone) => ({
        ZoneName: zone,
        ZoneId: zoneId(call.region, zone),
        RegionName: call.region,
        State: 'available',
        ZoneType: 'availability-zone',
        OptInStatus: 'opt-in-not-required',
        GroupName: call.region,
        NetworkBorderGroup: call.region,
        Messages: [],
      })),
    };
  };
