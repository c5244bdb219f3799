/** DeleteTags: a tag with a value goes only if it has that value; without tags, all go. */
import type { DeleteTagsCommandInput, DeleteTagsCommandOutput } from '@aws-sdk/client-ec2';
import type { Handler } from '../../wire/handler.ts';
import { ec2State } from '../../world/ec2.ts';
import type { World } from '../../world.ts';
import { refuseDryRun } from './find.ts';
import { requireResources } from './tags.ts';

export const deleteTags =
  (world: World): Handler<DeleteTagsCommandInput, DeleteTagsCommandOutput> =>
  ({ Resources, Tags, DryRun }, call) => {
    const state = ec2State(world, call);
    const ids = requireResources(state, Resources);
    refuseDryRun(DryRun);
    for (const id of ids) {
      const kept = Object.entries(state.tags[id] ?? {}).filter(
        ([key, value]) =>
          Tags !== undefined &&
          !Tags.some((tag) => tag.Key === key && (tag.Value === undefined || tag.Value === value)),
      );
      state.tags[id] = Object.fromEntries(kept);
    }
    return {};
  };
