/** GetHealthCheck. */
import type { GetHealthCheckCommandInput, GetHealthCheckCommandOutput } from '@aws-sdk/client-route-53';
import type { Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import { requireCheck } from './find.ts';
import { healthCheckShape } from './health-check-shape.ts';

export const getHealthCheck =
  (world: World): Handler<GetHealthCheckCommandInput, GetHealthCheckCommandOutput> =>
  ({ HealthCheckId }, call) => ({ HealthCheck: healthCheckShape(requireCheck(world, call, HealthCheckId)) });
