/** What happens to an instance, stage by stage, for every operation that takes time. Durations are AWS's, as users report them. */
import type { JsonObject } from '../../../domain/json.ts';
import { backUpAutomatically, dropBackups, finishSnapshot, takeSnapshot } from '../../world/backups.ts';
import {
  addStandby,
  dropStandby,
  failOver,
  groupSettings,
  removeInstance,
  setGroups,
  startMachine,
} from '../../world/databases.ts';
import type { DbInstance, DbSnapshot } from '../../world/rds.ts';
import { dbArn, rdsState, refOf, replicasOf } from '../../world/rds.ts';
import { textArg } from '../../world.ts';
import type { Scope, World } from '../../world.ts';
import type { Operation, Stage } from './stages.ts';

const seconds = (n: number): number => n * 1_000;

/** A reboot takes up what waits for one: the parameter group's static parameters, a newly associated group. */
async function restart(world: World, scope: Scope, db: DbInstance): Promise<void> {
  db.running = groupSettings(world, scope, db);
  await world.machines.restartDatabase(db.resourceId, db.running);
  db.parameterGroup.applyStatus = 'in-sync';
}

/** Automated backups begin with a snapshot. */
const backingUp: Stage = { status: 'backing-up', awsMs: seconds(30), effect: backUpAutomatically };

/** The snapshot that an operation takes; undefined when it was deleted meanwhile. */
const snapshotOf = (world: World, scope: Scope, args: JsonObject): DbSnapshot | undefined =>
  rdsState(world, scope).snapshots[textArg(args, 'snapshot')];

/** The data is from the beginning; most of the time goes into bringing it to S3. */
const snapshotting = (status: string): Stage[] => [
  {
    status,
    awsMs: seconds(1),
    async effect(world, scope, _db, args) {
      const snapshot = snapshotOf(world, scope, args);
      if (snapshot !== undefined) await takeSnapshot(world, snapshot);
    },
  },
  {
    status,
    awsMs: seconds(60),
    effect(world, scope, _db, args) {
      const snapshot = snapshotOf(world, scope, args);
      if (snapshot !== undefined) finishSnapshot(snapshot);
    },
  },
];

/** CreateDBSnapshot, which the instance is busy with. */
export const snapshot: Operation = {
  name: 'snapshot',
  lagMs: 0,
  stages: () => snapshotting('backing-up'),
};

/** The replica reboots as a primary of its own; its source is gone from its description only then. */
export const promote: Operation = {
  name: 'promote',
  lagMs: seconds(5),
  stages: (db, { backupRetentionDays }) => [
    {
      status: 'modifying',
      awsMs: seconds(90),
      async effect(world) {
        await world.machines.promoteDatabase(db.resourceId);
        db.replicationDelayMs = 0;
        delete db.source;
        delete db.lostSource;
        db.backupRetentionDays = Number(backupRetentionDays);
      },
    },
    { status: 'rebooting', awsMs: seconds(30) },
    ...(Number(backupRetentionDays) > 0 ? [backingUp] : []),
  ],
};

export const reboot: Operation = {
  name: 'reboot',
  lagMs: 0,
  stages: () => [
    { status: 'rebooting', awsMs: seconds(5), effect: restart },
    { status: 'rebooting', awsMs: seconds(25) },
  ],
};

export const rebootWithFailover: Operation = {
  name: 'reboot-with-failover',
  lagMs: 0,
  stages: () => [
    {
      status: 'rebooting',
      awsMs: seconds(30),
      async effect(world, scope, db) {
        await failOver(world, db);
        db.running = groupSettings(world, scope, db);
        await world.machines.reloadDatabase(db.resourceId, db.running);
        db.parameterGroup.applyStatus = 'in-sync';
      },
    },
    { status: 'rebooting', awsMs: seconds(30) },
  ],
};

/** What ModifyDBInstance applies at once; `args` are the changes. A new identifier renames and reboots, last of all. */
export const modify: Operation = {
  name: 'modify',
  lagMs: seconds(10),
  stages(_db, args) {
    const stages: Stage[] = [{ status: 'modifying', awsMs: seconds(30), effect: applyChanges }];
    if (args['enablesBackups'] === true) stages.push(backingUp);
    if (typeof args['identifier'] === 'string') {
      stages.push({ status: 'renaming', awsMs: seconds(60), effect: rename });
      stages.push({ status: 'rebooting', awsMs: seconds(30), effect: restart });
    }
    return stages;
  },
};

