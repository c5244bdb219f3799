/** GetHealthCheckStatus: what the checkers said last. `Inverted` and `Disabled` don't change what they say. */
import type { GetHealthCheckStatusCommandInput, GetHealthCheckStatusCommandOutput } from '@aws-sdk/client-route-53';
import type { Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import { invalidInput, requireCheck } from './find.ts';

const checkers = [
  { Region: 'eu-west-1', IPAddress: '54.228.16.0' },
  { Region: 'us-east-1', IPAddress: '54.243.31.192' },
  { Region: 'us-west-2', IPAddress: '54.244.52.192' },
] as const;

export const getHealthCheckStatus =
  (world: World): Handler<GetHealthCheckStatusCommandInput, GetHealthCheckStatusCommandOutput> =>
  ({ HealthCheckId }, call) => {
    const { type, lastCheckedAt, lastSaid } = requireCheck(world, call, HealthCheckId);
    if (type === 'CLOUDWATCH_METRIC')
      throw invalidInput('GetHealthCheckStatus is not available for health checks of type CLOUDWATCH_METRIC');
    const StatusReport =
      lastCheckedAt === undefined ? undefined : { Status: lastSaid, CheckedTime: new Date(lastCheckedAt) };
    return {
      HealthCheckObservations:
        StatusReport === undefined ? [] : checkers.map((checker) => ({ ...checker, StatusReport })),
    };
  };
