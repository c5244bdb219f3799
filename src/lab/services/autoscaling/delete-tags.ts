/** DeleteTags of groups. */
import type { DeleteTagsCommandInput, DeleteTagsCommandOutput } from '@aws-sdk/client-auto-scaling';
import type { Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import { requireScalingGroup } from './find.ts';

export const deleteTags =
  (world: World): Handler<DeleteTagsCommandInput, DeleteTagsCommandOutput> =>
  ({ Tags = [] }, call) => {
    const named = Tags.map((tag) => ({ tag, group: requireScalingGroup(world, call, tag.ResourceId) }));
    for (const { tag, group } of named) group.tags = group.tags.filter(({ key }) => key !== tag.Key);
    return {};
  };
