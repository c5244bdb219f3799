/** Finding what a call names, with Route 53's errors where it isn't there. */
import { AwsError } from '../../wire/handler.ts';
import { route53State } from '../../world/route53.ts';
import type { HealthCheck, HostedZone } from '../../world/route53.ts';
import type { Scope, World } from '../../world.ts';

export const invalidInput = (message: string): AwsError => new AwsError('InvalidInput', message);

export function requireZone(world: World, scope: Scope, id: string | undefined): HostedZone {
  const wanted = (id ?? '').replace(/^\/?hostedzone\//, '');
  const zone = route53State(world, scope).zones[wanted];
  if (zone === undefined) throw new AwsError('NoSuchHostedZone', `No hosted zone found with ID: ${wanted}`, 404);
  return zone;
}

export function requireCheck(world: World, scope: Scope, id: string | undefined): HealthCheck {
  const check = route53State(world, scope).healthChecks[id ?? ''];
  if (check === undefined) throw new AwsError('NoSuchHealthCheck', `A health check with id ${id} does not exist.`, 404);
  return check;
}
