/** DescribeNetworkInterfaces: of instances, databases and load balancers alike, each with who made it. */
import type {
  DescribeNetworkInterfacesCommandInput,
  DescribeNetworkInterfacesCommandOutput,
} from '@aws-sdk/client-ec2';
import { AwsError } from '../../wire/handler.ts';
import type { Handler } from '../../wire/handler.ts';
import { ec2State } from '../../world/ec2.ts';
import type { Ec2State, NetworkInterface } from '../../world/ec2.ts';
import type { World } from '../../world.ts';
import { byIds, filtered, pageOf } from './select.ts';
import { interfaceShape } from './shapes.ts';

export const describeNetworkInterfaces =
  (world: World): Handler<DescribeNetworkInterfacesCommandInput, DescribeNetworkInterfacesCommandOutput> =>
  (input, call) => {
    const state = ec2State(world, call);
    const chosen = byIds(
      state.interfaces,
      input.NetworkInterfaceIds,
      (id) => new AwsError('InvalidNetworkInterfaceID.NotFound', `The networkInterface ID '${id}' does not exist`),
    );
    const { items, next } = pageOf(filtered(state, chosen, input.Filters, valuesOf(state)), input);
    return { NextToken: next, NetworkInterfaces: items.map((each) => interfaceShape(state, call, each)) };
  };

const valuesOf =
  (state: Ec2State) =>
  (each: NetworkInterface, filter: string): (string | undefined)[] | undefined => {
    const subnet = state.subnets[each.subnetId];
    switch (filter) {
      case 'network-interface-id':
        return [each.id];
      case 'subnet-id':
        return [each.subnetId];
      case 'vpc-id':
        return [subnet?.vpcId];
      case 'availability-zone':
        return [subnet?.zone];
      case 'group-id':
        return each.groups;
      case 'attachment.instance-id':
        return [each.instanceId];
      case 'private-ip-address':
      case 'addresses.private-ip-address':
        return [each.address];
      case 'description':
        return [each.description];
      case 'requester-id':
        return [each.requesterId];
      case 'requester-managed':
        return [String(each.requesterId !== undefined)];
      case 'status':
        return ['in-use'];
      default:
        return undefined;
    }
  };
