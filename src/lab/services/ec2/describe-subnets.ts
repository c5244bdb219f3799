/** DescribeSubnets by id, tag, VPC or zone. */
import type { DescribeSubnetsCommandInput, DescribeSubnetsCommandOutput } from '@aws-sdk/client-ec2';
import { AwsError } from '../../wire/handler.ts';
import type { Handler } from '../../wire/handler.ts';
import { ec2State, tagsOf, zoneId } from '../../world/ec2.ts';
import type { Ec2State, Subnet } from '../../world/ec2.ts';
import { arn } from '../../world/ids.ts';
import type { World } from '../../world.ts';
import { byIds, filtered, pageOf } from './select.ts';

export const describeSubnets =
  (world: World): Handler<DescribeSubnetsCommandInput, DescribeSubnetsCommandOutput> =>
  (input, call) => {
    const state = ec2State(world, call);
    const chosen = byIds(
      state.subnets,
      input.SubnetIds,
      (id) => new AwsError('InvalidSubnetID.NotFound', `The subnet ID '${id}' does not exist`),
    );
    const { items, next } = pageOf(filtered(state, chosen, input.Filters, valuesOf), input);
    return {
      NextToken: next,
      Subnets: items.map((subnet) => ({
        SubnetId: subnet.id,
        SubnetArn: arn('ec2', call, `subnet/${subnet.id}`),
        VpcId: subnet.vpcId,
        AvailabilityZone: subnet.zone,
        AvailabilityZoneId: zoneId(call.region, subnet.zone),
        CidrBlock: subnet.cidr,
        AvailableIpAddressCount: 251 - interfacesIn(state, subnet.id),
        State: 'available',
        OwnerId: call.account,
        DefaultForAz: false,
        MapPublicIpOnLaunch: false,
        Tags: tagsOf(state, subnet.id),
      })),
    };
  };

const interfacesIn = (state: Ec2State, subnetId: string): number =>
  Object.values(state.interfaces).filter((each) => each.subnetId === subnetId).length;

function valuesOf(subnet: Subnet, filter: string): (string | undefined)[] | undefined {
  switch (filter) {
    case 'subnet-id':
      return [subnet.id];
    case 'vpc-id':
      return [subnet.vpcId];
    case 'availability-zone':
    case 'availabilityZone':
      return [subnet.zone];
    case 'cidr-block':
    case 'cidrBlock':
    case 'cidr':
      return [subnet.cidr];
    case 'state':
      return ['available'];
    default:
      return undefined;
  }
}
