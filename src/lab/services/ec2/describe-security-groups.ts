/** DescribeSecurityGroups by id, name, VPC or tag. */
import type { DescribeSecurityGroupsCommandInput, DescribeSecurityGroupsCommandOutput } from '@aws-sdk/client-ec2';
import { AwsError } from '../../wire/handler.ts';
import type { Handler } from '../../wire/handler.ts';
import { ec2State } from '../../world/ec2.ts';
import type { SecurityGroup } from '../../world/ec2.ts';
import type { World } from '../../world.ts';
import { byIds, filtered, pageOf } from './select.ts';
import { groupShape } from './shapes.ts';

export const describeSecurityGroups =
  (world: World): Handler<DescribeSecurityGroupsCommandInput, DescribeSecurityGroupsCommandOutput> =>
  (input, call) => {
    const state = ec2State(world, call);
    const named = byIds(
      state.groups,
      input.GroupIds,
      (id) => new AwsError('InvalidGroup.NotFound', `The security group '${id}' does not exist`),
    );
    const names = input.GroupNames;
    const chosen = names === undefined || names.length === 0 ? named : named.filter(({ name }) => names.includes(name));
    const { items, next } = pageOf(filtered(state, chosen, input.Filters, valuesOf), input);
    return { NextToken: next, SecurityGroups: items.map((group) => groupShape(state, call, group)) };
  };

function valuesOf(group: SecurityGroup, filter: string): (string | undefined)[] | undefined {
  if (filter === 'group-id') return [group.id];
  if (filter === 'group-name') return [group.name];
  if (filter === 'vpc-id') return [group.vpcId];
  if (filter === 'description') return [group.description];
  return undefined;
}
