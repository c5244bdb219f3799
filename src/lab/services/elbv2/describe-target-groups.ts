/** DescribeTargetGroups: by ARN, by name, of one load balancer, or all of the region. */
import type {
  DescribeTargetGroupsCommandInput,
  DescribeTargetGroupsCommandOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Handler } from '../../wire/handler.ts';
import { elbv2State, listenersOf } from '../../world/elbv2.ts';
import type { World } from '../../world.ts';
import { chosen, requireLoadBalancer } from './find.ts';
import { targetGroupShape } from './shapes.ts';

export const describeTargetGroups =
  (world: World): Handler<DescribeTargetGroupsCommandInput, DescribeTargetGroupsCommandOutput> =>
  ({ TargetGroupArns: arns, Names: names, LoadBalancerArn }, call) => {
    const state = elbv2State(world, call);
    const missing = { code: 'TargetGroupNotFound', message: 'One or more target groups not found' };
    const groups = chosen(state.targetGroups, { arns, names }, missing);
    if (LoadBalancerArn === undefined) return { TargetGroups: groups.map((group) => targetGroupShape(state, group)) };
    const { arn } = requireLoadBalancer(world, call, LoadBalancerArn);
    const served = new Set(listenersOf(state, arn).map((listener) => listener.targetGroupArn));
    return {
      TargetGroups: groups.filter((group) => served.has(group.arn)).map((group) => targetGroupShape(state, group)),
    };
  };
