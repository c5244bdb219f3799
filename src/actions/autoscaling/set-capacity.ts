/** `autoscaling/set-capacity`: how many instances a group shall have, and its bounds where they stand in the way. */
import { z } from 'zod';
import type { ActionSpec } from '../../domain/catalogue.ts';
import { count, target } from '../../domain/fields.ts';
import type { ChangePart } from '../../domain/part.ts';
import type { ActionInput } from '../action.ts';
import { defineAction } from '../action.ts';
import { arnOf, onlyItem, permissions, placeOf, textOf } from '../places.ts';
import { inService, theGroup } from './groups.ts';

const params = z.strictObject({
  group: target('autoscaling/group', 'the Auto Scaling group'),
  desired: count('instances that shall run'),
  min: count('new minimum; default: the old one, or `desired` where that is less').optional(),
  max: count('new maximum; default: the old one, or `desired` where that is more').optional(),
});
type Params = z.output<typeof params>;

export const spec = {
  name: 'autoscaling/set-capacity',
  describes: 'Sets the capacity of an Auto Scaling group and waits until it is in service',
  params,
  effect: 'changes',
  undo: 'set the former capacity and bounds again',
  permissions: ['autoscaling:DescribeAutoScalingGroups', 'autoscaling:UpdateAutoScalingGroup'],
  timeoutMs: 900_000,
} satisfies ActionSpec<typeof params>;

export const setCapacity = defineAction<typeof params>({
  spec,
  parts: (input) => [capacity(input)],
  preview(input) {
    const group = input.target(input.params.group);
    const { min, desired, max } = onlyItem(group).facts;
    return {
      touches: [arnOf(group)],
      undo: `set its capacity back to ${textOf(desired)} (${textOf(min)} to ${textOf(max)})`,
      permissions: [
        ...permissions(group, ['autoscaling:UpdateAutoScalingGroup'], [arnOf(group)]),
        ...permissions(group, ['autoscaling:DescribeAutoScalingGroups'], ['*']),
      ],
      findings: [],
    };
  },
});

interface Capacity {
  [key: string]: number;
  min: number;
  desired: number;
  max: number;
}

function capacity(input: ActionInput<Params>): ChangePart<Capacity> {
  const group = input.target(input.params.group);
  const { id } = onlyItem(group);
  const { desired, min, max } = input.params;
  return {
    shape: 'change',
    name: 'capacity',
    touches: arnOf(group),
    pollMs: input.pollMs,
    async read(attempt) {
      const { MinSize = 0, DesiredCapacity = 0, MaxSize = 0 } = await theGroup(input, group, attempt);
      return { min: MinSize, desired: DesiredCapacity, max: MaxSize };
    },
    desired: (before) => ({
      min: min ?? Math.min(before.min, desired),
      desired,
      max: max ?? Math.max(before.max, desired),
    }),
    async write(to, _from, attempt) {
      await input.aws
        .in(placeOf(group))
        .autoscaling.updateAutoScalingGroup(
          { AutoScalingGroupName: id, MinSize: to.min, DesiredCapacity: to.desired, MaxSize: to.max },
          attempt,
        );
    },
    async settled(to, attempt) {
      const found = await theGroup(input, group, attempt);
      const running = inService(found).length;
      if (running === to.desired && found.Instances?.length === running) return { done: true };
      return { done: false, saw: `${running} of ${to.desired} instances of ${id} are in service` };
    },
  };
}
