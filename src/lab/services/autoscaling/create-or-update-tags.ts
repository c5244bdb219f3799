/** CreateOrUpdateTags of groups. Instances that run keep theirs. */
import type { CreateOrUpdateTagsCommandInput, CreateOrUpdateTagsCommandOutput } from '@aws-sdk/client-auto-scaling';
import type { Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import { requireScalingGroup } from './find.ts';

export const createOrUpdateTags =
  (world: World): Handler<CreateOrUpdateTagsCommandInput, CreateOrUpdateTagsCommandOutput> =>
  ({ Tags = [] }, call) => {
    const named = Tags.map((tag) => ({ tag, group: requireScalingGroup(world, call, tag.ResourceId) }));
    for (const { tag, group } of named) {
      const { Key: key = '', Value: value = '', PropagateAtLaunch: propagate = false } = tag;
      group.tags = [...group.tags.filter((each) => each.key !== key), { key, value, propagate }];
    }
    return {};
  };
