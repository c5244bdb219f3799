/** ListTagsForResource of instances, snapshots, parameter groups and subnet groups. */
import type { ListTagsForResourceCommandInput, ListTagsForResourceCommandOutput } from '@aws-sdk/client-rds';
import type { Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import { tagList } from './shapes.ts';
import { tagsByArn } from './tagged.ts';

export const listTagsForResource =
  (world: World): Handler<ListTagsForResourceCommandInput, ListTagsForResourceCommandOutput> =>
  ({ ResourceName }, call) => ({ TagList: tagList(tagsByArn(world, call, ResourceName)) });
