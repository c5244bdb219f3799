/** DescribeInstances: terminated ones too, for about an hour. */
import type { DescribeInstancesCommandInput, DescribeInstancesCommandOutput } from '@aws-sdk/client-ec2';
import { AwsError } from '../../wire/handler.ts';
import type { Handler } from '../../wire/handler.ts';
import { ec2State } from '../../world/ec2.ts';
import type { Ec2State, Instance } from '../../world/ec2.ts';
import type { World } from '../../world.ts';
import { requireInstances } from './find.ts';
import { filtered, pageOf } from './select.ts';
import { instanceShape } from './shapes.ts';

export const describeInstances =
  (world: World): Handler<DescribeInstancesCommandInput, DescribeInstancesCommandOutput> =>
  (input, call) => {
    const state = ec2State(world, call);
    const named = input.InstanceIds !== undefined && input.InstanceIds.length > 0;
    if (named && input.MaxResults !== undefined)
      throw new AwsError(
        'InvalidParameterCombination',
        'The parameter instancesSet cannot be used with the parameter maxResults',
      );
    const chosen = named ? requireInstances(world, call, input.InstanceIds) : Object.values(state.instances);
    const { items, next } = pageOf(filtered(state, chosen, input.Filters, valuesOf(state)), input);
    const reservations = new Map<string, Instance[]>();
    for (const item of items)
      reservations.set(item.reservationId, [...(reservations.get(item.reservationId) ?? []), item]);
    return {
      NextToken: next,
      Reservations: [...reservations].map(([ReservationId, instances]) => ({
        ReservationId,
        OwnerId: call.account,
        Groups: [],
        Instances: instances.map((instance) => instanceShape(state, call, instance)),
      })),
    };
  };

const valuesOf =
  (state: Ec2State) =>
  (instance: Instance, filter: string): (string | undefined)[] | undefined => {
    const subnet = state.subnets[instance.subnetId];
    switch (filter) {
      case 'instance-id':
        return [instance.id];
      case 'instance-state-name':
        return [instance.state];
      case 'availability-zone':
        return [subnet?.zone];
      case 'subnet-id':
        return [instance.subnetId];
      case 'vpc-id':
        return [subnet?.vpcId];
      case 'private-ip-address':
        return [instance.address];
      case 'image-id':
        return [instance.imageId];
      case 'instance-type':
        return [instance.type];
      case 'instance.group-id':
      case 'group-id':
        return instance.groups;
      case 'client-token':
        return [instance.clientToken];
      default:
        return undefined;
    }
  };
