/**
 * Metrics that AWS's services publish about themselves, once a minute of AWS: hosts behind load balancers, lag and connections
 * of databases.
 */
import { cloudWatchState, one, putMetric } from '../../world/cloudwatch.ts';
import type { Dimension } from '../../world/cloudwatch.ts';
import { ec2State } from '../../world/ec2.ts';
import { balancerDimension, balancerOf, elbv2State, targetGroupDimension } from '../../world/elbv2.ts';
import type { TargetGroup } from '../../world/elbv2.ts';
import { rdsState } from '../../world/rds.ts';
import type { Scope, World } from '../../world.ts';
import { evaluateAlarms } from './evaluate.ts';

const minuteMs = 60_000;
const timer = 'cloudwatch.minute';

/** Keeps metrics and alarms going in every region of the account, from the first timer on. */
export function registerMetrics(world: World): void {
  world.onTimer(timer, (w, scope) => {
    w.after(w.duration(minuteMs), timer, scope);
    for (const each of elbv2State.scopes(w)) hostCounts(w, each);
    for (const each of rdsState.scopes(w)) databaseMetrics(w, each);
    for (const each of cloudWatchState.scopes(w)) evaluateAlarms(w, each);
  });
  if (!world.state.timers.some(({ kind }) => kind === timer)) {
    world.after(world.duration(minuteMs), timer, { account: 'aws', region: 'global' });
  }
}

/** HealthyHostCount and UnHealthyHostCount, over the balancer and by zone. */
function hostCounts(world: World, scope: Scope): void {
  const state = elbv2State(world, scope);
  for (const group of Object.values(state.targetGroups)) {
    const balancer = balancerOf(state, group.arn);
    if (!balancer) continue;
    const seen = new Map(world.machines.targetHealth(balancer.machine).map(({ id, state }) => [id, state]));
    const dimensions = [
      { name: 'LoadBalancer', value: balancerDimension(balancer.arn) },
      { name: 'TargetGroup', value: targetGroupDimension(group.arn) },
    ];
    putCounts(world, scope, dimensions, idsOf(group), seen);
    for (const [zone, ids] of byZone(world, scope, group)) {
      putCounts(world, scope, [...dimensions, { name: 'AvailabilityZone', value: zone }], ids, seen);
    }
  }
}

const idsOf = (group: TargetGroup): string[] =>
  group.targets.filter(({ state }) => state === 'registered').map(({ instanceId }) => instanceId);

function byZone(world: World, scope: Scope, group: TargetGroup): Map<string, string[]> {
  const { instances, subnets } = ec2State(world, scope);
  const zones = new Map<string, string[]>();
  for (const id of idsOf(group)) {
    const subnet = subnets[instances[id]?.subnetId ?? ''];
    if (subnet) zones.set(subnet.zone, [...(zones.get(subnet.zone) ?? []), id]);
  }
  return zones;
}

function putCounts(
  world: World,
  scope: Scope,
  dimensions: Dimension[],
  ids: readonly string[],
  seen: ReadonlyMap<string, string>,
): void {
  const healthy = ids.filter((id) => seen.get(id) === 'healthy').length;
  const unhealthy = ids.filter((id) => seen.get(id) === 'unhealthy').length;
  const namespace = 'AWS/ApplicationELB';
  putMetric(world, scope, { namespace, name: 'HealthyHostCount', dimensions, unit: 'Count' }, one(healthy));
  putMetric(world, scope, { namespace, name: 'UnHealthyHostCount', dimensions, unit: 'Count' }, one(unhealthy));
}

/** ReplicaLag of replicas, seconds; nothing while it isn't known. */
function databaseMetrics(world: World, scope: Scope): void {
  for (const { identifier, resourceId, source } of Object.values(rdsState(world, scope).instances)) {
    if (source === undefined) continue;
    const lagSeconds = world.machines.replication(resourceId)?.lagSeconds;
    if (lagSeconds === undefined) continue;
    const dimensions = [{ name: 'DBInstanceIdentifier', value: identifier }];
    putMetric(world, scope, { namespace: 'AWS/RDS', name: 'ReplicaLag', dimensions, unit: 'Seconds' }, one(lagSeconds));
  }
}