function applyChanges(world: World, scope: Scope, db: DbInstance, args: JsonObject): void {
  const { securityGroups, multiAz, backupRetentionDays, instanceClass, allocatedStorageGb } = args;
  if (Array.isArray(securityGroups)) {
    const ids = securityGroups.map(String);
    db.securityGroups = ids.map((id) => ({ id, status: 'active' }));
    setGroups(world, scope, db, ids);
  }
  if (multiAz === true && !db.multiAz) addStandby(world, scope, db);
  if (multiAz === false && db.multiAz) dropStandby(world, scope, db);
  if (typeof backupRetentionDays === 'number') {
    db.backupRetentionDays = backupRetentionDays;
    if (backupRetentionDays === 0) dropBackups(world, scope, db);
  }
  if (typeof instanceClass === 'string') db.instanceClass = instanceClass;
  if (typeof allocatedStorageGb === 'number') db.allocatedStorageGb = allocatedStorageGb;
  const { identifier } = db.pending;
  db.pending = identifier === undefined ? {} : { identifier };
}

/** The endpoint's name follows the identifier at once; the old name is gone. */
function rename(_world: World, _scope: Scope, db: DbInstance, args: JsonObject): void {
  db.identifier = textArg(args, 'identifier');
  db.pending = {};
}

export const create: Operation = {
  name: 'create',
  lagMs: 0,
  stages: () => [
    { status: 'creating', awsMs: seconds(60), effect: startMachine },
    { status: 'creating', awsMs: seconds(60) },
  ],
};

/** Like creation, with the data of a backup. An instance that keeps backups begins with one. */
export const restore: Operation = {
  name: 'restore',
  lagMs: 0,
  stages: ({ backupRetentionDays }) => [
    { status: 'creating', awsMs: seconds(60), effect: startMachine },
    { status: 'creating', awsMs: seconds(60) },
    ...(backupRetentionDays > 0 ? [backingUp] : []),
  ],
};

/** Replicas in the same region stand alone from then on; those elsewhere keep waiting for a source that is gone. */
export const remove: Operation = {
  name: 'delete',
  lagMs: 0,
  stages: (_db, args) => [
    ...(typeof args['snapshot'] === 'string' ? snapshotting('deleting') : []),
    {
      status: 'deleting',
      awsMs: seconds(60),
      async effect(world, scope, db) {
        for (const replica of replicasOf(world, refOf(scope, db))) {
          if (replica.scope.region === scope.region) {
            await world.machines.promoteDatabase(replica.db.resourceId);
            delete replica.db.source;
          } else replica.db.lostSource = dbArn(scope, db);
        }
        await removeInstance(world, scope, db);
      },
    },
  ],
};

/** The machine idles on; nobody reaches it. */
export const stop: Operation = {
  name: 'stop',
  lagMs: 0,
  ends: 'stopped',
  stages: () => [
    {
      status: 'stopping',
      awsMs: seconds(60),
      async effect(world, scope, db) {
        setGroups(world, scope, db, []);
        await world.machines.restartDatabase(db.resourceId, db.running);
      },
    },
  ],
};

export const start: Operation = {
  name: 'start',
  lagMs: 0,
  stages: () => [
    {
      status: 'starting',
      awsMs: seconds(60),
      async effect(world, scope, db) {
        await restart(world, scope, db);
        const groups = db.securityGroups.map(({ id }) => id);
        setGroups(world, scope, db, groups);
      },
    },
  ],
};

export const operations: readonly Operation[] = [
  promote,
  reboot,
  rebootWithFailover,
  modify,
  create,
  restore,
  snapshot,
  remove,
  stop,
  start,
];

/** A dynamic parameter reaches every running instance of the group without a reboot; null takes the server's default back. */
export function registerReload(world: World): void {
  world.onTimer('rds.reload', async (w, scope, args) => {
    const db = rdsState(w, scope).instances[textArg(args, 'id')];
    if (db === undefined) return;
    const changed = Object.entries({ ...db.running, ...(args['settings'] as Record<string, string | null>) });
    db.running = Object.fromEntries(changed.flatMap(([name, value]) => (value === null ? [] : [[name, value]])));
    await w.machines.reloadDatabase(db.resourceId, db.running);
    if (db.parameterGroup.applyStatus === 'applying') db.parameterGroup.applyStatus = 'in-sync';
  });
}
