/**
 * `autoscaling/await-capacity`: capacity counts when Auto Scaling has it in service and, where the group feeds target groups,
 * the balancers send it traffic. Auto Scaling alone says "in service" before that.
 */
import { z } from 'zod';
import type { ActionSpec } from '../../domain/catalogue.ts';
import { count, target } from '../../domain/fields.ts';
import type { Attempt } from '../../domain/part.ts';
import type { ResolvedTarget } from '../../domain/plan.ts';
import type { ActionInput } from '../action.ts';
import { defineAction } from '../action.ts';
import { arnOf, onlyItem, permissions, placeOf } from '../places.ts';
import { inService, theGroup } from './groups.ts';

const params = z.strictObject({
  group: target('autoscaling/group', 'the Auto Scaling group'),
  atLeast: count('instances that must be in service; default: the group’s desired capacity').optional(),
});

export const spec = {
  name: 'autoscaling/await-capacity',
  describes: 'Waits until an Auto Scaling group has its capacity: in service, and healthy at its target groups',
  params,
  effect: 'observes',
  outputs: { inService: { describes: 'how many instances were in service and healthy' } },
  permissions: ['autoscaling:DescribeAutoScalingGroups', 'elasticloadbalancing:DescribeTargetHealth'],
  timeoutMs: 900_000,
} satisfies ActionSpec<typeof params>;

export const awaitCapacity = defineAction<typeof params>({
  spec,
  parts(input) {
    const group = input.target(input.params.group);
    return [
      {
        shape: 'observe',
        name: 'capacity',
        touches: arnOf(group),
        pollMs: input.pollMs,
        async poll(attempt) {
          const found = await theGroup(input, group, attempt);
          const wanted = input.params.atLeast ?? found.DesiredCapacity ?? 0;
          let ready = inService(found);
          for (const targetGroup of found.TargetGroupARNs ?? []) {
            const healthy = await healthyAt(input, group, targetGroup, attempt);
            ready = ready.filter((id) => healthy.has(id));
          }
          if (ready.length >= wanted) return { done: true, outputs: { inService: ready.length } };
          return { done: false, saw: `${ready.length} of ${wanted} instances of ${onlyItem(group).id} are ready` };
        },
      },
    ];
  },
  preview(input) {
    const group = input.target(input.params.group);
    return {
      touches: [arnOf(group)],
      permissions: permissions(
        group,
        ['autoscaling:DescribeAutoScalingGroups', 'elasticloadbalancing:DescribeTargetHealth'],
        ['*'],
      ),
      findings: [],
    };
  },
});

/** Ids of the targets that a target group sends traffic to. */
async function healthyAt(
  { aws }: ActionInput,
  group: ResolvedTarget,
  TargetGroupArn: string,
  { signal }: Attempt,
): Promise<ReadonlySet<string>> {
  const { elbv2 } = aws.in(placeOf(group));
  const { TargetHealthDescriptions = [] } = await elbv2.describeTargetHealth({ TargetGroupArn }, { signal });
  return new Set(
    TargetHealthDescriptions.filter((found) => found.TargetHealth?.State === 'healthy').map(
      (found) => found.Target!.Id!,
    ),
  );
}
