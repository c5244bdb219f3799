/** Which instances a call on targets means. */
import type { TargetDescription } from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsError } from '../../wire/handler.ts';
import { ec2State } from '../../world/ec2.ts';
import type { TargetGroup } from '../../world/elbv2.ts';
import type { Scope, World } from '../../world.ts';
import { validation } from './find.ts';

/** @throws AwsError InvalidTarget for instances that aren't there, or elsewhere */
export function requireInstanceTargets(
  world: World,
  scope: Scope,
  group: TargetGroup,
  targets: readonly TargetDescription[] | undefined,
): { instanceId: string; port: number }[] {
  if (targets === undefined || targets.length === 0) throw validation('At least one target must be specified');
  const { instances, subnets } = ec2State(world, scope);
  return targets.map(({ Id = '', Port = group.port }) => {
    const instance = instances[Id];
    if (instance === undefined)
      throw new AwsError('InvalidTarget', `The following targets are not in a running state or don't exist: '${Id}'`);
    if (subnets[instance.subnetId]?.vpcId !== group.vpcId)
      throw new AwsError(
        'InvalidTarget',
        `The following targets are not in the target group VPC '${group.vpcId}': '${Id}'`,
      );
    return { instanceId: Id, port: Port };
  });
}
