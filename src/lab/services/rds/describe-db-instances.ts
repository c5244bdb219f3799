/** DescribeDBInstances: one instance, or all of the region by page. */
import type { DescribeDBInstancesCommandInput, DescribeDBInstancesCommandOutput } from '@aws-sdk/client-rds';
import { AwsError } from '../../wire/handler.ts';
import type { Handler } from '../../wire/handler.ts';
import { dbArn, rdsState } from '../../world/rds.ts';
import type { DbInstance } from '../../world/rds.ts';
import type { Scope, World } from '../../world.ts';
import { requireDb } from './find.ts';
import { page } from './page.ts';
import { instanceShape } from './shapes.ts';

export const describeDBInstances =
  (world: World): Handler<DescribeDBInstancesCommandInput, DescribeDBInstancesCommandOutput> =>
  (input, call) => {
    const { DBInstanceIdentifier, Filters = [] } = input;
    if (DBInstanceIdentifier !== undefined) {
      const db = requireDb(world, call, DBInstanceIdentifier);
      return { DBInstances: [instanceShape(world, call, db)] };
    }
    const found = Object.values(rdsState(world, call).instances)
      .filter((db) => Filters.every(({ Name, Values }) => matches(call, db, Name ?? '', Values ?? [])))
      .sort((a, b) => a.identifier.localeCompare(b.identifier));
    const { items, marker } = page(found, (db) => db.resourceId, input);
    return { DBInstances: items.map((db) => instanceShape(world, call, db)), Marker: marker };
  };

function matches(scope: Scope, db: DbInstance, name: string, values: readonly string[]): boolean {
  if (name === 'db-instance-id') return values.includes(db.identifier) || values.includes(dbArn(scope, db));
  if (name === 'dbi-resource-id') return values.includes(db.resourceId);
  if (name === 'engine') return values.includes(db.engine);
  if (name === 'db-cluster-id' || name === 'domain') return false;
  throw new AwsError('InvalidParameterValue', `Unrecognized filter name: ${name}`);
}
