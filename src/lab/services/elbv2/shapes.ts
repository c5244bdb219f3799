/** Load balancers, target groups and listeners as the API shows them. */
import type {
  Listener as ListenerShape,
  LoadBalancer as LoadBalancerShape,
  TargetGroup as TargetGroupShape,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { balancerOf } from '../../world/elbv2.ts';
import type { Elbv2State, Listener, LoadBalancer, TargetGroup } from '../../world/elbv2.ts';

export const balancerShape = (balancer: LoadBalancer): LoadBalancerShape => ({
  LoadBalancerArn: balancer.arn,
  LoadBalancerName: balancer.name,
  DNSName: balancer.dnsName,
  CanonicalHostedZoneId: balancer.hostedZoneId,
  CreatedTime: new Date(balancer.createdAt),
  Scheme: 'internet-facing',
  VpcId: balancer.vpcId,
  State: { Code: 'active' },
  Type: 'application',
  IpAddressType: 'ipv4',
  SecurityGroups: [...balancer.groups],
  AvailabilityZones: balancer.nodes.map(({ zone, subnetId }) => ({
    ZoneName: zone,
    SubnetId: subnetId,
    LoadBalancerAddresses: [],
  })),
});

export const targetGroupShape = (state: Elbv2State, group: TargetGroup): TargetGroupShape => {
  const balancer = balancerOf(state, group.arn);
  return {
    TargetGroupArn: group.arn,
    TargetGroupName: group.name,
    Protocol: 'HTTP',
    ProtocolVersion: 'HTTP1',
    Port: group.port,
    VpcId: group.vpcId,
    TargetType: 'instance',
    HealthCheckEnabled: true,
    HealthCheckProtocol: 'HTTP',
    HealthCheckPort: 'traffic-port',
    HealthCheckPath: group.health.path,
    HealthCheckIntervalSeconds: group.health.intervalSeconds,
    HealthCheckTimeoutSeconds: group.health.timeoutSeconds,
    HealthyThresholdCount: group.health.healthyCount,
    UnhealthyThresholdCount: group.health.unhealthyCount,
    Matcher: { HttpCode: '200' },
    LoadBalancerArns: balancer ? [balancer.arn] : [],
    IpAddressType: 'ipv4',
  };
};

export const listenerShape = (listener: Listener): ListenerShape => ({
  ListenerArn: listener.arn,
  LoadBalancerArn: listener.loadBalancerArn,
  Port: listener.port,
  Protocol: 'HTTP',
  DefaultActions: [{ Type: 'forward', TargetGroupArn: listener.targetGroupArn, Order: 1 }],
});
