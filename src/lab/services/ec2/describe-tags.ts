/** DescribeTags: one row per tag. */
import type { DescribeTagsCommandInput, DescribeTagsCommandOutput, Filter, TagDescription } from '@aws-sdk/client-ec2';
import type { Handler } from '../../wire/handler.ts';
import { ec2State } from '../../world/ec2.ts';
import type { World } from '../../world.ts';
import { filtered } from './select.ts';
import { resourceType } from './tags.ts';

export const describeTags =
  (world: World): Handler<DescribeTagsCommandInput, DescribeTagsCommandOutput> =>
  ({ Filters }, call) => {
    const state = ec2State(world, call);
    const rows = Object.entries(state.tags).flatMap(([id, tags]) =>
      Object.entries(tags).map(([key, value]) => ({ id, key, value, type: resourceType(id) })),
    );
    // Here `tag:…` chooses the row, so the filters on a resource's other tags don't apply.
    const found = filtered({ ...state, tags: {} }, rows, keyed(Filters), (row, name) => {
      if (name === 'resource-id') return [row.id];
      if (name === 'resource-type') return [row.type];
      if (name === 'key') return [row.key];
      if (name === 'value') return [row.value];
      return undefined;
    });
    return {
      Tags: found.map(({ id, key, value, type }) => ({
        ResourceId: id,
        ResourceType: type as TagDescription['ResourceType'],
        Key: key,
        Value: value,
      })),
    };
  };

/** `tag:KEY` means that key with one of these values. */
const keyed = (filters: readonly Filter[] | undefined): Filter[] =>
  (filters ?? []).flatMap(({ Name = '', Values }) =>
    Name.startsWith('tag:')
      ? [
          { Name: 'key', Values: [Name.slice(4)] },
          { Name: 'value', Values },
        ]
      : [{ Name, Values }],
  );
