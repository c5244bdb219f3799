/**
 * What a group does by itself: looks after its members' health, replaces those that fail, keeps its desired capacity and its balance
 * over zones. A suspended process is left out; with Launch suspended ReplaceUnhealthy still ends instances, as on AWS.
 *
 * Source: Auto Scaling user guide, "Suspend and resume Amazon EC2 Auto Scaling processes".
 */
import { autoScalingState } from '../../world/autoscaling.ts';
import type { Group, GroupMember, ScalingProcess } from '../../world/autoscaling.ts';
import { ec2State } from '../../world/ec2.ts';
import { elbv2State } from '../../world/elbv2.ts';
import { targetViews } from '../../world/target-health.ts';
import type { Scope, World } from '../../world.ts';
import { carryOnEnding, end, enterService, isAlive, launch } from './members.ts';

/** How often a group looks, on AWS, milliseconds. */
const roundMs = 30_000;

export function registerKeeping(world: World): void {
  world.onTimer('autoscaling.round', (w, scope) => {
    for (const each of autoScalingState.scopes(w))
      for (const group of Object.values(autoScalingState(w, each).groups)) keep(w, each, group);
    w.after(w.duration(roundMs), 'autoscaling.round', scope);
  });
  world.ensureTimer('autoscaling.round');
}

function keep(world: World, scope: Scope, group: Group): void {
  const may = (process: ScalingProcess): boolean => !group.suspended.includes(process);
  for (const member of group.members) {
    if (member.lifecycle === 'Pending') enterService(world, scope, group, member);
    if (member.lifecycle === 'Terminating') carryOnEnding(world, scope, group, member);
    if (may('HealthCheck') && member.lifecycle === 'InService') check(world, scope, group, member);
  }
  if (may('ReplaceUnhealthy') && may('Terminate')) replaceUnhealthy(world, scope, group);
  const alive = group.members.filter(isAlive);
  if (alive.length < group.desired && may('Launch')) fill(world, scope, group, alive.length);
  // An extra member that is still coming up takes another's place only once it serves.
  const settled = alive.every(({ lifecycle }) => lifecycle === 'InService');
  if (alive.length > group.desired && settled && may('Terminate')) shrink(world, scope, group, alive);
  if (alive.length === group.desired && settled && may('AZRebalance') && may('Launch'))
    rebalance(world, scope, group, alive);
}

function check(world: World, scope: Scope, group: Group, member: GroupMember): void {
  const instance = ec2State(world, scope).instances[member.instanceId];
  if (instance === undefined || !['running', 'pending'].includes(instance.state)) member.health = 'Unhealthy';
  const inGrace = world.nowMs() - member.sinceMs < world.duration(group.graceSeconds * 1_000);
  if (group.healthCheckType !== 'ELB' || inGrace) return;
  for (const arn of group.targetGroupArns) {
    const targetGroup = elbv2State(world, scope).targetGroups[arn];
    if (targetGroup === undefined) continue;
    const view = targetViews(world, scope, targetGroup).find(({ target }) => target.instanceId === member.instanceId);
    if (view?.state === 'unhealthy') member.health = 'Unhealthy';
  }
}

function replaceUnhealthy(world: World, scope: Scope, group: Group): void {
  for (const member of group.members) {
    if (member.health !== 'Unhealthy' || member.lifecycle === 'Terminating') continue;
    const instance = ec2State(world, scope).instances[member.instanceId];
    const why =
      instance?.state === 'running'
        ? 'an ELB system health check failure'
        : 'an EC2 health check indicating it has been terminated or stopped';
    end(
      world,
      scope,
      group,
      member,
      `At ${world.nowIso()} an instance was taken out of service in response to ${why}.`,
    );
  }
}

function fill(world: World, scope: Scope, group: Group, alive: number): void {
  for (let have = alive; have < group.desired; have += 1) {
    const cause = `At ${world.nowIso()} an instance was started in response to a difference between desired and actual capacity, increasing the capacity from ${have} to ${have + 1}.`;
    if (!launch(world, scope, group, cause)) return;
  }
}

/** Members in zones that the group has left go first, then the oldest of the fullest zone. */
function shrink(world: World, scope: Scope, group: Group, alive: readonly GroupMember[]): void {
  let rest = [...alive];
  while (rest.length > group.desired) {
    const zones = zonesOf(world, scope, group);
    const sizes = new Map(rest.map(({ zone }) => [zone, rest.filter((each) => each.zone === zone).length]));
    const weight = ({ zone }: GroupMember): number => (zones.includes(zone) ? (sizes.get(zone) ?? 0) : Infinity);
    const [leaving] = [...rest].sort((a, b) => order(weight(b), weight(a)) || a.sinceMs - b.sinceMs);
    if (leaving === undefined) return;
    const cause = `At ${world.nowIso()} an instance was taken out of service in response to a difference between desired and actual capacity, shrinking the capacity from ${rest.length} to ${rest.length - 1}.`;
    end(world, scope, group, leaving, cause);
    rest = rest.filter((each) => each !== leaving);
  }
}

const order = (a: number, b: number): number => (a === b ? 0 : a - b);

const zonesOf = (world: World, scope: Scope, group: Group): string[] =>
  group.subnetIds.map((id) => ec2State(world, scope).subnets[id]?.zone ?? '');

/** Launches before it ends: the extra member makes the next round shrink the fullest zone. */
function rebalance(world: World, scope: Scope, group: Group, alive: readonly GroupMember[]): void {
  const zones = [...new Set(zonesOf(world, scope, group))];
  const sizes = zones.map((zone) => alive.filter((member) => member.zone === zone).length);
  const stranded = alive.some(({ zone }) => !zones.includes(zone));
  if (!stranded && Math.max(...sizes) - Math.min(...sizes) < 2) return;
  launch(
    world,
    scope,
    group,
    `At ${world.nowIso()} an instance was launched to rebalance the group over its Availability Zones.`,
  );
}
