/**
 * ModifyDBInstance. Security groups and the parameter group are taken up at once; a new parameter group waits for a reboot; the
 * rest waits for ApplyImmediately (or a maintenance window, which the lab never reaches). The status follows some seconds later.
 */
import type { ModifyDBInstanceCommandInput, ModifyDBInstanceCommandOutput } from '@aws-sdk/client-rds';
import type { JsonObject } from '../../../domain/json.ts';
import { AwsError } from '../../wire/handler.ts';
import type { Handler } from '../../wire/handler.ts';
import { ec2State } from '../../world/ec2.ts';
import { dbByIdentifier, rdsState } from '../../world/rds.ts';
import type { DbInstance, PendingChanges } from '../../world/rds.ts';
import type { Scope, World } from '../../world.ts';
import { invalidState, requireDb, requireName, requireParameterGroup, requireReady } from './find.ts';
import { modify } from './operations.ts';
import { instanceShape } from './shapes.ts';
import { begin } from './stages.ts';

export const modifyDBInstance =
  (world: World): Handler<ModifyDBInstanceCommandInput, ModifyDBInstanceCommandOutput> =>
  (input, call) => {
    const db = requireDb(world, call, input.DBInstanceIdentifier);
    requireReady(db, 'Database instance is not in available state.');
    const pending = changesOf(world, call, db, input);
    const groups = input.VpcSecurityGroupIds;
    if (groups !== undefined) requireGroups(world, call, db, groups);
    const parameterGroup =
      input.DBParameterGroupName === undefined
        ? undefined
        : requireParameterGroup(world, call, input.DBParameterGroupName);

    if (input.DeletionProtection !== undefined) db.deletionProtection = input.DeletionProtection;
    if (parameterGroup !== undefined && parameterGroup.name !== db.parameterGroup.name)
      db.parameterGroup = { name: parameterGroup.name, applyStatus: 'pending-reboot' };
    db.pending = { ...db.pending, ...pending };
    const now: JsonObject = {
      ...(groups === undefined ? {} : { securityGroups: groups }),
      ...(input.ApplyImmediately === true ? { ...db.pending, enablesBackups: enablesBackups(db) } : {}),
    };
    if (groups !== undefined) db.securityGroups = groups.map((id) => ({ id, status: 'adding' }));
    const nothing = Object.values(now).every((value) => value === undefined || value === false);
    if (!nothing || now['multiAz'] === false) begin(world, call, db, modify, now);
    return { DBInstance: instanceShape(world, call, db) };
  };

const enablesBackups = (db: DbInstance): boolean =>
  db.backupRetentionDays === 0 && (db.pending.backupRetentionDays ?? 0) > 0;

/** What differs from now and needs time. */
function changesOf(world: World, scope: Scope, db: DbInstance, input: ModifyDBInstanceCommandInput): PendingChanges {
  const changes: PendingChanges = {};
  const { NewDBInstanceIdentifier, MultiAZ, BackupRetentionPeriod, DBInstanceClass, AllocatedStorage } = input;
  if (NewDBInstanceIdentifier !== undefined) {
    const identifier = requireName('NewDBInstanceIdentifier', NewDBInstanceIdentifier, 63);
    const other = dbByIdentifier(rdsState(world, scope), identifier);
    if (other !== undefined && other !== db)
      throw new AwsError('DBInstanceAlreadyExists', 'DB instance already exists');
    if (identifier !== db.identifier) changes.identifier = identifier;
  }
  if (BackupRetentionPeriod !== undefined) {
    if (BackupRetentionPeriod < 0 || BackupRetentionPeriod > 35)
      throw new AwsError(
        'InvalidParameterValue',
        `Invalid backup retention period: ${BackupRetentionPeriod}. Must be between 0 and 35.`,
      );
    if (db.source !== undefined && BackupRetentionPeriod > 0)
      throw invalidState(`DB Backups not supported on a read replica for engine ${db.engine}`);
    if (BackupRetentionPeriod !== db.backupRetentionDays) changes.backupRetentionDays = BackupRetentionPeriod;
  }
  if (MultiAZ !== undefined && MultiAZ !== db.multiAz) {
    if (MultiAZ) requireTwoZones(world, scope, db);
    changes.multiAz = MultiAZ;
  }
  if (DBInstanceClass !== undefined && DBInstanceClass !== db.instanceClass) changes.instanceClass = DBInstanceClass;
  if (AllocatedStorage !== undefined && AllocatedStorage !== db.allocatedStorageGb) {
    if (AllocatedStorage < db.allocatedStorageGb)
      throw new AwsError('InvalidParameterCombination', 'Allocated storage size must be greater than the current size');
    changes.allocatedStorageGb = AllocatedStorage;
  }
  return changes;
}

function requireGroups(world: World, scope: Scope, db: DbInstance, ids: readonly string[]): void {
  const { groups } = ec2State(world, scope);
  const vpcId = rdsState(world, scope).subnetGroups[db.subnetGroup]?.vpcId;
  for (const id of ids) {
    if (groups[id] === undefined)
      throw new AwsError('InvalidParameterValue', `Invalid security group , groupId= ${id}, groupName=.`);
    if (groups[id].vpcId !== vpcId)
      throw new AwsError(
        'InvalidVPCNetworkStateFault',
        'The DB instance and EC2 security group are in different VPCs.',
      );
  }
}

export function requireTwoZones(world: World, scope: Scope, { subnetGroup }: Pick<DbInstance, 'subnetGroup'>): void {
  const ids = rdsState(world, scope).subnetGroups[subnetGroup]?.subnetIds ?? [];
  const zones = new Set(ids.map((id) => ec2State(world, scope).subnets[id]?.zone));
  if (zones.size >= 2) return;
  throw new AwsError(
    'DBSubnetGroupDoesNotCoverEnoughAZs',
    "DB Subnet Group doesn't meet availability zone coverage requirement. Please add subnets to cover at least 2 availability zones.",
  );
}
