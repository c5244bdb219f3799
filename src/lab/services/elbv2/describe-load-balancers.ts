/** DescribeLoadBalancers by ARN or name. */
import type {
  DescribeLoadBalancersCommandInput,
  DescribeLoadBalancersCommandOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Handler } from '../../wire/handler.ts';
import { elbv2State } from '../../world/elbv2.ts';
import type { World } from '../../world.ts';
import { balancerNotFound, choose } from './find.ts';

export const describeLoadBalancers =
  (world: World): Handler<DescribeLoadBalancersCommandInput, DescribeLoadBalancersCommandOutput> =>
  ({ LoadBalancerArns, Names }, call) => {
    const all = Object.values(elbv2State(world, call).loadBalancers);
    return {
      LoadBalancers: choose(all, LoadBalancerArns, Names, balancerNotFound).map((balancer) => ({
        LoadBalancerArn: balancer.arn,
        LoadBalancerName: balancer.name,
        DNSName: balancer.dnsName,
        CanonicalHostedZoneId: balancer.hostedZoneId,
        CreatedTime: new Date(balancer.createdAt),
        Scheme: 'internet-facing',
        Type: 'application',
        IpAddressType: 'ipv4',
        State: { Code: 'active' },
        VpcId: balancer.vpcId,
        SecurityGroups: balancer.groups,
        AvailabilityZones: balancer.nodes.map(({ subnetId, zone }) => ({
          ZoneName: zone,
          SubnetId: subnetId,
          LoadBalancerAddresses: [],
        })),
      })),
    };
  };
