/** DeleteDBInstance, with a final snapshot or a waiver. Automated backups go with the instance: the lab retains none. */
import type { DeleteDBInstanceCommandInput, DeleteDBInstanceCommandOutput } from '@aws-sdk/client-rds';
import { AwsError } from '../../wire/handler.ts';
import type { Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import { beginSnapshot } from '../../world/backups.ts';
import { invalidState, requireDb, requireReady } from './find.ts';
import { remove } from './operations.ts';
import { instanceShape } from './shapes.ts';
import { cannotSnapshot, requireNewSnapshot } from './snapshots.ts';
import { begin } from './stages.ts';

export const deleteDBInstance =
  (world: World): Handler<DeleteDBInstanceCommandInput, DeleteDBInstanceCommandOutput> =>
  (input, call) => {
    const { DBInstanceIdentifier, SkipFinalSnapshot = false, FinalDBSnapshotIdentifier } = input;
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
    if (input.DeleteAutomatedBackups === false)
      throw new AwsError('NotImplemented', 'The lab retains no automated backups of deleted instances.', 501);
    const final =
      FinalDBSnapshotIdentifier === undefined
        ? undefined
        : requireNewSnapshot(world, call, 'FinalDBSnapshotIdentifier', FinalDBSnapshotIdentifier);
    if (db.deletionProtection)
      throw new AwsError(
        'InvalidParameterCombination',
        'Cannot delete protected DB Instance, please disable deletion protection and try again.',
      );
    if (db.status === 'deleting') throw invalidState(`Instance ${db.identifier} is already being deleted.`);
    const states = ['available', 'failed', 'stopped', 'incompatible-parameters', 'storage-full'];
    requireReady(db, `Instance ${db.identifier} is not currently in the available state.`, states);
    if (final !== undefined) {
      requireReady(db, cannotSnapshot(db));
      const { id } = beginSnapshot(world, call, db, { identifier: final, type: 'manual', tags: {} });
      begin(world, call, db, remove, { snapshot: id });
    } else begin(world, call, db, remove);
    return { DBInstance: instanceShape(world, call, db) };
  };
