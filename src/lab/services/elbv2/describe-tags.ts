/** DescribeTags of load balancers and target groups, by ARN. */
import type { DescribeTagsCommandInput, DescribeTagsCommandOutput } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import { requireBalancer, requireTargetGroup } from './find.ts';

export const describeTags =
  (world: World): Handler<DescribeTagsCommandInput, DescribeTagsCommandOutput> =>
  ({ ResourceArns = [] }, call) => ({
    TagDescriptions: ResourceArns.map((ResourceArn) => {
      const isGroup = ResourceArn.includes(':targetgroup/');
      const { tags } = (isGroup ? requireTargetGroup : requireBalancer)(world, call, ResourceArn);
      return { ResourceArn, Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
    }),
  });
