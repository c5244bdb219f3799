/** DescribeAutoScalingGroups by name or tag. Names that are not there are left out, as on AWS. */
import type {
  DescribeAutoScalingGroupsCommandInput,
  DescribeAutoScalingGroupsCommandOutput,
} from '@aws-sdk/client-auto-scaling';
import type { Filter } from '@aws-sdk/client-auto-scaling';
import type { Handler } from '../../wire/handler.ts';
import { autoScalingState } from '../../world/autoscaling.ts';
import type { Group } from '../../world/autoscaling.ts';
import type { World } from '../../world.ts';
import { pageOf, validation } from './find.ts';
import { groupShape } from './shapes.ts';

export const describeAutoScalingGroups =
  (world: World): Handler<DescribeAutoScalingGroupsCommandInput, DescribeAutoScalingGroupsCommandOutput> =>
  (input, call) => {
    const names = input.AutoScalingGroupNames ?? [];
    const found = Object.values(autoScalingState(world, call).groups)
      .filter(({ name }) => names.length === 0 || names.includes(name))
      .filter((group) => (input.Filters ?? []).every((filter) => matches(group, filter)))
      .sort((a, b) => a.name.localeCompare(b.name));
    const { items, next } = pageOf(found, ({ name }) => name, input);
    return { AutoScalingGroups: items.map((group) => groupShape(world, call, group)), NextToken: next };
  };

function matches({ tags }: Group, { Name = '', Values = [] }: Filter): boolean {
  if (Name.startsWith('tag:')) return tags.some(({ key, value }) => key === Name.slice(4) && Values.includes(value));
  if (Name === 'tag-key') return tags.some(({ key }) => Values.includes(key));
  if (Name === 'tag-value') return tags.some(({ value }) => Values.includes(value));
  throw validation(`Filter type ${Name} is not correct. Allowed Filter types are: tag-key tag-value tag:<key>`);
}
