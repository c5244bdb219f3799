/** DescribeTags: of load balancers and target groups, at most 20 at once. */
import type { DescribeTagsCommandInput, DescribeTagsCommandOutput } from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsError } from '../../wire/handler.ts';
import type { Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import { requireLoadBalancer, requireTargetGroup } from './find.ts';

const most = 20;

export const describeTags =
  (world: World): Handler<DescribeTagsCommandInput, DescribeTagsCommandOutput> =>
  ({ ResourceArns = [] }, call) => {
    if (ResourceArns.length > most) {
      throw new AwsError('ValidationError', `The number of resource ARNs must not exceed ${most}`);
    }
    return {
      TagDescriptions: ResourceArns.map((ResourceArn) => {
        const find = ResourceArn.includes(':targetgroup/') ? requireTargetGroup : requireLoadBalancer;
        const { tags } = find(world, call, ResourceArn);
        return { ResourceArn, Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
      }),
    };
  };
