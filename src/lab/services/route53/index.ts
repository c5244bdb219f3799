/** Route 53: public hosted zones, changes, health checks. */
import type { ServiceEmulation } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import { registerPropagation } from './change-resource-record-sets.ts';
import { registerChecking } from './checking.ts';
import { changeResourceRecordSets } from './change-resource-record-sets.ts';
import { createHealthCheck } from './create-health-check.ts';
import { deleteHealthCheck } from './delete-health-check.ts';
import { getChange } from './get-change.ts';
import { getHealthCheckStatus } from './get-health-check-status.ts';
import { getHealthCheck } from './get-health-check.ts';
import { getHostedZone } from './get-hosted-zone.ts';
import { listHealthChecks } from './list-health-checks.ts';
import { listHostedZonesByName } from './list-hosted-zones-by-name.ts';
import { listHostedZones } from './list-hosted-zones.ts';
import { listResourceRecordSets } from './list-resource-record-sets.ts';
import { updateHealthCheck } from './update-health-check.ts';

export function route53(world: World): ServiceEmulation {
  registerPropagation(world);
  registerChecking(world);
  return {
    client: 'route-53',
    operations: {
      ChangeResourceRecordSets: changeResourceRecordSets(world),
      CreateHealthCheck: createHealthCheck(world),
      DeleteHealthCheck: deleteHealthCheck(world),
      GetChange: getChange(world),
      GetHealthCheckStatus: getHealthCheckStatus(world),
      GetHealthCheck: getHealthCheck(world),
      GetHostedZone: getHostedZone(world),
      ListHealthChecks: listHealthChecks(world),
      ListHostedZonesByName: listHostedZonesByName(world),
      ListHostedZones: listHostedZones(world),
      ListResourceRecordSets: listResourceRecordSets(world),
      UpdateHealthCheck: updateHealthCheck(world),
    },
  };
}
