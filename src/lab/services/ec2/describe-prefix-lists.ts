/** DescribePrefixLists: the provider's own. */
import type { DescribePrefixListsCommandInput, DescribePrefixListsCommandOutput } from '@aws-sdk/client-ec2';
import type { Handler } from '../../wire/handler.ts';
import { ec2State } from '../../world/ec2.ts';
import type { World } from '../../world.ts';
import { selectedPrefixLists } from './prefix-lists.ts';

export const describePrefixLists =
  (world: World): Handler<DescribePrefixListsCommandInput, DescribePrefixListsCommandOutput> =>
  (input, call) => {
    const { items, next } = selectedPrefixLists(ec2State(world, call), call, input);
    return {
      NextToken: next,
      PrefixLists: items.map(({ id, name, cidrs }) => ({ PrefixListId: id, PrefixListName: name, Cidrs: [...cidrs] })),
    };
  };
