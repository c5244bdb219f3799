/** Launching and ending the members of a group, with the activity that tells of each. */
import type { Activity, Group, GroupMember } from '../../world/autoscaling.ts';
import { ec2State } from '../../world/ec2.ts';
import { deregisterTarget, elbv2State, registerTarget } from '../../world/elbv2.ts';
import type { TargetGroup } from '../../world/elbv2.ts';
import { uuid } from '../../world/ids.ts';
import { bootLater, place, terminate } from '../../world/instances.ts';
import type { Scope, World } from '../../world.ts';

const keptActivities = 100;

export const isAlive = ({ lifecycle, health }: GroupMember): boolean =>
  lifecycle !== 'Terminating' && health === 'Healthy';

const targetGroups = (world: World, scope: Scope, group: Group): TargetGroup[] =>
  group.targetGroupArns.flatMap((arn) => elbv2State(world, scope).targetGroups[arn] ?? []);

/** Launches into the group's subnet that has fewest members. @returns false when the template is gone */
export function launch(world: World, scope: Scope, group: Group, cause: string): boolean {
  const state = ec2State(world, scope);
  const template = state.templates[group.templateId];
  const [subnetId] = [...group.subnetIds].sort(
    (a, b) => populationOf(world, scope, group, a) - populationOf(world, scope, group, b),
  );
  if (template === undefined || subnetId === undefined) return false;
  const tags = Object.fromEntries(
    group.tags.filter(({ propagate }) => propagate).map(({ key, value }) => [key, value]),
  );
  const instance = place(world, scope, {
    template,
    subnetId,
    tags: { ...tags, 'aws:autoscaling:groupName': group.name },
  });
  bootLater(world, scope, instance.id);
  const zone = state.subnets[subnetId]?.zone ?? '';
  group.members.push({
    instanceId: instance.id,
    zone,
    lifecycle: 'Pending',
    health: 'Healthy',
    sinceMs: world.nowMs(),
  });
  record(world, group, {
    description: `Launching a new EC2 instance: ${instance.id}`,
    cause,
    zone,
    subnetId,
    instanceId: instance.id,
  });
  return true;
}

const populationOf = (world: World, scope: Scope, group: Group, subnetId: string): number => {
  const zone = ec2State(world, scope).subnets[subnetId]?.zone;
  return group.members.filter((member) => isAlive(member) && member.zone === zone).length;
};

/** A pending member whose machine runs comes into service. */
export function enterService(world: World, scope: Scope, group: Group, member: GroupMember): void {
  const instance = ec2State(world, scope).instances[member.instanceId];
  if (instance?.state !== 'running') return;
  member.lifecycle = 'InService';
  member.sinceMs = world.nowMs();
  finish(world, group, member);
  if (group.suspended.includes('AddToLoadBalancer')) return;
  for (const target of targetGroups(world, scope, group))
    registerTarget(world, scope, target, instance.id, instance.port);
}

/** A healthy member is drained first; an unhealthy one ends at once. */
export function end(world: World, scope: Scope, group: Group, member: GroupMember, cause: string): void {
  const instance = ec2State(world, scope).instances[member.instanceId];
  record(world, group, {
    description: `Terminating EC2 instance: ${member.instanceId}`,
    cause,
    zone: member.zone,
    subnetId: instance?.subnetId ?? '',
    instanceId: member.instanceId,
  });
  for (const target of targetGroups(world, scope, group)) deregisterTarget(world, scope, target, member.instanceId);
  member.lifecycle = 'Terminating';
  if (member.health === 'Unhealthy' && instance !== undefined) terminate(world, scope, instance);
}

/** Ends a drained member's instance; forgets it when that is gone. */
export function carryOnEnding(world: World, scope: Scope, group: Group, member: GroupMember): void {
  const instance = ec2State(world, scope).instances[member.instanceId];
  if (instance === undefined || instance.state === 'terminated') {
    group.members = group.members.filter((each) => each !== member);
    finish(world, group, member);
    return;
  }
  const draining = targetGroups(world, scope, group).some(({ targets }) =>
    targets.some(({ instanceId, state }) => instanceId === instance.id && state === 'draining'),
  );
  if (!draining) terminate(world, scope, instance);
}

type NewActivity = Pick<Activity, 'description' | 'cause' | 'zone' | 'subnetId' | 'instanceId'>;

function record(world: World, group: Group, activity: NewActivity): void {
  group.activities.unshift({ ...activity, id: uuid(world), startedAt: world.nowIso(), status: 'InProgress' });
  group.activities.splice(keptActivities);
}

function finish(world: World, group: Group, { instanceId }: GroupMember): void {
  const activity = group.activities.find((each) => each.instanceId === instanceId && each.status === 'InProgress');
  if (activity === undefined) return;
  activity.status = 'Successful';
  activity.endedAt = world.nowIso();
}
