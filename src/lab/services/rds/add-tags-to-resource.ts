/** AddTagsToResource: adds or overwrites. */
import type { AddTagsToResourceCommandInput, AddTagsToResourceCommandOutput } from '@aws-sdk/client-rds';
import type { Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import { tagMap } from './shapes.ts';
import { tagsByArn } from './tagged.ts';

export const addTagsToResource =
  (world: World): Handler<AddTagsToResourceCommandInput, AddTagsToResourceCommandOutput> =>
  ({ ResourceName, Tags }, call) => {
    Object.assign(tagsByArn(world, call, ResourceName), tagMap(Tags));
    return {};
  };
