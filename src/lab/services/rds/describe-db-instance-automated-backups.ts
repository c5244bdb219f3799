/** DescribeDBInstanceAutomatedBackups: of instances that are there. The lab retains none of those that are gone, and replicates none. */
import type {
  DBInstanceAutomatedBackup,
  DescribeDBInstanceAutomatedBackupsCommandInput,
  DescribeDBInstanceAutomatedBackupsCommandOutput,
} from '@aws-sdk/client-rds';
import { AwsError } from '../../wire/handler.ts';
import type { Handler } from '../../wire/handler.ts';
import { restorePoints } from '../../world/backups.ts';
import { arn } from '../../world/ids.ts';
import { dbArn, defaultKeyArn, rdsState } from '../../world/rds.ts';
import type { DbInstance } from '../../world/rds.ts';
import type { Scope, World } from '../../world.ts';
import { page } from './page.ts';
import { backupWindow, optionGroup } from './shapes.ts';

export const describeDBInstanceAutomatedBackups =
  (
    world: World,
  ): Handler<DescribeDBInstanceAutomatedBackupsCommandInput, DescribeDBInstanceAutomatedBackupsCommandOutput> =>
  (input, call) => {
    const { DBInstanceIdentifier, DbiResourceId, DBInstanceAutomatedBackupsArn, Filters = [] } = input;
    if (Filters.length > 0)
      throw new AwsError('InvalidParameterValue', `Unrecognized filter name: ${Filters[0]?.Name}`);
    const found = Object.values(rdsState(world, call).instances)
      .filter((db) => db.backupRetentionDays > 0)
      .filter((db) => DBInstanceIdentifier === undefined || db.identifier === DBInstanceIdentifier.toLowerCase())
      .filter((db) => DbiResourceId === undefined || db.resourceId === DbiResourceId)
      .filter(
        (db) => DBInstanceAutomatedBackupsArn === undefined || backupArn(call, db) === DBInstanceAutomatedBackupsArn,
      )
      .sort((a, b) => a.identifier.localeCompare(b.identifier));
    const { items, marker } = page(found, (db) => db.resourceId, input);
    return { DBInstanceAutomatedBackups: items.map((db) => backupShape(world, call, db)), Marker: marker };
  };

const backupArn = (scope: Scope, { resourceId }: DbInstance): string =>
  arn('rds', scope, `auto-backup:ab-${resourceId.slice('db-'.length).toLowerCase()}`);

function backupShape(world: World, scope: Scope, db: DbInstance): DBInstanceAutomatedBackup {
  const [first] = restorePoints(world, scope, db);
  const { latestRestorableAt: latest } = db;
  const RestoreWindow =
    first === undefined || latest === undefined
      ? undefined
      : { EarliestTime: new Date(first.from), LatestTime: new Date(latest) };
  return {
    DBInstanceArn: dbArn(scope, db),
    DBInstanceAutomatedBackupsArn: backupArn(scope, db),
    DbiResourceId: db.resourceId,
    DBInstanceIdentifier: db.identifier,
    Region: scope.region,
    RestoreWindow,
    Status: RestoreWindow === undefined ? 'creating' : 'active',
    AllocatedStorage: db.allocatedStorageGb,
    Port: db.port,
    AvailabilityZone: db.zone,
    VpcId: rdsState(world, scope).subnetGroups[db.subnetGroup]?.vpcId,
    InstanceCreateTime: new Date(db.createdAt),
    MasterUsername: db.masterUser,
    Engine: db.engine,
    EngineVersion: db.engineVersion,
    LicenseModel: 'postgresql-license',
    OptionGroupName: optionGroup,
    Encrypted: true,
    KmsKeyId: db.kmsKeyId ?? defaultKeyArn(world, scope),
    StorageType: 'gp3',
    BackupRetentionPeriod: db.backupRetentionDays,
    PreferredBackupWindow: backupWindow,
    BackupTarget: 'region',
    IAMDatabaseAuthenticationEnabled: false,
  };
}
