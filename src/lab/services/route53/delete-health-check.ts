/** DeleteHealthCheck: also while records use it, which then count as healthy, as on AWS. */
import type { DeleteHealthCheckCommandInput, DeleteHealthCheckCommandOutput } from '@aws-sdk/client-route-53';
import type { Handler } from '../../wire/handler.ts';
import { route53State } from '../../world/route53.ts';
import type { World } from '../../world.ts';
import { requireCheck } from './find.ts';

export const deleteHealthCheck =
  (world: World): Handler<DeleteHealthCheckCommandInput, DeleteHealthCheckCommandOutput> =>
  ({ HealthCheckId }, call) => {
    const { id } = requireCheck(world, call, HealthCheckId);
    delete route53State(world, call).healthChecks[id];
    return {};
  };
