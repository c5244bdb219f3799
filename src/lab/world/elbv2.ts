/**
 * State of load balancers, and what other services do with it: registering targets, names, nodes. The API's behaviour is in
 * services/elbv2.
 */
import { defineSlice } from '../world.ts';
import type { Scope, World } from '../world.ts';

export interface LoadBalancerNode {
  subnetId: string;
  zone: string;
  address: string;
  interfaceId: string;
  /** False takes it out of the balancer's DNS answers: it reaches no healthy target, or nobody reaches it. */
  answers: boolean;
}

export interface LoadBalancer {
  arn: string;
  name: string;
  /** Id of its machine. */
  machine: string;
  dnsName: string;
  /** Hosted zone of its DNS name, for alias records: one per region. */
  hostedZoneId: string;
  vpcId: string;
  createdAt: string;
  groups: string[];
  nodes: LoadBalancerNode[];
  attributes: Record<string, string>;
  tags: Record<string, string>;
}

export interface Target {
  instanceId: string;
  port: number;
  /** `draining` from deregistration until the delay is over. */
  state: 'registered' | 'draining';
  registeredAtMs: number;
}

export interface TargetGroup {
  arn: string;
  name: string;
  port: number;
  vpcId: string;
  health: {
    path: string;
    intervalSeconds: number;
    timeoutSeconds: number;
    healthyCount: number;
    unhealthyCount: number;
  };
  deregistrationDelaySeconds: number;
  targets: Target[];
  tags: Record<string, string>;
}

export interface Listener {
  arn: string;
  loadBalancerArn: string;
  port: number;
  targetGroupArn: string;
}

export interface Elbv2State {
  /** By ARN. */
  loadBalancers: Record<string, LoadBalancer>;
  targetGroups: Record<string, TargetGroup>;
  listeners: Record<string, Listener>;
}

export const elbv2State = defineSlice<Elbv2State>('elbv2', () => ({
  loadBalancers: {},
  targetGroups: {},
  listeners: {},
}));

/** `app/orders/50dc6c495c0c9188`: what metrics name a balancer by. */
export const balancerDimension = (arn: string): string => arn.replace(/^.*:loadbalancer\//, '');
/** `targetgroup/orders/73e2d6bc24d8a067` */
export const targetGroupDimension = (arn: string): string => arn.replace(/^.*:/, '');

export const listenersOf = (state: Elbv2State, loadBalancerArn: string): Listener[] =>
  Object.values(state.listeners).filter((listener) => listener.loadBalancerArn === loadBalancerArn);

/** The balancer that a target group serves, if any. A group serves at most one. */
export function balancerOf(state: Elbv2State, targetGroupArn: string): LoadBalancer | undefined {
  const listener = Object.values(state.listeners).find((each) => each.targetGroupArn === targetGroupArn);
  return listener && state.loadBalancers[listener.loadBalancerArn];
}

/** Registers an instance; twice is once, and a draining one comes back. */
export function registerTarget(world: World, scope: Scope, group: TargetGroup, instanceId: string, port: number): void {
  group.targets = group.targets.filter((target) => target.instanceId !== instanceId || target.port !== port);
  group.targets.push({ instanceId, port, state: 'registered', registeredAtMs: world.nowMs() });
  applyBalancer(world, scope, group.arn);
}

/** Takes an instance out. It is `draining` until the group's delay is over, then forgotten. */
export function deregisterTarget(world: World, scope: Scope, group: TargetGroup, instanceId: string): void {
  const leaving = group.targets.filter((target) => target.instanceId === instanceId && target.state === 'registered');
  for (const target of leaving) {
    target.state = 'draining';
    const delayMs = world.duration(group.deregistrationDelaySeconds * 1_000);
    const { instanceId, port, registeredAtMs } = target;
    world.after(delayMs, 'elbv2.drained', scope, { targetGroup: group.arn, instanceId, port, registeredAtMs });
  }
  if (leaving.length > 0) applyBalancer(world, scope, group.arn);
}

/** Has the balancer's machine take over the group's targets, after changes already on their way. */
export function applyBalancer(world: World, scope: Scope, targetGroupArn: string): void {
  const balancer = balancerOf(elbv2State(world, scope), targetGroupArn);
  if (balancer === undefined) return;
  world.after(0, 'elbv2.apply', scope, { loadBalancer: balancer.arn }, `elbv2.apply:${balancer.arn}`);
}
