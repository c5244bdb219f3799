/**
 * `ec2/stop-instances`: takes power away. An instance outside of Auto Scaling is started again by the undo. Auto Scaling
 * terminates members that stop and replaces them: what comes back is the group's capacity, not the instance.
 */
import { z } from 'zod';
import type { ActionSpec } from '../../domain/catalogue.ts';
import { FiredrillError } from '../../domain/errors.ts';
import { flag, target } from '../../domain/fields.ts';
import type { Attempt, ChangePart, Progress } from '../../domain/part.ts';
import type { ResolvedItem, ResolvedTarget } from '../../domain/plan.ts';
import type { ActionInput } from '../action.ts';
import { defineAction } from '../action.ts';
import { arnOf, permissions, placeOf } from '../places.ts';

const params = z.strictObject({
  instances: target('ec2/instances', 'the instances to stop'),
  force: flag('stop without letting the operating system flush its caches; default false').optional(),
});
type Params = z.output<typeof params>;

export const spec = {
  name: 'ec2/stop-instances',
  describes: 'Stops instances. Auto Scaling terminates and replaces its members; others are started again by the undo',
  params,
  effect: 'changes',
  undo: 'start them again; for members of Auto Scaling groups wait until the group has its capacity back',
  permissions: [
    'autoscaling:DescribeAutoScalingGroups',
    'ec2:DescribeInstances',
    'ec2:StartInstances',
    'ec2:StopInstances',
  ],
  timeoutMs: 300_000,
  fault: true,
} satisfies ActionSpec<typeof params>;

export const stopInstances = defineAction<typeof params>({
  spec,
  parts(input) {
    const instances = input.target(input.params.instances);
    return instances.items.map((instance) => power(input, instances, instance));
  },
  preview(input) {
    const instances = input.target(input.params.instances);
    const members = instances.items.filter((instance) => groupOf(instance) !== undefined);
    const arns = instances.items.map((instance) => arnOf(instances, instance));
    return {
      touches: arns,
      undo: spec.undo,
      permissions: [
        ...permissions(instances, ['ec2:StopInstances', 'ec2:StartInstances'], arns),
        ...permissions(instances, ['ec2:DescribeInstances', 'autoscaling:DescribeAutoScalingGroups'], ['*']),
      ],
      findings:
        members.length > 0
          ? [
              {
                severity: 'note',
                code: 'auto-scaling-replaces',
                message: `Auto Scaling will terminate ${members.map((instance) => instance.id).join(', ')} and launch others`,
              },
            ]
          : [],
    };
  },
});

interface Power {
  [key: string]: string;
  /** `up` and `down` as asked for: an instance on its way counts as there. `gone`: terminated by somebody. */
  state: 'up' | 'down' | 'gone';
}

function power(input: ActionInput<Params>, instances: ResolvedTarget, instance: ResolvedItem): ChangePart<Power> {
  const { ec2 } = input.aws.in(placeOf(instances));
  const { id } = instance;
  const group = groupOf(instance);

  const stateName = async ({ signal }: Attempt): Promise<string> => {
    try {
      const { Reservations = [] } = await ec2.describeInstances({ InstanceIds: [id] }, { signal });
      return Reservations[0]?.Instances?.[0]?.State?.Name ?? 'terminated';
    } catch (error) {
      if (error instanceof FiredrillError && error.code === 'aws-not-found') return 'terminated';
      throw error;
    }
  };
  return {
    shape: 'change',
    name: id,
    touches: arnOf(instances, instance),
    pollMs: input.pollMs,
    async read(attempt) {
      const name = await stateName(attempt);
      if (name === 'pending' || name === 'running') return { state: 'up' };
      if (name === 'stopping' || name === 'stopped') return { state: 'down' };
      return { state: group === undefined ? 'gone' : 'down' };
    },
    desired: () => ({ state: 'down' }),
    async write(to, _from, attempt) {
      if (to.state === 'down') {
        await ec2.stopInstances({ InstanceIds: [id], Force: input.params.force }, attempt);
      } else if (group === undefined || (await stateName(attempt)) === 'stopped') {
        await ec2.startInstances({ InstanceIds: [id] }, attempt);
      }
    },
    async settled(to, attempt): Promise<Progress> {
      const name = await stateName(attempt);
      if (to.state === 'down') {
        return name === 'stopped' || name === 'terminated' ? { done: true } : { done: false, saw: `${id} is ${name}` };
      }
      if (name === 'running') return { done: true };
      return group === undefined
        ? { done: false, saw: `${id} is ${name}` }
        : capacityIsBack(input, instances, group, attempt);
    },
  };
}

async function capacityIsBack(
  input: ActionInput<Params>,
  instances: ResolvedTarget,
  group: string,
  { signal }: Attempt,
): Promise<Progress> {
  const { AutoScalingGroups = [] } = await input.aws
    .in(placeOf(instances))
    .autoscaling.describeAutoScalingGroups({ AutoScalingGroupNames: [group] }, { signal });
  const { Instances = [], DesiredCapacity = 0 } = AutoScalingGroups[0] ?? {};
  const inService = Instances.filter((member) => member.LifecycleState === 'InService').length;
  if (inService >= DesiredCapacity) return { done: true };
  return { done: false, saw: `${inService} of ${DesiredCapacity} instances of ${group} are in service` };
}

const groupOf = (instance: ResolvedItem): string | undefined => instance.facts['group'] as string | undefined;
