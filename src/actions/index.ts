/** All actions that expand to parts. `undo` has none: the driver takes the other step's parts back. */
import type { Action } from './action.ts';
import { approval } from './approval.ts';
import { awaitCapacity } from './autoscaling/await-capacity.ts';
import { setCapacity } from './autoscaling/set-capacity.ts';
import { awaitProbe } from './await-probe.ts';
import { awaitAlarm } from './cloudwatch/await-alarm.ts';
import { awaitReady } from './ec2/await-ready.ts';
import { isolateSubnets } from './ec2/isolate-subnets.ts';
import { launchInstance } from './ec2/launch-instance.ts';
import { stopInstances } from './ec2/stop-instances.ts';
import { verifyMysql } from './mysql/verify.ts';
import { verifyPostgres } from './postgres/verify.ts';
import { awaitLag } from './rds/await-lag.ts';
import { createReplica } from './rds/create-replica.ts';
import { fencePrimary } from './rds/fence-primary.ts';
import { promoteReplica } from './rds/promote-replica.ts';
import { copySnapshot } from './rds/copy-snapshot.ts';
import { createSnapshot } from './rds/create-snapshot.ts';
import { restorePointInTime } from './rds/restore-point-in-time.ts';
import { restoreSnapshot } from './rds/restore-snapshot.ts';
import { setAside } from './rds/set-aside.ts';
import { changeRecord } from './route53/change-record.ts';
import { findBackup } from './s3/find-backup.ts';
import { setFailoverSignal } from './s3/set-failover-signal.ts';
import { wait } from './wait.ts';

export const actions: ReadonlyMap<string, Action> = new Map(
  [
    approval,
    awaitAlarm,
    awaitCapacity,
    awaitLag,
    awaitProbe,
    awaitReady,
    changeRecord,
    createReplica,
    restoreSnapshot,
    restorePointInTime,
    createSnapshot,
    copySnapshot,
    fencePrimary,
    findBackup,
    isolateSubnets,
    launchInstance,
    promoteReplica,
    setAside,
    setCapacity,
    setFailoverSignal,
    stopInstances,
    verifyMysql,
    verifyPostgres,
    wait,
  ].map((action) => [action.spec.name, action]),
);
