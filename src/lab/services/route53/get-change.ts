/** GetChange: PENDING until the name servers have it, then INSYNC. */
import type { ChangeInfo, GetChangeCommandInput, GetChangeCommandOutput } from '@aws-sdk/client-route-53';
import { AwsError } from '../../wire/handler.ts';
import type { Handler } from '../../wire/handler.ts';
import { route53State } from '../../world/route53.ts';
import type { Change } from '../../world/route53.ts';
import type { World } from '../../world.ts';

export const getChange =
  (world: World): Handler<GetChangeCommandInput, GetChangeCommandOutput> =>
  ({ Id = '' }, call) => {
    const id = Id.replace(/^\/?change\//, '');
    const change = route53State(world, call).changes[id];
    if (change === undefined) throw new AwsError('NoSuchChange', `Could not find resource with ID: ${id}`, 404);
    return { ChangeInfo: changeShape(change) };
  };

export const changeShape = (change: Change): ChangeInfo => ({
  Id: `/change/${change.id}`,
  Status: change.status,
  SubmittedAt: new Date(change.submittedAt),
  Comment: change.comment,
});
