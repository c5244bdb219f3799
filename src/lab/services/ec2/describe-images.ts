/** DescribeImages by id, name, owner or tag. There are none but the account's own. */
import type { DescribeImagesCommandInput, DescribeImagesCommandOutput } from '@aws-sdk/client-ec2';
import { AwsError } from '../../wire/handler.ts';
import type { Handler } from '../../wire/handler.ts';
import { ec2State, tagsOf } from '../../world/ec2.ts';
import type { World } from '../../world.ts';
import { byIds, filtered, pageOf } from './select.ts';

export const describeImages =
  (world: World): Handler<DescribeImagesCommandInput, DescribeImagesCommandOutput> =>
  (input, call) => {
    const state = ec2State(world, call);
    const missing = (id: string): AwsError =>
      new AwsError('InvalidAMIID.NotFound', `The image id '[${id}]' does not exist`);
    const { Owners: owners = [] } = input;
    const own = owners.length === 0 || owners.some((owner) => owner === 'self' || owner === call.account);
    const chosen = own ? byIds(state.images, input.ImageIds, missing) : [];
    const found = filtered(state, chosen, input.Filters, ({ id, name }, filter) => {
      if (filter === 'image-id') return [id];
      if (filter === 'name') return [name];
      if (filter === 'state') return ['available'];
      return undefined;
    });
    const { items, next } = pageOf(found, input);
    return {
      NextToken: next,
      Images: items.map(({ id, name, createdAt }) => ({
        ImageId: id,
        Name: name,
        OwnerId: call.account,
        CreationDate: createdAt,
        State: 'available',
        Architecture: 'x86_64',
        ImageType: 'machine',
        Public: false,
        RootDeviceType: 'ebs',
        Tags: tagsOf(state, id),
      })),
    };
  };
