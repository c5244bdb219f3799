/** RegisterTargets: only running instances of the group's VPC. */
import type {
  RegisterTargetsCommandInput,
  RegisterTargetsCommandOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsError } from '../../wire/handler.ts';
import type { Handler } from '../../wire/handler.ts';
import { ec2State } from '../../world/ec2.ts';
import { registerTarget } from '../../world/elbv2.ts';
import type { World } from '../../world.ts';
import { requireTargetGroup } from './find.ts';
import { requireInstanceTargets } from './targets.ts';

export const registerTargets =
  (world: World): Handler<RegisterTargetsCommandInput, RegisterTargetsCommandOutput> =>
  ({ TargetGroupArn, Targets }, call) => {
    const group = requireTargetGroup(world, call, TargetGroupArn);
    const targets = requireInstanceTargets(world, call, group, Targets);
    const { instances } = ec2State(world, call);
    const idle = targets.filter(({ instanceId }) => instances[instanceId]?.state !== 'running');
    if (idle.length > 0)
      throw new AwsError(
        'InvalidTarget',
        `The following targets are not in a running state and cannot be registered: '${idle.map(({ instanceId }) => instanceId).join(', ')}'`,
      );
    for (const { instanceId, port } of targets) registerTarget(world, call, group, instanceId, port);
    return {};
  };
