/** DescribeDBSubnetGroups: one group, or all of the region by page. */
import type { DescribeDBSubnetGroupsCommandInput, DescribeDBSubnetGroupsCommandOutput } from '@aws-sdk/client-rds';
import type { Handler } from '../../wire/handler.ts';
import { rdsState } from '../../world/rds.ts';
import type { World } from '../../world.ts';
import { requireSubnetGroup } from './find.ts';
import { page } from './page.ts';
import { subnetGroupShape } from './shapes.ts';

export const describeDBSubnetGroups =
  (world: World): Handler<DescribeDBSubnetGroupsCommandInput, DescribeDBSubnetGroupsCommandOutput> =>
  (input, call) => {
    if (input.DBSubnetGroupName !== undefined) {
      const group = requireSubnetGroup(world, call, input.DBSubnetGroupName);
      return { DBSubnetGroups: [subnetGroupShape(world, call, group)] };
    }
    const all = Object.values(rdsState(world, call).subnetGroups).sort((a, b) => a.name.localeCompare(b.name));
    const { items, marker } = page(all, ({ name }) => name, input);
    return { DBSubnetGroups: items.map((group) => subnetGroupShape(world, call, group)), Marker: marker };
  };
