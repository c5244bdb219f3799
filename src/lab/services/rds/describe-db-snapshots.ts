/** DescribeDBSnapshots: the lab keeps none. */
import type { DescribeDBSnapshotsCommandInput, DescribeDBSnapshotsCommandOutput } from '@aws-sdk/client-rds';
import { AwsError } from '../../wire/handler.ts';
import type { Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';

export const describeDBSnapshots =
  (_world: World): Handler<DescribeDBSnapshotsCommandInput, DescribeDBSnapshotsCommandOutput> =>
  ({ DBSnapshotIdentifier }) => {
    if (DBSnapshotIdentifier !== undefined)
      throw new AwsError('DBSnapshotNotFound', `DBSnapshot ${DBSnapshotIdentifier} not found.`, 404);
    return { DBSnapshots: [] };
  };
