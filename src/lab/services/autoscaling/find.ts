/** Finding what a call names, with Auto Scaling's errors where it isn't there. Nearly all of them are ValidationError. */
import { AwsError } from '../../wire/handler.ts';
import { autoScalingState, scalingProcesses } from '../../world/autoscaling.ts';
import type { Group, GroupMember, ScalingProcess } from '../../world/autoscaling.ts';
import type { Scope, World } from '../../world.ts';

export const validation = (message: string): AwsError => new AwsError('ValidationError', message);

export function requireScalingGroup(world: World, scope: Scope, name: string | undefined): Group {
  const group = autoScalingState(world, scope).groups[name ?? ''];
  if (group === undefined) throw validation(`AutoScalingGroup name not found - AutoScalingGroup '${name}' not found`);
  return group;
}

export function requireMember(world: World, scope: Scope, instanceId: string): { group: Group; member: GroupMember } {
  for (const group of Object.values(autoScalingState(world, scope).groups)) {
    const member = group.members.find((each) => each.instanceId === instanceId);
    if (member !== undefined) return { group, member };
  }
  throw validation(`Instance Id not found - No managed instance found for instance ID: ${instanceId}`);
}

/** Without names, all processes. */
export function processesIn(names: readonly string[] | undefined): ScalingProcess[] {
  if (names === undefined || names.length === 0) return [...scalingProcesses];
  return names.map((name) => {
    const known = scalingProcesses.find((process) => process === name);
    if (known === undefined) throw validation(`Invalid process type: ${name}`);
    return known;
  });
}

/** Pages as the API does it: MaxRecords at most 100, the token names the next item. */
export function pageOf<T>(
  all: readonly T[],
  keyOf: (item: T) => string,
  { MaxRecords = 50, NextToken }: { MaxRecords?: number | undefined; NextToken?: string | undefined },
): { items: T[]; next: string | undefined } {
  const from = NextToken === undefined ? 0 : all.findIndex((item) => keyOf(item) === NextToken);
  if (from < 0) throw new AwsError('InvalidNextToken', 'The NextToken value is not valid.');
  const end = from + Math.min(MaxRecords, 100);
  const next = all[end];
  return { items: all.slice(from, end), next: next === undefined ? undefined : keyOf(next) };
}
