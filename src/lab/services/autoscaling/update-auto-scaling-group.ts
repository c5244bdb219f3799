/** UpdateAutoScalingGroup: sizes, subnets, health check. A new minimum or maximum moves the desired capacity with it. */
import type {
  UpdateAutoScalingGroupCommandInput,
  UpdateAutoScalingGroupCommandOutput,
} from '@aws-sdk/client-auto-scaling';
import type { Handler } from '../../wire/handler.ts';
import { ec2State } from '../../world/ec2.ts';
import type { Scope, World } from '../../world.ts';
import { requireScalingGroup, validation } from './find.ts';

export const updateAutoScalingGroup =
  (world: World): Handler<UpdateAutoScalingGroupCommandInput, UpdateAutoScalingGroupCommandOutput> =>
  (input, call) => {
    const group = requireScalingGroup(world, call, input.AutoScalingGroupName);
    const min = input.MinSize ?? group.min;
    const max = input.MaxSize ?? group.max;
    if (min < 0) throw validation(`Min bound, ${min}, must be greater than or equal to zero`);
    if (max < min) throw validation(`Max bound, ${max}, must be greater than or equal to min bound, ${min}`);
    const moved = Math.min(Math.max(group.desired, min), max);
    const desired = input.DesiredCapacity ?? moved;
    if (desired < min || desired > max)
      throw validation(`Desired capacity:${desired} must be between the specified min size:${min} and max size:${max}`);
    const { HealthCheckType: type } = input;
    if (type !== undefined && type !== 'EC2' && type !== 'ELB') throw validation(`Invalid HealthCheckType: ${type}`);
    const subnetIds = subnetsOf(world, call, group.subnetIds, input);
    Object.assign(group, { min, max, desired, subnetIds });
    if (type !== undefined) group.healthCheckType = type;
    if (input.HealthCheckGracePeriod !== undefined) group.graceSeconds = input.HealthCheckGracePeriod;
    return {};
  };

/** Subnets as given; zones alone choose among the subnets that the group has now. */
function subnetsOf(
  world: World,
  scope: Scope,
  now: readonly string[],
  { VPCZoneIdentifier, AvailabilityZones }: UpdateAutoScalingGroupCommandInput,
): string[] {
  const { subnets } = ec2State(world, scope);
  if (VPCZoneIdentifier === undefined) {
    if (AvailabilityZones === undefined) return [...now];
    return now.filter((id) => AvailabilityZones.includes(subnets[id]?.zone ?? ''));
  }
  const ids = VPCZoneIdentifier.split(',').map((id) => id.trim());
  const missing = ids.find((id) => subnets[id] === undefined);
  if (missing !== undefined) throw validation(`The subnet ID '${missing}' does not exist`);
  const outside = AvailabilityZones?.find((zone) => !ids.some((id) => subnets[id]?.zone === zone));
  if (outside !== undefined)
    throw validation('The availability zones of the specified subnets and the Auto Scaling group do not match');
  return ids;
}
