/** RestoreDBInstanceFromDBSnapshot: a new instance with the data of a snapshot of this region. */
import type {
  RestoreDBInstanceFromDBSnapshotCommandInput,
  RestoreDBInstanceFromDBSnapshotCommandOutput,
} from '@aws-sdk/client-rds';
import type { Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import { required } from './find.ts';
import { requireNewName } from './new-instance.ts';
import { beginRestore } from './restored.ts';
import { instanceShape } from './shapes.ts';
import { requireAvailable, requireSnapshot } from './snapshots.ts';

export const restoreDBInstanceFromDBSnapshot =
  (world: World): Handler<RestoreDBInstanceFromDBSnapshotCommandInput, RestoreDBInstanceFromDBSnapshotCommandOutput> =>
  ({ DBInstanceIdentifier, ...input }, call) => {
    const identifier = requireNewName(world, call, 'DBInstanceIdentifier', DBInstanceIdentifier);
    const snapshot = requireSnapshot(world, call, required('DBSnapshotIdentifier', input.DBSnapshotIdentifier));
    requireAvailable(snapshot);
    const { origin, kmsKeyId } = snapshot;
    const db = beginRestore(world, call, identifier, { origin, kmsKeyId, from: { snapshot: snapshot.id } }, input);
    return { DBInstance: instanceShape(world, call, db) };
  };
