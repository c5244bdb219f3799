/** Seeds subnet groups, parameter groups, databases and replicas. */
import type { Scope, World } from '../../world.ts';
import { backUpAutomatically } from '../backups.ts';
import { addStandby, standIn, startMachine } from '../databases.ts';
import { alphanumeric } from '../ids.ts';
import { dbAt, rdsState } from '../rds.ts';
import type { DbInstance, DbRef } from '../rds.ts';

type Tags = Readonly<Record<string, string>>;

export function createDbSubnetGroup(
  world: World,
  scope: Scope,
  spec: { name: string; vpcId: string; subnetIds: readonly string[]; tags?: Tags },
): void {
  rdsState(world, scope).subnetGroups[spec.name] = {
    name: spec.name,
    description: spec.name,
    vpcId: spec.vpcId,
    subnetIds: [...spec.subnetIds],
    tags: { ...spec.tags },
  };
}

/** `values`: parameters that differ from the default, as RDS writes them (`default_transaction_read_only: '0'`). */
export function createDbParameterGroup(
  world: World,
  scope: Scope,
  spec: { name: string; values?: Readonly<Record<string, string>>; tags?: Tags },
): void {
  rdsState(world, scope).parameterGroups[spec.name] = {
    name: spec.name,
    family: 'postgres18',
    description: spec.name,
    values: { ...spec.values },
    tags: { ...spec.tags },
  };
}

export interface DbPlace {
  identifier: string;
  subnetGroup: string;
  parameterGroup: string;
  groups: readonly string[];
  /** @default the first of the subnet group */
  zone?: string;
  multiAz: boolean;
  deletionProtection?: boolean;
  tags?: Tags;
}

export interface DbSpec extends DbPlace {
  masterUser: string;
  masterPassword: string;
  database: string;
  /** @default 5432 */
  port?: number;
  /** @default 7 */
  backupRetentionDays?: number;
}

/** The automated snapshot of the night, and the log from then on: what a database with backups has at any time. */
export const createDbBackup = backUpAutomatically;

/** Resolves when the database accepts connections. */
export async function createDbInstance(world: World, scope: Scope, spec: DbSpec): Promise<DbInstance> {
  const db: DbInstance = {
    ...placed(world, scope, spec),
    masterUser: spec.masterUser,
    masterPassword: spec.masterPassword,
    database: spec.database,
    port: spec.port ?? 5432,
    backupRetentionDays: spec.backupRetentionDays ?? 7,
    replicationDelayMs: 0,
  };
  return started(world, scope, db, spec.multiAz);
}

/** A replica of `source`, in any region. Resolves when it streams. `delayMs`: it applies changes this late on purpose. */
export async function createDbReplica(
  world: World,
  scope: Scope,
  spec: DbPlace & { source: DbRef; delayMs?: number },
): Promise<DbInstance> {
  const source = dbAt(world, spec.source);
  if (source === undefined) throw new Error(`there is no database ${spec.source.resourceId} in ${spec.source.region}`);
  const { masterUser, masterPassword, database, port } = source;
  const { account, region, resourceId } = spec.source;
  const db: DbInstance = {
    ...placed(world, scope, spec),
    masterUser,
    masterPassword,
    database,
    port,
    backupRetentionDays: 0,
    source: { account, region, resourceId },
    replicationDelayMs: spec.delayMs ?? 0,
  };
  return started(world, scope, db, spec.multiAz);
}

type Login = 'masterUser' | 'masterPassword' | 'database' | 'port';

function placed(
  world: World,
  scope: Scope,
  spec: DbPlace,
): Omit<DbInstance, Login | 'backupRetentionDays' | 'replicationDelayMs'> {
  return {
    resourceId: `db-${alphanumeric(world, 26)}`,
    identifier: spec.identifier,
    status: 'available',
    createdAt: world.nowIso(),
    engine: 'postgres',
    engineVersion: '18.4',
    instanceClass: 'db.t4g.medium',
    allocatedStorageGb: 20,
    ...standIn(world, scope, spec.subnetGroup, spec.groups, spec.zone),
    subnetGroup: spec.subnetGroup,
    multiAz: false,
    securityGroups: spec.groups.map((id) => ({ id, status: 'active' as const })),
    parameterGroup: { name: spec.parameterGroup, applyStatus: 'in-sync' },
    running: {},
    deletionProtection: spec.deletionProtection ?? false,
    tags: { ...spec.tags },
    pending: {},
  };
}

async function started(world: World, scope: Scope, db: DbInstance, multiAz: boolean): Promise<DbInstance> {
  if (multiAz) addStandby(world, scope, db);
  rdsState(world, scope).instances[db.resourceId] = db;
  await startMachine(world, scope, db);
  return db;
}
