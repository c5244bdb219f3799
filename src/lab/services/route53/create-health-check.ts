/** CreateHealthCheck: the caller reference makes it once only. A new check is healthy until it finds otherwise. */
import type { CreateHealthCheckCommandInput, CreateHealthCheckCommandOutput } from '@aws-sdk/client-route-53';
import { canonical } from '../../../domain/json.ts';
import type { Json } from '../../../domain/json.ts';
import { AwsError } from '../../wire/handler.ts';
import type { Handler } from '../../wire/handler.ts';
import { uuid } from '../../world/ids.ts';
import { route53State } from '../../world/route53.ts';
import type { HealthCheck } from '../../world/route53.ts';
import { globally } from '../../world.ts';
import type { World } from '../../world.ts';
import { invalidInput } from './find.ts';
import { configOf, configured, healthCheckShape } from './health-check-shape.ts';

export const createHealthCheck =
  (world: World): Handler<CreateHealthCheckCommandInput, CreateHealthCheckCommandOutput> =>
  ({ CallerReference, HealthCheckConfig }, call) => {
    if (CallerReference === undefined || HealthCheckConfig === undefined)
      throw invalidInput('Invalid parameter : CallerReference and HealthCheckConfig must be specified');
    const { healthChecks } = route53State(world, call);
    const made: HealthCheck = {
      ...configured(HealthCheckConfig),
      id: uuid(world),
      callerReference: CallerReference,
      version: 1,
      endpointHealthy: true,
      against: 0,
      lastSaid: '',
      tags: {},
    };
    const earlier = Object.values(healthChecks).find((check) => check.callerReference === CallerReference);
    if (earlier !== undefined) {
      if (text(earlier) !== text(made))
        throw new AwsError(
          'HealthCheckAlreadyExists',
          'The health check that you are trying to create already exists, with another configuration.',
          409,
        );
      return { HealthCheck: healthCheckShape(earlier), Location: location(earlier) };
    }
    healthChecks[made.id] = made;
    world.after(0, 'route53.check', globally(call), { id: made.id });
    return { HealthCheck: healthCheckShape(made), Location: location(made) };
  };

const text = (check: HealthCheck): string => canonical(configOf(check) as unknown as Json);
const location = ({ id }: HealthCheck): string => `https://route53.amazonaws.com/2013-04-01/healthcheck/${id}`;
