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
import { addStandby, standIn } from '../../world/databases.ts';
import { alphanumeric } from '../../world/ids.ts';
import { dbByIdentifier, rdsState } from '../../world/rds.ts';
import type { DbInstance, DbOrigin } from '../../world/rds.ts';
import type { Scope, World } from '../../world.ts';
import { required, requireName } from './find.ts';
import { restore } from './operations.ts';
import { placeOf } from './place.ts';
import { optionGroup, tagMap } from './shapes.ts';
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

/** @throws AwsError what RDS refuses before it looks at any backup */
export function requireNewInstance(world: World, call: Scope, parameter: string, name: string | undefined): string {
  const identifier = requireName(parameter, required(parameter, name), 63);
  if (dbByIdentifier(rdsState(world, call), identifier) !== undefined)
    throw new AwsError('DBInstanceAlreadyExists', 'DB instance already exists');
  return identifier;
}

/** Accepts the restore. @throws AwsError for what can't be an instance */
export function beginRestore(
  world: World,
  call: Scope,
  identifier: string,
  { origin, kmsKeyId, from }: Original,
  input: RestoreInput,
): DbInstance {
  const { engine, engineVersion, allocatedStorageGb, masterUser, masterPassword, database } = origin;
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
  const { subnetGroup, parameterGroup, groups } = placeOf(world, call, input);
  const db: DbInstance = {
    resourceId: `db-${alphanumeric(world, 26)}`,
    identifier,
    status: 'creating',
    createdAt: world.nowIso(),
    engine,
    engineVersion,
    instanceClass: input.DBInstanceClass ?? origin.instanceClass,
    allocatedStorageGb: input.AllocatedStorage ?? allocatedStorageGb,
    masterUser,
    masterPassword,
    database,
    port,
    ...standIn(world, call, subnetGroup, groups, input.AvailabilityZone),
    subnetGroup,
    multiAz: false,
    securityGroups: groups.map((id) => ({ id, status: 'active' })),
    parameterGroup: { name: parameterGroup, applyStatus: 'in-sync' },
    running: {},
    backupRetentionDays,
    kmsKeyId,
    deletionProtection: input.DeletionProtection ?? false,
    tags: tagMap(input.Tags),
    replicationDelayMs: 0,
    restoring: from,
    pending: {},
  };
  if (input.MultiAZ === true) addStandby(world, call, db);
  rdsState(world, call).instances[db.resourceId] = db;
  begin(world, call, db, restore);
  return db;
}

/** @throws AwsError OptionGroupNotFoundFault for any but the engine's default */
export function requireOptionGroup(name: string | undefined): void {
  if (name === undefined || name === optionGroup) return;
  throw new AwsError('OptionGroupNotFoundFault', `Specified OptionGroupName: ${name} not found.`, 404);
}
