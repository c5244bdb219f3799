/** The state of RDS in the words of its API. */
import type { DBInstance, DBParameterGroup, DBSubnetGroup, Tag } from '@aws-sdk/client-rds';
import { ec2State } from '../../world/ec2.ts';
import { arn } from '../../world/ids.ts';
import { dbArn, dbAt, defaultKeyArn, endpointName, rdsState, refOf, replicasOf } from '../../world/rds.ts';
import type { DbInstance, ParameterGroup, SubnetGroup } from '../../world/rds.ts';
import type { Scope, World } from '../../world.ts';

export const tagList = (tags: Readonly<Record<string, string>>): Tag[] =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

export const tagMap = (tags: readonly Tag[] | undefined): Record<string, string> =>
  Object.fromEntries((tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));

/** The only option group: the engine's default, with no option in it. */
export const optionGroup = 'default:postgres-18';
export const backupWindow = '03:00-03:30';

/** In the same region the identifier, elsewhere the ARN. */
const nameFrom = (here: Scope, there: Scope, db: DbInstance): string =>
  here.region === there.region && here.account === there.account ? db.identifier : dbArn(there, db);

/** No endpoint before it was created once; `creating` has none on AWS. */
export function instanceShape(world: World, scope: Scope, db: DbInstance): DBInstance {
  const source = db.source && dbAt(world, db.source);
  const subnetGroup = rdsState(world, scope).subnetGroups[db.subnetGroup];
  const { identifier, multiAz, backupRetentionDays, instanceClass, allocatedStorageGb } = db.pending;
  return {
    DBInstanceIdentifier: db.identifier,
    DbiResourceId: db.resourceId,
    DBInstanceArn: dbArn(scope, db),
    DBInstanceStatus: db.status,
    DBInstanceClass: db.instanceClass,
    Engine: db.engine,
    EngineVersion: db.engineVersion,
    LicenseModel: 'postgresql-license',
    MasterUsername: db.masterUser,
    DBName: db.database,
    Endpoint:
      db.status === 'creating' ? undefined : { Address: endpointName(world, scope, db.identifier), Port: db.port },
    InstanceCreateTime: new Date(db.createdAt),
    AllocatedStorage: db.allocatedStorageGb,
    StorageType: 'gp3',
    StorageEncrypted: true,
    KmsKeyId: db.kmsKeyId ?? defaultKeyArn(world, scope),
    PreferredBackupWindow: backupWindow,
    PreferredMaintenanceWindow: 'sun:04:00-sun:04:30',
    BackupRetentionPeriod: db.backupRetentionDays,
    LatestRestorableTime: db.latestRestorableAt === undefined ? undefined : new Date(db.latestRestorableAt),
    BackupTarget: 'region',
    VpcSecurityGroups: db.securityGroups.map(({ id, status }) => ({ VpcSecurityGroupId: id, Status: status })),
    DBSecurityGroups: [],
    DBParameterGroups: [
      { DBParameterGroupName: db.parameterGroup.name, ParameterApplyStatus: db.parameterGroup.applyStatus },
    ],
    OptionGroupMemberships: [{ OptionGroupName: optionGroup, Status: 'in-sync' }],
    AvailabilityZone: db.zone,
    SecondaryAvailabilityZone: db.standby?.zone,
    MultiAZ: db.multiAz,
    DBSubnetGroup: subnetGroup && subnetGroupShape(world, scope, subnetGroup),
    PendingModifiedValues: {
      DBInstanceIdentifier: identifier,
      MultiAZ: multiAz,
      BackupRetentionPeriod: backupRetentionDays,
      DBInstanceClass: instanceClass,
      AllocatedStorage: allocatedStorageGb,
    },
    ReadReplicaSourceDBInstanceIdentifier: db.source && source ? nameFrom(scope, db.source, source) : db.lostSource,
    ReadReplicaDBInstanceIdentifiers: replicasOf(world, refOf(scope, db)).map((replica) =>
      nameFrom(scope, replica.scope, replica.db),
    ),
    StatusInfos: db.source && [replication(world, db)],
    AutoMinorVersionUpgrade: true,
    PubliclyAccessible: false,
    CopyTagsToSnapshot: false,
    DeletionProtection: db.deletionProtection,
    IAMDatabaseAuthenticationEnabled: false,
    DbInstancePort: 0,
    NetworkType: 'IPV4',
    TagList: tagList(db.tags),
  };
}

const replication = (world: World, db: DbInstance) => {
  const streaming = world.machines.replication(db.resourceId)?.streaming === true;
  const Status = streaming ? 'replicating' : 'error';
  return { StatusType: 'read replication', Normal: streaming, Status };
};

export const subnetGroupShape = (world: World, scope: Scope, group: SubnetGroup): DBSubnetGroup => ({
  DBSubnetGroupName: group.name,
  DBSubnetGroupDescription: group.description,
  DBSubnetGroupArn: arn('rds', scope, `subgrp:${group.name}`),
  VpcId: group.vpcId,
  SubnetGroupStatus: 'Complete',
  Subnets: group.subnetIds.map((id) => ({
    SubnetIdentifier: id,
    SubnetAvailabilityZone: { Name: ec2State(world, scope).subnets[id]?.zone },
    SubnetStatus: 'Active',
  })),
  SupportedNetworkTypes: ['IPV4'],
});

export const parameterGroupShape = (scope: Scope, group: ParameterGroup): DBParameterGroup => ({
  DBParameterGroupName: group.name,
  DBParameterGroupFamily: group.family,
  Description: group.description,
  DBParameterGroupArn: arn('rds', scope, `pg:${group.name}`),
});
