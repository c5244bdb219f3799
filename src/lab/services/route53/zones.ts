/** Hosted zones in the words of the API. */
import type { HostedZone as HostedZoneShape } from '@aws-sdk/client-route-53';
import type { HostedZone } from '../../world/route53.ts';

export const zoneShape = (zone: HostedZone): HostedZoneShape => ({
  Id: `/hostedzone/${zone.id}`,
  Name: zone.name,
  CallerReference: zone.callerReference,
  Config: { Comment: zone.comment, PrivateZone: false },
  ResourceRecordSetCount: zone.records.length,
});
