/** Where a new instance stands: what a call says of subnet group, parameter group, security groups and zone, checked, with RDS's defaults. */
import { AwsError } from '../../wire/handler.ts';
import { ec2State } from '../../world/ec2.ts';
import { defaultParameterGroup } from '../../world/rds.ts';
import type { Scope, World } from '../../world.ts';
import { requireParameterGroup, requireSubnetGroup } from './find.ts';
import { requireTwoZones } from './modify-db-instance.ts';

export interface Place {
  subnetGroup: string;
  parameterGroup: string;
  groups: string[];
}

interface PlaceInput {
  DBSubnetGroupName?: string | undefined;
  DBParameterGroupName?: string | undefined;
  VpcSecurityGroupIds?: string[] | undefined;
  AvailabilityZone?: string | undefined;
  MultiAZ?: boolean | undefined;
}

/** What isn't said is the region's default, unless `inherited` says otherwise. */
export function placeOf(world: World, call: Scope, input: PlaceInput, inherited: Partial<Place> = {}): Place {
  const zone = input.AvailabilityZone;
  if (input.MultiAZ === true && zone !== undefined)
    throw new AwsError(
      'InvalidParameterCombination',
      'Requesting a specific availability zone is not valid for Multi-AZ instances.',
    );
  const subnetGroup = requireSubnetGroup(world, call, input.DBSubnetGroupName ?? inherited.subnetGroup ?? 'default');
  const wantedParameters = input.DBParameterGroupName ?? inherited.parameterGroup ?? defaultParameterGroup.name;
  const parameterGroup = requireParameterGroup(world, call, wantedParameters);
  const { groups, subnets } = ec2State(world, call);
  const isDefault = (id: string): boolean => groups[id]?.vpcId === subnetGroup.vpcId && groups[id].name === 'default';
  const wanted = input.VpcSecurityGroupIds ?? inherited.groups ?? Object.keys(groups).filter(isDefault);
  for (const id of wanted) {
    if (groups[id] === undefined)
      throw new AwsError('InvalidParameterValue', `Invalid security group , groupId= ${id}, groupName=.`);
    if (groups[id].vpcId !== subnetGroup.vpcId)
      throw new AwsError(
        'InvalidVPCNetworkStateFault',
        'The DB instance and EC2 security group are in different VPCs.',
      );
  }
  if (input.MultiAZ === true) requireTwoZones(world, call, { subnetGroup: subnetGroup.name });
  if (zone !== undefined && !subnetGroup.subnetIds.some((id) => subnets[id]?.zone === zone))
    throw new AwsError('InvalidVPCNetworkStateFault', `DB subnet group has no subnet in availability zone ${zone}.`);
  return { subnetGroup: subnetGroup.name, parameterGroup: parameterGroup.name, groups: wanted };
}
