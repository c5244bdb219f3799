/** RegisterTargets: instances of the target group's VPC that run. */
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

export const registerTargets =
  (world: World): Handler<RegisterTargetsCommandInput, RegisterTargetsCommandOutput> =>
  ({ TargetGroupArn, Targets = [] }, call) => {
    const group = requireTargetGroup(world, call, TargetGroupArn);
    const { instances } = ec2State(world, call);
    const invalid = Targets.flatMap(({ Id = '' }) => (instances[Id]?.state === 'running' ? [] : [Id]));
    if (invalid.length > 0) {
      throw new AwsError(
        'InvalidTarget',
        `The following targets are not in a running state and cannot be registered: '${invalid.join(', ')}'`,
      );
    }
    for (const { Id = '', Port = group.port } of Targets) registerTarget(world, call, group, Id, Port);
    return {};
  };
