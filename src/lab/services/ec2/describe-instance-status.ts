/** DescribeInstanceStatus: running instances, or all. Status checks take their time after an instance runs. */
import type {
  DescribeInstanceStatusCommandInput,
  DescribeInstanceStatusCommandOutput,
  InstanceStatusSummary,
} from '@aws-sdk/client-ec2';
import type { Handler } from '../../wire/handler.ts';
import { ec2State } from '../../world/ec2.ts';
import type { Ec2State, Instance } from '../../world/ec2.ts';
import type { World } from '../../world.ts';
import { requireInstances } from './find.ts';
import { filtered, pageOf } from './select.ts';
import { stateShape } from './shapes.ts';

/** AWS's duration, milliseconds: two rounds of checks, one a minute. */
const checksMs = 120_000;

export const describeInstanceStatus =
  (world: World): Handler<DescribeInstanceStatusCommandInput, DescribeInstanceStatusCommandOutput> =>
  (input, call) => {
    const state = ec2State(world, call);
    const named = input.InstanceIds !== undefined && input.InstanceIds.length > 0;
    const chosen = named ? requireInstances(world, call, input.InstanceIds) : Object.values(state.instances);
    const shown = chosen.filter((each) => input.IncludeAllInstances === true || each.state === 'running');
    const { items, next } = pageOf(filtered(state, shown, input.Filters, valuesOf(world, state)), input);
    return {
      NextToken: next,
      InstanceStatuses: items.map((instance) => {
        const summary: InstanceStatusSummary = {
          Status: statusOf(world, instance),
          Details: [{ Name: 'reachability', Status: reachability[statusOf(world, instance)] }],
        };
        return {
          InstanceId: instance.id,
          AvailabilityZone: state.subnets[instance.subnetId]?.zone,
          InstanceState: stateShape(instance.state),
          InstanceStatus: summary,
          SystemStatus: summary,
          Events: [],
        };
      }),
    };
  };

const reachability = { ok: 'passed', initializing: 'initializing', 'not-applicable': 'insufficient-data' } as const;

function statusOf(world: World, { state, runningSinceMs }: Instance): keyof typeof reachability {
  if (state !== 'running') return 'not-applicable';
  const checked = runningSinceMs !== undefined && world.nowMs() - runningSinceMs >= world.duration(checksMs);
  return checked ? 'ok' : 'initializing';
}

const valuesOf =
  (world: World, state: Ec2State) =>
  (instance: Instance, filter: string): (string | undefined)[] | undefined => {
    switch (filter) {
      case 'instance-state-name':
        return [instance.state];
      case 'availability-zone':
        return [state.subnets[instance.subnetId]?.zone];
      case 'instance-status.status':
      case 'system-status.status':
        return [statusOf(world, instance)];
      default:
        return undefined;
    }
  };
