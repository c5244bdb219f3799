/** DescribeLoadBalancers: by ARN, by name, or all of the region. */
import type {
  DescribeLoadBalancersCommandInput,
  DescribeLoadBalancersCommandOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Handler } from '../../wire/handler.ts';
import { elbv2State } from '../../world/elbv2.ts';
import type { World } from '../../world.ts';
import { chosen } from './find.ts';
import { balancerShape } from './shapes.ts';

export const describeLoadBalancers =
  (world: World): Handler<DescribeLoadBalancersCommandInput, DescribeLoadBalancersCommandOutput> =>
  ({ LoadBalancerArns: arns, Names: names }, call) => {
    const { loadBalancers } = elbv2State(world, call);
    const missing = { code: 'LoadBalancerNotFound', message: notFound(names) };
    return { LoadBalancers: chosen(loadBalancers, { arns, names }, missing).map(balancerShape) };
  };

const notFound = (names: readonly string[] | undefined): string =>
  names?.length ? `Load balancers '[${names.join(', ')}]' not found` : 'One or more load balancers not found';
