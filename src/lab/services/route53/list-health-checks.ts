/** ListHealthChecks by page, in order of their ids. */
import type { ListHealthChecksCommandInput, ListHealthChecksCommandOutput } from '@aws-sdk/client-route-53';
import type { Handler } from '../../wire/handler.ts';
import { route53State } from '../../world/route53.ts';
import type { World } from '../../world.ts';
import { healthCheckShape } from './health-check-shape.ts';
import { compareText } from './records.ts';

export const listHealthChecks =
  (world: World): Handler<ListHealthChecksCommandInput, ListHealthChecksCommandOutput> =>
  ({ Marker = '', MaxItems }, call) => {
    const limit = Math.min(MaxItems ?? 100, 100);
    const checks = Object.values(route53State(world, call).healthChecks)
      .sort((a, b) => compareText(a.id, b.id))
      .filter(({ id }) => id >= Marker);
    const next = checks[limit];
    return {
      HealthChecks: checks.slice(0, limit).map(healthCheckShape),
      Marker,
      IsTruncated: next !== undefined,
      NextMarker: next?.id,
      MaxItems: limit,
    };
  };
