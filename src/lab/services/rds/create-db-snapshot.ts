/** CreateDBSnapshot. The instance works on; it is `backing-up`, and busy, until the snapshot is available. */
import type { CreateDBSnapshotCommandInput, CreateDBSnapshotCommandOutput } from '@aws-sdk/client-rds';
import type { Handler } from '../../wire/handler.ts';
import { beginSnapshot } from '../../world/backups.ts';
import type { World } from '../../world.ts';
import { required, requireDb, requireReady } from './find.ts';
import { snapshot } from './operations.ts';
import { tagMap } from './shapes.ts';
import { cannotSnapshot, requireNewSnapshot, snapshotShape } from './snapshots.ts';
import { begin } from './stages.ts';

export const createDBSnapshot =
  (world: World): Handler<CreateDBSnapshotCommandInput, CreateDBSnapshotCommandOutput> =>
  (input, call) => {
    const name = required('DBSnapshotIdentifier', input.DBSnapshotIdentifier);
    const db = requireDb(world, call, input.DBInstanceIdentifier);
    const identifier = requireNewSnapshot(world, call, 'DBSnapshotIdentifier', name);
    requireReady(db, cannotSnapshot(db));
    const made = beginSnapshot(world, call, db, { identifier, type: 'manual', tags: tagMap(input.Tags) });
    begin(world, call, db, snapshot, { snapshot: made.id });
    return { DBSnapshot: snapshotShape(call, made) };
  };
