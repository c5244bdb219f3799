/**
 * Backups of databases: snapshots, and the log that automated backups keep, which together take an instance back to any moment.
 * For the API and estates alike; what AWS lets callers do with them is in services/rds.
 *
 *   automated snapshot --------- log, brought to the archive every five minutes ---------> latestRestorableAt
 */
import { textArg } from '../world.ts';
import type { Scope, World } from '../world.ts';
import { hex } from './ids.ts';
import { defaultKeyArn, rdsState } from './rds.ts';
import type { DbInstance, DbOrigin, DbSnapshot } from './rds.ts';

/** How often RDS brings transaction logs to S3. Source: RDS user guide, "Restoring a DB instance to a specified time". */
const archiveEveryMs = 5 * 60_000;
/** How often it is looked whether a backup that is gone for callers is still being restored or copied. */
const dropAgainMs = 10_000;

export const originOf = (db: DbInstance): DbOrigin => ({
  resourceId: db.resourceId,
  identifier: db.identifier,
  createdAt: db.createdAt,
  engine: db.engine,
  engineVersion: db.engineVersion,
  instanceClass: db.instanceClass,
  allocatedStorageGb: db.allocatedStorageGb,
  masterUser: db.masterUser,
  masterPassword: db.masterPassword,
  database: db.database,
  port: db.port,
  zone: db.zone,
  backupRetentionDays: db.backupRetentionDays,
});

/** A snapshot that is there for callers, and is yet to be taken. */
export function beginSnapshot(
  world: World,
  scope: Scope,
  db: DbInstance,
  { identifier, type, tags }: Pick<DbSnapshot, 'identifier' | 'type' | 'tags'>,
): DbSnapshot {
  const state = rdsState(world, scope);
  const snapshot: DbSnapshot = {
    id: hex(world, 32),
    identifier,
    type,
    status: 'creating',
    percentProgress: 0,
    origin: originOf(db),
    vpcId: state.subnetGroups[db.subnetGroup]?.vpcId ?? '',
    kmsKeyId: db.kmsKeyId ?? defaultKeyArn(world, scope),
    originalAt: world.nowIso(),
    tags,
  };
  state.snapshots[snapshot.id] = snapshot;
  return snapshot;
}

/** Has the machine take it. It becomes available when it is finished. */
export async function takeSnapshot(world: World, snapshot: DbSnapshot): Promise<void> {
  snapshot.takenAt = world.nowIso();
  try {
    await world.machines.snapshotDatabase(snapshot.origin.resourceId, snapshot.id);
  } catch (error) {
    snapshot.status = 'failed';
    throw error;
  }
  snapshot.completeAt = world.nowIso();
}

export function finishSnapshot(snapshot: DbSnapshot): void {
  snapshot.status = 'available';
  snapshot.percentProgress = 100;
}

/** Begins automated backups, or renews them: the log is kept, and a snapshot taken that it goes on from. */
export async function backUpAutomatically(world: World, scope: Scope, db: DbInstance): Promise<void> {
  await world.machines.keepArchive(db.resourceId);
  const identifier = automatedIdentifier(world, scope, db);
  const snapshot = beginSnapshot(world, scope, db, { identifier, type: 'automated', tags: {} });
  await takeSnapshot(world, snapshot);
  finishSnapshot(snapshot);
  await archive(world, scope, db);
}

/** `rds:orders-db-2026-11-21-03-07`; the next free minute where that name is taken. */
function automatedIdentifier(world: World, scope: Scope, { identifier }: DbInstance): string {
  const taken = new Set(Object.values(rdsState(world, scope).snapshots).map((snapshot) => snapshot.identifier));
  for (let minute = world.clock.wall().getTime(); ; minute += 60_000) {
    const name = `rds:${identifier}-${new Date(minute).toISOString().slice(0, 16).replaceAll(/[T:]/g, '-')}`;
    if (!taken.has(name)) return name;
  }
}

/** Automated snapshots of an instance that the log goes on from, oldest first. */
export const restorePoints = (world: World, scope: Scope, { resourceId }: Pick<DbInstance, 'resourceId'>) =>
  Object.values(rdsState(world, scope).snapshots)
    .filter(
      ({ type, status, origin }) => type === 'automated' && status === 'available' && origin.resourceId === resourceId,
    )
    .flatMap((snapshot) => (snapshot.completeAt === undefined ? [] : [{ snapshot, from: snapshot.completeAt }]))
    .toSorted((a, b) => a.from.localeCompare(b.from));

async function archive(world: World, scope: Scope, db: DbInstance): Promise<void> {
  const at = world.nowIso();
  if (restorePoints(world, scope, db).length === 0) return;
  if (await world.machines.archiveDatabase(db.resourceId, at)) db.latestRestorableAt = at;
}

/** Ends automated backups, at once for callers; what a restore still needs goes when that is through. */
export function dropBackups(world: World, scope: Scope, db: DbInstance): void {
  delete db.latestRestorableAt;
  const { snapshots } = rdsState(world, scope);
  for (const { id, type, origin } of Object.values(snapshots))
    if (type === 'automated' && origin.resourceId === db.resourceId) dropSnapshot(world, scope, id);
  world.after(0, 'rds.drop-archive', scope, { id: db.resourceId });
}

export function dropSnapshot(world: World, scope: Scope, id: string): void {
  delete rdsState(world, scope).snapshots[id];
  world.after(0, 'rds.drop-snapshot', scope, { id });
}

/** The machines' part of {@link dropBackups}, and the log's way to the archive, which goes on for ever. */
export function registerBackups(world: World): void {
  world.onTimer('rds.archive', async (w, scope) => {
    w.after(w.duration(archiveEveryMs), 'rds.archive', scope, {}, 'rds.archive');
    const archived = rdsState.scopes(w).flatMap((where) =>
      Object.values(rdsState(w, where).instances)
        .filter(({ backupRetentionDays, status }) => backupRetentionDays > 0 && status !== 'creating')
        .map((db) => archive(w, where, db)),
    );
    await Promise.all(archived);
  });
  world.ensureTimer('rds.archive');

  world.onTimer('rds.drop-snapshot', async (w, scope, args) => {
    const id = textArg(args, 'id');
    if (beingRestored(w, ({ snapshot }) => snapshot === id) || beingCopied(w, id))
      w.after(w.duration(dropAgainMs), 'rds.drop-snapshot', scope, args);
    else await w.machines.removeSnapshot(id);
  });

  world.onTimer('rds.drop-archive', async (w, scope, args) => {
    const id = textArg(args, 'id');
    // Backups may have been turned on again meanwhile.
    if ((rdsState(w, scope).instances[id]?.backupRetentionDays ?? 0) > 0) return;
    if (beingRestored(w, ({ until }) => until?.of === id))
      w.after(w.duration(dropAgainMs), 'rds.drop-archive', scope, args);
    else await w.machines.dropArchive(id);
  });
}

const beingCopied = (world: World, id: string): boolean =>
  rdsState
    .scopes(world)
    .some((scope) => Object.values(rdsState(world, scope).snapshots).some(({ copying }) => copying === id));

type Restoring = NonNullable<DbInstance['restoring']>;

const beingRestored = (world: World, needs: (source: Restoring) => boolean): boolean =>
  rdsState
    .scopes(world)
    .some((scope) =>
      Object.values(rdsState(world, scope).instances).some(
        ({ restoring }) => restoring !== undefined && needs(restoring),
      ),
    );
