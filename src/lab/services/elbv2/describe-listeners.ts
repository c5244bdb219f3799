/** DescribeListeners of a load balancer, or by ARN. */
import type {
  DescribeListenersCommandInput,
  DescribeListenersCommandOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsError } from '../../wire/handler.ts';
import type { Handler } from '../../wire/handler.ts';
import { elbv2State, listenersOf } from '../../world/elbv2.ts';
import type { World } from '../../world.ts';
import { requireBalancer, validation } from './find.ts';

export const describeListeners =
  (world: World): Handler<DescribeListenersCommandInput, DescribeListenersCommandOutput> =>
  ({ LoadBalancerArn, ListenerArns }, call) => {
    const state = elbv2State(world, call);
    if (LoadBalancerArn === undefined && ListenerArns === undefined)
      throw validation('You must specify either listener ARNs or a load balancer ARN');
    const listeners =
      LoadBalancerArn === undefined
        ? (ListenerArns ?? []).map((arn) => {
            const listener = state.listeners[arn];
            if (listener === undefined) throw new AwsError('ListenerNotFound', `One or more listeners not found`);
            return listener;
          })
        : listenersOf(state, requireBalancer(world, call, LoadBalancerArn).arn);
    return {
      Listeners: listeners.map(({ arn, loadBalancerArn, port, targetGroupArn }) => ({
        ListenerArn: arn,
        LoadBalancerArn: loadBalancerArn,
        Port: port,
        Protocol: 'HTTP',
        DefaultActions: [{ Type: 'forward', TargetGroupArn: targetGroupArn, Order: 1 }],
      })),
    };
  };
