/** DeregisterTargets: no new requests from now on; `draining` until the delay is over. What isn't registered is ignored. */
import type {
  DeregisterTargetsCommandInput,
  DeregisterTargetsCommandOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Handler } from '../../wire/handler.ts';
import { deregisterTarget } from '../../world/elbv2.ts';
import type { World } from '../../world.ts';
import { requireTargetGroup } from './find.ts';
import { requireInstanceTargets } from './targets.ts';

export const deregisterTargets =
  (world: World): Handler<DeregisterTargetsCommandInput, DeregisterTargetsCommandOutput> =>
  ({ TargetGroupArn, Targets }, call) => {
    const group = requireTargetGroup(world, call, TargetGroupArn);
    const targets = requireInstanceTargets(world, call, group, Targets);
    for (const { instanceId } of targets) deregisterTarget(world, call, group, instanceId);
    return {};
  };
