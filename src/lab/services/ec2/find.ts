/** Finding what a call names, with EC2's errors where it isn't there. */
import { AwsError } from '../../wire/handler.ts';
import { ec2State } from '../../world/ec2.ts';
import type { Instance, NetworkAcl, SecurityGroup } from '../../world/ec2.ts';
import type { Scope, World } from '../../world.ts';

export function required<T>(parameter: string, value: T | undefined): T {
  if (value !== undefined && value !== '') return value;
  throw new AwsError('MissingParameter', `The request must contain the parameter ${parameter}`);
}

/** Answers a dry run once everything else has been found good. */
export function refuseDryRun(dryRun: boolean | undefined): void {
  if (dryRun === true)
    throw new AwsError('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', 412);
}

export function requireAcl(world: World, scope: Scope, id: string | undefined): NetworkAcl {
  const wanted = required('networkAclId', id);
  const acl = ec2State(world, scope).acls[wanted];
  if (acl === undefined)
    throw new AwsError('InvalidNetworkAclID.NotFound', `The networkAcl ID '${wanted}' does not exist`);
  return acl;
}

export function requireGroup(world: World, scope: Scope, id: string | undefined): SecurityGroup {
  const wanted = required('groupId', id);
  const group = ec2State(world, scope).groups[wanted];
  if (group === undefined) throw new AwsError('InvalidGroup.NotFound', `The security group '${wanted}' does not exist`);
  return group;
}

export function requireVpc(world: World, scope: Scope, id: string | undefined): string {
  const wanted = required('vpcId', id);
  if (ec2State(world, scope).vpcs[wanted] === undefined)
    throw new AwsError('InvalidVpcID.NotFound', `The vpc ID '${wanted}' does not exist`);
  return wanted;
}

/** All or none: one unknown id fails the call. */
export function requireInstances(world: World, scope: Scope, ids: readonly string[] | undefined): Instance[] {
  const { instances } = ec2State(world, scope);
  const wanted = required('InstanceId', ids);
  const malformed = wanted.find((id) => !/^i-[0-9a-f]{8,17}$/.test(id));
  if (malformed !== undefined)
    throw new AwsError('InvalidInstanceID.Malformed', `Invalid id: "${malformed}" (expecting "i-...")`);
  const missing = wanted.filter((id) => instances[id] === undefined);
  if (missing.length === 1)
    throw new AwsError('InvalidInstanceID.NotFound', `The instance ID '${missing[0]}' does not exist`);
  if (missing.length > 1)
    throw new AwsError('InvalidInstanceID.NotFound', `The instance IDs '${missing.join(', ')}' do not exist`);
  return wanted.flatMap((id) => instances[id] ?? []);
}
