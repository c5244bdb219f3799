/** DeleteDBInstance. Snapshots aren't kept in the lab: a final one is validated and forgotten. */
import type { DeleteDBInstanceCommandInput, DeleteDBInstanceCommandOutput } from '@aws-sdk/client-rds';
import { AwsError } from '../../wire/handler.ts';
import type { Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import { invalidState, requireDb, requireName, requireReady } from './find.ts';
import { remove } from './operations.ts';
import { instanceShape } from './shapes.ts';
import { begin } from './stages.ts';

export const deleteDBInstance =
  (world: World): Handler<DeleteDBInstanceCommandInput, DeleteDBInstanceCommandOutput> =>
  ({ DBInstanceIdentifier, SkipFinalSnapshot = false, FinalDBSnapshotIdentifier }, call) => {
    const db = requireDb(world, call, DBInstanceIdentifier);
    if (SkipFinalSnapshot && FinalDBSnapshotIdentifier !== undefined)
      throw new AwsError(
        'InvalidParameterCombination',
        'FinalDBSnapshotIdentifier can not be specified when SkipFinalSnapshot is set to true.',
      );
    if (db.source !== undefined && FinalDBSnapshotIdentifier !== undefined)
      throw new AwsError(
        'InvalidParameterCombination',
        'FinalDBSnapshotIdentifier can not be specified when deleting a replica instance',
      );
    if (!SkipFinalSnapshot && FinalDBSnapshotIdentifier === undefined && db.source === undefined)
      throw new AwsError(
        'InvalidParameterCombination',
        'FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.',
      );
    if (FinalDBSnapshotIdentifier !== undefined)
      requireName('FinalDBSnapshotIdentifier', FinalDBSnapshotIdentifier, 255);
    if (db.deletionProtection)
      throw new AwsError(
        'InvalidParameterCombination',
        'Cannot delete protected DB Instance, please disable deletion protection and try again.',
      );
    if (db.status === 'deleting') throw invalidState(`Instance ${db.identifier} is already being deleted.`);
    const states = ['available', 'failed', 'stopped', 'incompatible-parameters', 'storage-full'];
    requireReady(db, `Instance ${db.identifier} is not currently in the available state.`, states);
    begin(world, call, db, remove);
    return { DBInstance: instanceShape(world, call, db) };
  };
