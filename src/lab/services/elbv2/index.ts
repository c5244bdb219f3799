/** Elastic Load Balancing: Application Load Balancers with instance targets. */
import type { ServiceEmulation } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import { registerBalancing } from './balancing.ts';
import { deregisterTargets } from './deregister-targets.ts';
import { describeListeners } from './describe-listeners.ts';
import { describeLoadBalancerAttributes } from './describe-load-balancer-attributes.ts';
import { describeLoadBalancers } from './describe-load-balancers.ts';
import { describeTags } from './describe-tags.ts';
import { describeTargetGroups } from './describe-target-groups.ts';
import { describeTargetHealth } from './describe-target-health.ts';
import { registerTargets } from './register-targets.ts';

export function elbv2(world: World): ServiceEmulation {
  registerBalancing(world);
  return {
    client: 'elastic-load-balancing-v2',
    operations: {
      DeregisterTargets: deregisterTargets(world),
      DescribeListeners: describeListeners(world),
      DescribeLoadBalancerAttributes: describeLoadBalancerAttributes(world),
      DescribeLoadBalancers: describeLoadBalancers(world),
      DescribeTags: describeTags(world),
      DescribeTargetGroups: describeTargetGroups(world),
      DescribeTargetHealth: describeTargetHealth(world),
      RegisterTargets: registerTargets(world),
    },
  };
}
