/** RemoveTagsFromResource: keys that are not there are ignored. */
import type { RemoveTagsFromResourceCommandInput, RemoveTagsFromResourceCommandOutput } from '@aws-sdk/client-rds';
import type { Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import { tagsByArn } from './tagged.ts';

export const removeTagsFromResource =
  (world: World): Handler<RemoveTagsFromResourceCommandInput, RemoveTagsFromResourceCommandOutput> =>
  ({ ResourceName, TagKeys }, call) => {
    const tags = tagsByArn(world, call, ResourceName);
    for (const key of TagKeys ?? []) delete tags[key];
    return {};
  };
