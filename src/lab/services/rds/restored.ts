/**
 * What restores share: where the new instance stands and what it is, by the call or, where that is silent, by RDS's defaults. They
 * are not the original's: the default security group, the default parameter group, one zone, no protection from deletion.
 *
 * Source: RDS API reference, RestoreDBInstanceFromDBSnapshot and RestoreDBInstanceToPointInTime.
 */
import type {
  RestoreDBInstanceFromDBSnapshotCommandInput,
  RestoreDBInstanceToPointInTimeCommandInput,
} from '@aws-sdk/client-rds';
import type { RestoreSource } from '../../machines/machines.ts';
import { AwsError } from '../../wire/handler.ts';
import type { DbInstance, DbOrigin } from '../../world/rds.ts';
import type { Scope, World } from '../../world.ts';
import { addInstance } from './new-instance.ts';
import { restore } from './operations.ts';
import { placeOf } from './place.ts';
import { optionGroup } from './shapes.ts';
import { begin } from './stages.ts';

type RestoreInput = Omit<
  RestoreDBInstanceFromDBSnapshotCommandInput & RestoreDBInstanceToPointInTimeCommandInput,
  'DBInstanceIdentifier' | 'TargetDBInstanceIdentifier'
>;

export interface Original {
  origin: DbOrigin;
  kmsKeyId: string;
  from: RestoreSource;
}

/** Accepts the restore. @throws AwsError for what can't be an instance */
export function beginRestore(
  world: World,
  call: Scope,
  identifier: string,
  { origin, kmsKeyId, from }: Original,
  input: RestoreInput,
): DbInstance {
  const { engine, allocatedStorageGb } = origin;
  const port = input.Port ?? origin.port;
  if (port < 1150 || port > 65_535)
    throw new AwsError('InvalidParameterValue', `Invalid database port: ${port}. Must be between 1150 and 65535.`);
  if (input.DBName !== undefined)
    throw new AwsError('InvalidParameterValue', 'DBName must be null when Restoring for this Engine.');
  if (input.Engine !== undefined && input.Engine !== engine)
    throw new AwsError('InvalidParameterValue', `Cannot restore a ${engine} backup to engine ${input.Engine}.`);
  if (input.AllocatedStorage !== undefined && input.AllocatedStorage < allocatedStorageGb)
    throw new AwsError('InvalidParameterValue', 'Allocated storage size must not be smaller than the original size');
  const backupRetentionDays = input.BackupRetentionPeriod ?? origin.backupRetentionDays;
  if (backupRetentionDays < 0 || backupRetentionDays > 35)
    throw new AwsError(
      'InvalidParameterValue',
      `Invalid backup retention period: ${backupRetentionDays}. Must be between 0 and 35.`,
    );
  requireOptionGroup(input.OptionGroupName);
  const db = addInstance(world, call, input, origin, placeOf(world, call, input), {
    identifier,
    allocatedStorageGb: input.AllocatedStorage ?? allocatedStorageGb,
    backupRetentionDays,
    kmsKeyId,
    restoring: from,
  });
  begin(world, call, db, restore);
  return db;
}

/** @throws AwsError OptionGroupNotFoundFault for any but the engine's default */
export function requireOptionGroup(name: string | undefined): void {
  if (name === undefined || name === optionGroup) return;
  throw new AwsError('OptionGroupNotFoundFault', `Specified OptionGroupName: ${name} not found.`, 404);
}
