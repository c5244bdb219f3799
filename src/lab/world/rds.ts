/**
 * State of RDS, and how other services see it: endpoint names, sources and replicas. The API's behaviour is in services/rds.
 */
import type { RestoreSource } from '../machines/machines.ts';
import { defineSlice } from '../world.ts';
import type { Scope, World } from '../world.ts';
import { arn, rdsHash, rdsKeyId } from './ids.ts';

/** A database anywhere in the lab. */
export interface DbRef extends Scope {
  resourceId: string;
}

/** What ModifyDBInstance asked for and has not been applied. */
export interface PendingChanges {
  identifier?: string;
  multiAz?: boolean;
  backupRetentionDays?: number;
  instanceClass?: string;
  allocatedStorageGb?: number;
}

export interface DbInstance {
  /** `db-…`: stays when the instance is renamed; also the machine's id. */
  resourceId: string;
  identifier: string;
  status: string;
  createdAt: string;
  engine: 'postgres';
  engineVersion: string;
  instanceClass: string;
  allocatedStorageGb: number;
  masterUser: string;
  masterPassword: string;
  database: string;
  port: number;
  address: string;
  interfaceId: string;
  subnetGroup: string;
  zone: string;
  /** Where the standby stands; Multi-AZ only. */
  standby?: { address: string; interfaceId: string; zone: string };
  multiAz: boolean;
  securityGroups: { id: string; status: 'active' | 'adding' | 'removing' }[];
  parameterGroup: { name: string; applyStatus: 'in-sync' | 'applying' | 'pending-reboot' };
  /** Settings that the server runs with: its group's as of the last reboot, and dynamic changes since. */
  running: Record<string, string>;
  backupRetentionDays: number;
  /** Everything that was committed by then can be restored; backups only. */
  latestRestorableAt?: string;
  /** What it is being restored from, until it is. */
  restoring?: RestoreSource;
  /** Absent: the region's own. */
  kmsKeyId?: string;
  deletionProtection: boolean;
  tags: Record<string, string>;
  /** Replicas only, until they are promoted. */
  source?: DbRef;
  /** ARN of a source in another region that was deleted: the replica goes on naming it. */
  lostSource?: string;
  /** How late a replica applies changes on purpose, milliseconds. */
  replicationDelayMs: number;
  pending: PendingChanges;
  /** Operation under way. Calls are refused from when it was accepted, though the status follows only later. */
  busy?: string;
}

/** What is needed of an instance to make another from its data. */
export type DbOrigin = Pick<
  DbInstance,
  | 'resourceId'
  | 'identifier'
  | 'createdAt'
  | 'engine'
  | 'engineVersion'
  | 'instanceClass'
  | 'allocatedStorageGb'
  | 'masterUser'
  | 'masterPassword'
  | 'database'
  | 'port'
  | 'zone'
  | 'backupRetentionDays'
>;

export interface DbSnapshot {
  /** Also the machines' name for it. */
  id: string;
  identifier: string;
  type: 'automated' | 'manual';
  status: 'creating' | 'available' | 'failed';
  percentProgress: number;
  /** The instance as it was then. */
  origin: DbOrigin;
  vpcId: string;
  kmsKeyId: string;
  /** When it was asked for; a copy keeps the original's. */
  originalAt: string;
  /** When this one was begun: what was committed by then is in it. Absent until then. */
  takenAt?: string;
  /** From when on a restore to any moment can go on from it. */
  completeAt?: string;
  /** Copies only. `arn`: only from another region. */
  copyOf?: { region: string; arn?: string };
  /** Id of the snapshot that it is being copied from, until it is. */
  copying?: string;
  tags: Record<string, string>;
}

export interface ParameterGroup {
  name: string;
  family: string;
  description: string;
  /** What was changed from the engine's default. */
  values: Record<string, string>;
  tags: Record<string, string>;
}

export interface SubnetGroup {
  name: string;
  description: string;
  vpcId: string;
  subnetIds: string[];
  tags: Record<string, string>;
}

export interface RdsState {
  /** By resource id. */
  instances: Record<string, DbInstance>;
  /** By id. */
  snapshots: Record<string, DbSnapshot>;
  parameterGroups: Record<string, ParameterGroup>;
  subnetGroups: Record<string, SubnetGroup>;
}

/** Every account has the engine's default group; nobody can change it. */
export const defaultParameterGroup: Readonly<ParameterGroup> = {
  name: 'default.postgres18',
  family: 'postgres18',
  description: 'Default parameter group for postgres18',
  values: {},
  tags: {},
};

export const rdsState = defineSlice<RdsState>('rds', () => ({
  instances: {},
  snapshots: {},
  parameterGroups: { [defaultParameterGroup.name]: structuredClone(defaultParameterGroup) },
  subnetGroups: {},
}));

export const dbByIdentifier = (state: RdsState, identifier: string): DbInstance | undefined =>
  Object.values(state.instances).find((db) => db.identifier === identifier.toLowerCase());

export const dbArn = (scope: Scope, db: Pick<DbInstance, 'identifier'>): string =>
  arn('rds', scope, `db:${db.identifier}`);

export const snapshotByIdentifier = (state: RdsState, identifier: string): DbSnapshot | undefined =>
  Object.values(state.snapshots).find((snapshot) => snapshot.identifier === identifier.toLowerCase());

export const snapshotArn = (scope: Scope, snapshot: Pick<DbSnapshot, 'identifier'>): string =>
  arn('rds', scope, `snapshot:${snapshot.identifier}`);

/** The region's own key for RDS, which encrypts what nobody named another key for. */
export const defaultKeyArn = (world: World, scope: Scope): string => arn('kms', scope, `key/${rdsKeyId(world, scope)}`);

/** `<identifier>.<hash>.<region>.rds.amazonaws.com`: follows the identifier. */
export const endpointName = (world: World, scope: Scope, identifier: string): string =>
  `${identifier}.${rdsHash(world, scope)}.${scope.region}.rds.amazonaws.com`;

export const dbAt = (world: World, ref: DbRef): DbInstance | undefined =>
  rdsState(world, ref).instances[ref.resourceId];

/** Replicas of a database in all regions. */
export const replicasOf = (world: World, source: DbRef): { scope: Scope; db: DbInstance }[] =>
  rdsState.scopes(world).flatMap((scope) =>
    Object.values(rdsState(world, scope).instances)
      .filter(
        (db) =>
          db.source?.resourceId === source.resourceId &&
          db.source.region === source.region &&
          db.source.account === source.account,
      )
      .map((db) => ({ scope, db })),
  );

export const refOf = ({ account, region }: Scope, db: DbInstance): DbRef => ({
  account,
  region,
  resourceId: db.resourceId,
});
