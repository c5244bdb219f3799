/** CreateTags: adds or overwrites, on up to 1,000 resources at once. */
import type { CreateTagsCommandInput, CreateTagsCommandOutput } from '@aws-sdk/client-ec2';
import type { Handler } from '../../wire/handler.ts';
import { ec2State } from '../../world/ec2.ts';
import type { World } from '../../world.ts';
import { refuseDryRun } from './find.ts';
import { checkedTags, requireResources } from './tags.ts';

export const createTags =
  (world: World): Handler<CreateTagsCommandInput, CreateTagsCommandOutput> =>
  ({ Resources, Tags, DryRun }, call) => {
    const state = ec2State(world, call);
    const ids = requireResources(state, Resources);
    const tags = checkedTags(Tags ?? []);
    refuseDryRun(DryRun);
    for (const id of ids) state.tags[id] = { ...state.tags[id], ...tags };
    return {};
  };
