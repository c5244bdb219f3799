/** UpdateHealthCheck: members that are not given stay. A version makes it a compare-and-change. */
import type { UpdateHealthCheckCommandInput, UpdateHealthCheckCommandOutput } from '@aws-sdk/client-route-53';
import { AwsError } from '../../wire/handler.ts';
import type { Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import { requireCheck } from './find.ts';
import { configOf, configured, healthCheckShape } from './health-check-shape.ts';

export const updateHealthCheck =
  (world: World): Handler<UpdateHealthCheckCommandInput, UpdateHealthCheckCommandOutput> =>
  (input, call) => {
    const check = requireCheck(world, call, input.HealthCheckId);
    if (input.HealthCheckVersion !== undefined && input.HealthCheckVersion !== check.version)
      throw new AwsError(
        'HealthCheckVersionMismatch',
        `The value of HealthCheckVersion in the request doesn't match the value of HealthCheckVersion in the health check.`,
        409,
      );
    const { HealthCheckId: _id, HealthCheckVersion: _version, ResetElements = [], ...given } = input;
    const now = configOf(check);
    const changes = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
    const wanted = configured({ ...now, ...changes });
    if (ResetElements.includes('ResourcePath')) wanted.path = '/';
    if (ResetElements.includes('FullyQualifiedDomainName')) delete wanted.fqdn;
    delete check.fqdn;
    delete check.ipAddress;
    Object.assign(check, wanted, { version: check.version + 1, against: 0 });
    return { HealthCheck: healthCheckShape(check) };
  };
