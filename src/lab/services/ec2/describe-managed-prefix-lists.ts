/** DescribeManagedPrefixLists: those that the provider owns; customers have none of their own here. */
import type {
  DescribeManagedPrefixListsCommandInput,
  DescribeManagedPrefixListsCommandOutput,
} from '@aws-sdk/client-ec2';
import type { Handler } from '../../wire/handler.ts';
import { ec2State } from '../../world/ec2.ts';
import { arn } from '../../world/ids.ts';
import type { World } from '../../world.ts';
import { selectedPrefixLists } from './prefix-lists.ts';

export const describeManagedPrefixLists =
  (world: World): Handler<DescribeManagedPrefixListsCommandInput, DescribeManagedPrefixListsCommandOutput> =>
  (input, call) => {
    const { items, next } = selectedPrefixLists(ec2State(world, call), call, input);
    return {
      NextToken: next,
      PrefixLists: items.map(({ id, name }) => ({
        PrefixListId: id,
        PrefixListName: name,
        PrefixListArn: arn('ec2', { ...call, account: 'aws' }, `prefix-list/${id}`),
        AddressFamily: 'IPv4',
        State: 'create-complete',
        OwnerId: 'AWS',
        Tags: [],
      })),
    };
  };
