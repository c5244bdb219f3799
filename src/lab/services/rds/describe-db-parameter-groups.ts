/** DescribeDBParameterGroups: one group, or all of the region by page. */
import type {
  DescribeDBParameterGroupsCommandInput,
  DescribeDBParameterGroupsCommandOutput,
} from '@aws-sdk/client-rds';
import type { Handler } from '../../wire/handler.ts';
import { rdsState } from '../../world/rds.ts';
import type { World } from '../../world.ts';
import { requireParameterGroup } from './find.ts';
import { page } from './page.ts';
import { parameterGroupShape } from './shapes.ts';

export const describeDBParameterGroups =
  (world: World): Handler<DescribeDBParameterGroupsCommandInput, DescribeDBParameterGroupsCommandOutput> =>
  (input, call) => {
    if (input.DBParameterGroupName !== undefined) {
      const group = requireParameterGroup(world, call, input.DBParameterGroupName);
      return { DBParameterGroups: [parameterGroupShape(call, group)] };
    }
    const all = Object.values(rdsState(world, call).parameterGroups).sort((a, b) => a.name.localeCompare(b.name));
    const { items, marker } = page(all, ({ name }) => name, input);
    return { DBParameterGroups: items.map((group) => parameterGroupShape(call, group)), Marker: marker };
  };
