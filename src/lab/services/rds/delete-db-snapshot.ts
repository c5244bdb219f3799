/** DeleteDBSnapshot: manual ones that are available. Automated ones go with their instance, or with its backups. */
import type { DeleteDBSnapshotCommandInput, DeleteDBSnapshotCommandOutput } from '@aws-sdk/client-rds';
import type { Handler } from '../../wire/handler.ts';
import { dropSnapshot } from '../../world/backups.ts';
import type { World } from '../../world.ts';
import { required } from './find.ts';
import { invalidSnapshot, requireAvailable, requireSnapshot, snapshotShape } from './snapshots.ts';

export const deleteDBSnapshot =
  (world: World): Handler<DeleteDBSnapshotCommandInput, DeleteDBSnapshotCommandOutput> =>
  ({ DBSnapshotIdentifier }, call) => {
    const snapshot = requireSnapshot(world, call, required('DBSnapshotIdentifier', DBSnapshotIdentifier));
    if (snapshot.type === 'automated') throw invalidSnapshot('automated snapshots cannot be deleted.');
    if (snapshot.status !== 'failed') requireAvailable(snapshot);
    dropSnapshot(world, call, snapshot.id);
    return { DBSnapshot: { ...snapshotShape(call, snapshot), Status: 'deleted' } };
  };
