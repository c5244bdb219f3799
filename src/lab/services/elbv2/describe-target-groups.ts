/** DescribeTargetGroups by ARN, name or load balancer. */
import type {
  DescribeTargetGroupsCommandInput,
  DescribeTargetGroupsCommandOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsError } from '../../wire/handler.ts';
import type { Handler } from '../../wire/handler.ts';
import { balancerOf, elbv2State } from '../../world/elbv2.ts';
import { groupsOf } from '../../world/target-health.ts';
import type { World } from '../../world.ts';
import { choose, requireBalancer } from './find.ts';

export const describeTargetGroups =
  (world: World): Handler<DescribeTargetGroupsCommandInput, DescribeTargetGroupsCommandOutput> =>
  ({ LoadBalancerArn, TargetGroupArns, Names }, call) => {
    const state = elbv2State(world, call);
    const all =
      LoadBalancerArn === undefined
        ? Object.values(state.targetGroups)
        : groupsOf(world, call, requireBalancer(world, call, LoadBalancerArn));
    const notFound = (name: string) =>
      new AwsError('TargetGroupNotFound', `One or more target groups not found: ${name}`);
    return {
      TargetGroups: choose(all, TargetGroupArns, Names, notFound).map((group) => ({
        TargetGroupArn: group.arn,
        TargetGroupName: group.name,
        Protocol: 'HTTP',
        ProtocolVersion: 'HTTP1',
        Port: group.port,
        VpcId: group.vpcId,
        TargetType: 'instance',
        IpAddressType: 'ipv4',
        HealthCheckEnabled: true,
        HealthCheckProtocol: 'HTTP',
        HealthCheckPort: 'traffic-port',
        HealthCheckPath: group.health.path,
        HealthCheckIntervalSeconds: group.health.intervalSeconds,
        HealthCheckTimeoutSeconds: group.health.timeoutSeconds,
        HealthyThresholdCount: group.health.healthyCount,
        UnhealthyThresholdCount: group.health.unhealthyCount,
        Matcher: { HttpCode: '200' },
        LoadBalancerArns: [balancerOf(state, group.arn)?.arn].filter((arn) => arn !== undefined),
      })),
    };
  };
