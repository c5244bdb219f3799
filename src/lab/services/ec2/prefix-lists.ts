/** Which prefix lists a describe call means, for both of EC2's calls. */
import type { Filter } from '@aws-sdk/client-ec2';
import { AwsError } from '../../wire/handler.ts';
import type { Ec2State } from '../../world/ec2.ts';
import { prefixListsOf, type PrefixList } from '../../world/prefix-lists.ts';
import { byIds, filtered, pageOf } from './select.ts';

interface Asked {
  PrefixListIds?: string[] | undefined;
  Filters?: Filter[] | undefined;
  MaxResults?: number | undefined;
  NextToken?: string | undefined;
}

export function selectedPrefixLists(
  state: Ec2State,
  scope: { region: string },
  asked: Asked,
): { items: PrefixList[]; next: string | undefined } {
  const lists = Object.fromEntries(prefixListsOf(scope).map((list) => [list.id, list]));
  const missing = (id: string): AwsError =>
    new AwsError('InvalidPrefixListID.NotFound', `The prefix list ID '${id}' does not exist`);
  const found = filtered(state, byIds(lists, asked.PrefixListIds, missing), asked.Filters, ({ id, name }, filter) => {
    if (filter === 'prefix-list-id') return [id];
    if (filter === 'prefix-list-name') return [name];
    if (filter === 'owner-id') return ['AWS'];
    return undefined;
  });
  return pageOf(found, asked);
}
