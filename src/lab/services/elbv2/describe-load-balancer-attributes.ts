/** DescribeLoadBalancerAttributes. */
import type {
  DescribeLoadBalancerAttributesCommandInput,
  DescribeLoadBalancerAttributesCommandOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import { requireBalancer } from './find.ts';

export const describeLoadBalancerAttributes =
  (world: World): Handler<DescribeLoadBalancerAttributesCommandInput, DescribeLoadBalancerAttributesCommandOutput> =>
  ({ LoadBalancerArn }, call) => ({
    Attributes: Object.entries(requireBalancer(world, call, LoadBalancerArn).attributes).map(([Key, Value]) => ({
      Key,
      Value,
    })),
  });
