/** What the Auto Scaling actions share: looking at one group. */
import type { AutoScalingGroup } from '@aws-sdk/client-auto-scaling';
import { FiredrillError } from '../../domain/errors.ts';
import type { Attempt } from '../../domain/part.ts';
import type { ResolvedTarget } from '../../domain/plan.ts';
import type { ActionInput } from '../action.ts';
import { onlyItem, placeOf } from '../places.ts';

/** @throws FiredrillError `group-gone` */
export async function theGroup(
  { aws }: Pick<ActionInput, 'aws'>,
  target: ResolvedTarget,
  { signal }: Attempt,
): Promise<AutoScalingGroup> {
  const { id } = onlyItem(target);
  const { AutoScalingGroups = [] } = await aws
    .in(placeOf(target))
    .autoscaling.describeAutoScalingGroups({ AutoScalingGroupNames: [id] }, { signal });
  if (AutoScalingGroups[0]) return AutoScalingGroups[0];
  throw new FiredrillError('group-gone', `there is no Auto Scaling group ${id} in ${target.region} any more`, {
    expected: id,
    found: 'none',
    remedy: 'Find out in CloudTrail who deleted it.',
  });
}

/** Ids of members that are in service and healthy, as Auto Scaling sees them. */
export const inService = ({ Instances = [] }: AutoScalingGroup): string[] =>
  Instances.filter((member) => member.LifecycleState === 'InService' && member.HealthStatus === 'Healthy').map(
    (member) => member.InstanceId!,
  );
