/** DescribeListeners: of one load balancer, or by ARN. */
import type {
  DescribeListenersCommandInput,
  DescribeListenersCommandOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsError } from '../../wire/handler.ts';
import type { Handler } from '../../wire/handler.ts';
import { elbv2State, listenersOf } from '../../world/elbv2.ts';
import type { World } from '../../world.ts';
import { requireListener, requireLoadBalancer } from './find.ts';
import { listenerShape } from './shapes.ts';

export const describeListeners =
  (world: World): Handler<DescribeListenersCommandInput, DescribeListenersCommandOutput> =>
  ({ LoadBalancerArn, ListenerArns }, call) => {
    if (ListenerArns?.length) {
      return { Listeners: ListenerArns.map((arn) => listenerShape(requireListener(world, call, arn))) };
    }
    if (LoadBalancerArn === undefined) {
      throw new AwsError('ValidationError', 'You must specify either listener ARNs or a load balancer ARN');
    }
    const { arn } = requireLoadBalancer(world, call, LoadBalancerArn);
    return { Listeners: listenersOf(elbv2State(world, call), arn).map(listenerShape) };
  };
