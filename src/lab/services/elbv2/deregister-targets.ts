/** DeregisterTargets: they drain until the group's delay is over. */
import type {
  DeregisterTargetsCommandInput,
  DeregisterTargetsCommandOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Handler } from '../../wire/handler.ts';
import { deregisterTarget } from '../../world/elbv2.ts';
import type { World } from '../../world.ts';
import { requireTargetGroup } from './find.ts';

export const deregisterTargets =
  (world: World): Handler<DeregisterTargetsCommandInput, DeregisterTargetsCommandOutput> =>
  ({ TargetGroupArn, Targets = [] }, call) => {
    const group = requireTargetGroup(world, call, TargetGroupArn);
    for (const { Id = '' } of Targets) deregisterTarget(world, call, group, Id);
    return {};
  };
