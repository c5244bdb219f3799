/** What calls about snapshots share: finding one, naming a new one, and showing it in the words of the API. */
import type { DBSnapshot } from '@aws-sdk/client-rds';
import { AwsError } from '../../wire/handler.ts';
import { defaultKeyArn, rdsState, snapshotArn, snapshotByIdentifier } from '../../world/rds.ts';
import type { DbInstance, DbSnapshot } from '../../world/rds.ts';
import type { Scope, World } from '../../world.ts';
import { requireName } from './find.ts';
import { backupWindow, optionGroup, tagList } from './shapes.ts';

/** By identifier or, of the same region, by ARN. @throws AwsError DBSnapshotNotFound */
export function requireSnapshot(world: World, scope: Scope, name: string): DbSnapshot {
  const found = snapshotByIdentifier(rdsState(world, scope), name.replace(/^arn:aws:rds:[^:]*:[^:]*:snapshot:/, ''));
  if (found === undefined) throw new AwsError('DBSnapshotNotFound', `DBSnapshot not found: ${name}`, 404);
  return found;
}

/** @throws AwsError InvalidDBSnapshotState */
export function requireAvailable(snapshot: DbSnapshot): void {
  if (snapshot.status !== 'available')
    throw invalidSnapshot(
      `The DB snapshot ${snapshot.identifier} is not in the available state: it is ${snapshot.status}.`,
    );
}

export const invalidSnapshot = (message: string): AwsError => new AwsError('InvalidDBSnapshotState', message);

/** @returns the identifier as RDS keeps it */
export function requireNewSnapshot(world: World, scope: Scope, parameter: string, name: string): string {
  const identifier = requireName(parameter, name, 255);
  if (snapshotByIdentifier(rdsState(world, scope), identifier) !== undefined)
    throw new AwsError(
      'DBSnapshotAlreadyExists',
      `Cannot create the snapshot because a snapshot with the identifier ${identifier} already exists.`,
    );
  return identifier;
}

export const cannotSnapshot = ({ identifier }: DbInstance): string =>
  `Cannot create a snapshot because the database instance ${identifier} is not currently in the available state.`;

/**
 * The key that a call names, as RDS shows it: by ARN, id, or alias. The lab holds no keys, so any name of this region will do.
 * @throws AwsError KMSKeyNotAccessibleFault for another region's
 */
export function keyArn(world: World, scope: Scope, name: string): string {
  if (name === 'alias/aws/rds') return defaultKeyArn(world, scope);
  const [, region] = /^arn:aws:kms:([^:]*):/.exec(name) ?? [];
  if (region !== undefined && region !== scope.region)
    throw new AwsError(
      'KMSKeyNotAccessibleFault',
      `The target KMS key [${name}] does not exist, is not enabled or you do not have permissions to access it.`,
    );
  if (region !== undefined) return name;
  return `arn:aws:kms:${scope.region}:${scope.account}:${name.startsWith('alias/') ? name : `key/${name}`}`;
}

/** A snapshot shows when it was taken only once it is being taken. */
export function snapshotShape(scope: Scope, snapshot: DbSnapshot): DBSnapshot {
  const { origin, takenAt, copyOf } = snapshot;
  return {
    DBSnapshotIdentifier: snapshot.identifier,
    DBSnapshotArn: snapshotArn(scope, snapshot),
    DBInstanceIdentifier: origin.identifier,
    DbiResourceId: origin.resourceId,
    SnapshotType: snapshot.type,
    Status: snapshot.status,
    PercentProgress: snapshot.percentProgress,
    SnapshotCreateTime: takenAt === undefined ? undefined : new Date(takenAt),
    OriginalSnapshotCreateTime: new Date(snapshot.originalAt),
    SnapshotTarget: 'region',
    SourceRegion: copyOf?.region,
    SourceDBSnapshotIdentifier: copyOf?.arn,
    Engine: origin.engine,
    EngineVersion: origin.engineVersion,
    LicenseModel: 'postgresql-license',
    AllocatedStorage: origin.allocatedStorageGb,
    StorageType: 'gp3',
    Encrypted: true,
    KmsKeyId: snapshot.kmsKeyId,
    MasterUsername: origin.masterUser,
    Port: origin.port,
    AvailabilityZone: origin.zone,
    VpcId: snapshot.vpcId,
    InstanceCreateTime: new Date(origin.createdAt),
    OptionGroupName: optionGroup,
    BackupRetentionPeriod: origin.backupRetentionDays,
    PreferredBackupWindow: backupWindow,
    IAMDatabaseAuthenticationEnabled: false,
    DedicatedLogVolume: false,
    MultiTenant: false,
    ProcessorFeatures: [],
    TagList: tagList(snapshot.tags),
  };
}
