/** Seeds Application Load Balancers, target groups and listeners. */
import type { Scope, World } from '../../world.ts';
import { createInterface, ec2State } from '../ec2.ts';
import { applyBalancer, elbv2State } from '../elbv2.ts';
import type { LoadBalancer, TargetGroup } from '../elbv2.ts';
import { alphanumeric, arn, digits, hex } from '../ids.ts';

type Tags = Readonly<Record<string, string>>;

export interface LoadBalancerSpec {
  name: string;
  vpcId: string;
  /** One per zone. */
  subnetIds: readonly string[];
  groups: readonly string[];
  tags?: Tags;
}

export function createLoadBalancer(world: World, scope: Scope, spec: LoadBalancerSpec): LoadBalancer {
  const { subnets } = ec2State(world, scope);
  const suffix = hex(world, 16);
  const balancerArn = arn('elasticloadbalancing', scope, `loadbalancer/app/${spec.name}/${suffix}`);
  const nodes = spec.subnetIds.map((subnetId) => {
    const eni = createInterface(world, scope, {
      subnetId,
      groups: [...spec.groups],
      description: `ELB app/${spec.name}/${suffix}`,
      type: 'interface',
      requesterId: 'amazon-elb',
    });
    const zone = subnets[subnetId]?.zone ?? '';
    return { subnetId, zone, address: eni.address, interfaceId: eni.id, answers: true };
  });
  const { loadBalancers } = elbv2State(world, scope);
  const balancer: LoadBalancer = {
    arn: balancerArn,
    name: spec.name,
    machine: `alb-${suffix}`,
    dnsName: `${spec.name}-${digits(world, 10)}.${scope.region}.elb.amazonaws.com`,
    hostedZoneId: Object.values(loadBalancers)[0]?.hostedZoneId ?? `Z${alphanumeric(world, 13)}`,
    vpcId: spec.vpcId,
    createdAt: world.nowIso(),
    groups: [...spec.groups],
    nodes,
    attributes: { 'deletion_protection.enabled': 'false', 'load_balancing.cross_zone.enabled': 'true' },
    tags: { ...spec.tags },
  };
  loadBalancers[balancerArn] = balancer;
  return balancer;
}

export interface TargetGroupSpec {
  name: string;
  vpcId: string;
  port: number;
  /** HTTP path that must answer 200. */
  path: string;
  /** AWS's seconds; the profile shortens them. @default 10 */
  intervalSeconds?: number;
  /** @default 5 */
  timeoutSeconds?: number;
  /** @default 2 */
  healthyCount?: number;
  /** @default 2 */
  unhealthyCount?: number;
  /** @default 300 */
  deregistrationDelaySeconds?: number;
  tags?: Tags;
}

export function createTargetGroup(world: World, scope: Scope, spec: TargetGroupSpec): TargetGroup {
  const group: TargetGroup = {
    arn: arn('elasticloadbalancing', scope, `targetgroup/${spec.name}/${hex(world, 16)}`),
    name: spec.name,
    port: spec.port,
    vpcId: spec.vpcId,
    health: {
      path: spec.path,
      intervalSeconds: spec.intervalSeconds ?? 10,
      timeoutSeconds: spec.timeoutSeconds ?? 5,
      healthyCount: spec.healthyCount ?? 2,
      unhealthyCount: spec.unhealthyCount ?? 2,
    },
    deregistrationDelaySeconds: spec.deregistrationDelaySeconds ?? 300,
    targets: [],
    tags: { ...spec.tags },
  };
  elbv2State(world, scope).targetGroups[group.arn] = group;
  return group;
}

/** Sends what comes in on `port` to the target group. The balancer's machine starts with the world's next timers. */
export function createListener(
  world: World,
  scope: Scope,
  spec: { loadBalancerArn: string; port: number; targetGroupArn: string },
): string {
  const suffix = spec.loadBalancerArn.replace(/^.*:loadbalancer/, 'listener');
  const listenerArn = arn('elasticloadbalancing', scope, `${suffix}/${hex(world, 16)}`);
  elbv2State(world, scope).listeners[listenerArn] = { arn: listenerArn, ...spec };
  applyBalancer(world, scope, spec.targetGroupArn);
  return listenerArn;
}
