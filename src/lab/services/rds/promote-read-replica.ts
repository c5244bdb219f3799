/** PromoteReadReplica: the replica becomes an instance of its own. No way back. */
import type { PromoteReadReplicaCommandInput, PromoteReadReplicaCommandOutput } from '@aws-sdk/client-rds';
import { AwsError } from '../../wire/handler.ts';
import type { Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import { invalidState, requireDb, requireReady } from './find.ts';
import { promote } from './operations.ts';
import { instanceShape } from './shapes.ts';
import { begin } from './stages.ts';

export const promoteReadReplica =
  (world: World): Handler<PromoteReadReplicaCommandInput, PromoteReadReplicaCommandOutput> =>
  ({ DBInstanceIdentifier, BackupRetentionPeriod = 1 }, call) => {
    const db = requireDb(world, call, DBInstanceIdentifier);
    if (BackupRetentionPeriod < 0 || BackupRetentionPeriod > 35)
      throw new AwsError(
        'InvalidParameterValue',
        `Invalid backup retention period: ${BackupRetentionPeriod}. Must be between 0 and 35.`,
      );
    if (db.source === undefined) throw invalidState('DB Instance is not a read replica.');
    requireReady(db, `Instance ${db.identifier} is not in available state.`);
    begin(world, call, db, promote, { backupRetentionDays: BackupRetentionPeriod });
    return { DBInstance: instanceShape(world, call, db) };
  };
