/** DescribeTags of groups. */
import type { DescribeTagsCommandInput, DescribeTagsCommandOutput } from '@aws-sdk/client-auto-scaling';
import type { Handler } from '../../wire/handler.ts';
import { autoScalingState } from '../../world/autoscaling.ts';
import type { World } from '../../world.ts';
import { pageOf, validation } from './find.ts';
import { tagShapes } from './shapes.ts';

export const describeTags =
  (world: World): Handler<DescribeTagsCommandInput, DescribeTagsCommandOutput> =>
  (input, call) => {
    const all = Object.values(autoScalingState(world, call).groups).flatMap(tagShapes);
    const found = all.filter((tag) =>
      (input.Filters ?? []).every(({ Name = '', Values = [] }) => {
        const value = { 'auto-scaling-group': tag.ResourceId, key: tag.Key, value: tag.Value }[Name];
        if (value === undefined) throw validation(`Filter type ${Name} is not correct.`);
        return Values.includes(value);
      }),
    );
    const { items, next } = pageOf(found, ({ ResourceId, Key }) => `${ResourceId}/${Key}`, input);
    return { Tags: items, NextToken: next };
  };
