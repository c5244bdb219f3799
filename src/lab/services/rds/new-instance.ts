/**
 * A new instance, whatever its data comes from: named as the call says, and where the call is silent like its origin or as RDS has
 * it by default. Accepted at once; its machine and its data follow.
 */
import type { CreateDBInstanceReadReplicaCommandInput } from '@aws-sdk/client-rds';
import { AwsError } from '../../wire/handler.ts';
import { addStandby, standIn } from '../../world/databases.ts';
import { alphanumeric } from '../../world/ids.ts';
import { dbByIdentifier, rdsState } from '../../world/rds.ts';
import type { DbInstance, DbOrigin } from '../../world/rds.ts';
import type { Scope, World } from '../../world.ts';
import { required, requireName } from './find.ts';
import type { Place } from './place.ts';
import { tagMap } from './shapes.ts';

/** What all calls that make an instance of another's data say of it. */
type NewInstance = Pick<
  CreateDBInstanceReadReplicaCommandInput,
  'AvailabilityZone' | 'DBInstanceClass' | 'DeletionProtection' | 'MultiAZ' | 'Port' | 'Tags'
>;

/** @throws AwsError for a name that RDS doesn't take, or that another instance has */
export function requireNewName(world: World, call: Scope, parameter: string, name: string | undefined): string {
  const identifier = requireName(parameter, required(parameter, name), 63);
  if (dbByIdentifier(rdsState(world, call), identifier) !== undefined)
    throw new AwsError('DBInstanceAlreadyExists', 'DB instance already exists');
  return identifier;
}

/** @param own what it has by the way in which it is made */
export function addInstance(
  world: World,
  call: Scope,
  input: NewInstance,
  origin: DbOrigin,
  { subnetGroup, parameterGroup, groups }: Place,
  own: Pick<DbInstance, 'identifier' | 'backupRetentionDays'> & Partial<DbInstance>,
): DbInstance {
  const { engine, engineVersion, allocatedStorageGb, masterUser, masterPassword, database } = origin;
  const db: DbInstance = {
    resourceId: `db-${alphanumeric(world, 26)}`,
    status: 'creating',
    createdAt: world.nowIso(),
    engine,
    engineVersion,
    instanceClass: input.DBInstanceClass ?? origin.instanceClass,
    allocatedStorageGb,
    masterUser,
    masterPassword,
    database,
    port: input.Port ?? origin.port,
    ...standIn(world, call, subnetGroup, groups, input.AvailabilityZone),
    subnetGroup,
    multiAz: false,
    securityGroups: groups.map((id) => ({ id, status: 'active' })),
    parameterGroup: { name: parameterGroup, applyStatus: 'in-sync' },
    running: {},
    deletionProtection: input.DeletionProtection ?? false,
    tags: tagMap(input.Tags),
    replicationDelayMs: 0,
    pending: {},
    ...own,
  };
  if (input.MultiAZ === true) addStandby(world, call, db);
  rdsState(world, call).instances[db.resourceId] = db;
  return db;
}
