/** DescribeVpcs by id, tag or CIDR block. */
import type { DescribeVpcsCommandInput, DescribeVpcsCommandOutput } from '@aws-sdk/client-ec2';
import { AwsError } from '../../wire/handler.ts';
import type { Handler } from '../../wire/handler.ts';
import { ec2State, tagsOf } from '../../world/ec2.ts';
import type { Vpc } from '../../world/ec2.ts';
import type { World } from '../../world.ts';
import { byIds, filtered, pageOf } from './select.ts';

export const describeVpcs =
  (world: World): Handler<DescribeVpcsCommandInput, DescribeVpcsCommandOutput> =>
  (input, call) => {
    const state = ec2State(world, call);
    const chosen = byIds(
      state.vpcs,
      input.VpcIds,
      (id) => new AwsError('InvalidVpcID.NotFound', `The vpc ID '${id}' does not exist`),
    );
    const { items, next } = pageOf(filtered(state, chosen, input.Filters, valuesOf), input);
    return {
      NextToken: next,
      Vpcs: items.map((vpc) => ({
        VpcId: vpc.id,
        CidrBlock: vpc.cidr,
        IsDefault: vpc.isDefault,
        State: 'available',
        InstanceTenancy: 'default',
        OwnerId: call.account,
        Tags: tagsOf(state, vpc.id),
      })),
    };
  };

function valuesOf(vpc: Vpc, filter: string): (string | undefined)[] | undefined {
  if (filter === 'vpc-id') return [vpc.id];
  if (filter === 'cidr') return [vpc.cidr];
  if (filter === 'is-default' || filter === 'isDefault') return [String(vpc.isDefault)];
  if (filter === 'state') return ['available'];
  return undefined;
}
