/** The specs of all actions, for the catalogue that drills are checked against. */
import type { ActionSpec } from '../domain/catalogue.ts';
import { spec as approval } from './approval.ts';
import { spec as awaitCapacity } from './autoscaling/await-capacity.ts';
import { spec as setCapacity } from './autoscaling/set-capacity.ts';
import { spec as awaitProbe } from './await-probe.ts';
import { spec as awaitAlarm } from './cloudwatch/await-alarm.ts';
import { spec as isolateSubnets } from './ec2/isolate-subnets.ts';
import { spec as stopInstances } from './ec2/stop-instances.ts';
import { spec as awaitLag } from './rds/await-lag.ts';
import { spec as createReplica } from './rds/create-replica.ts';
import { spec as fencePrimary } from './rds/fence-primary.ts';
import { spec as promoteReplica } from './rds/promote-replica.ts';
import { spec as setAside } from './rds/set-aside.ts';
import { spec as changeRecord } from './route53/change-record.ts';
import { spec as setFailoverSignal } from './s3/set-failover-signal.ts';
import { spec as undo } from './undo.ts';
import { spec as wait } from './wait.ts';

export const actionSpecs: readonly ActionSpec[] = [
  approval,
  awaitAlarm,
  awaitCapacity,
  awaitLag,
  awaitProbe,
  changeRecord,
  createReplica,
  fencePrimary,
  isolateSubnets,
  promoteReplica,
  setAside,
  setCapacity,
  setFailoverSignal,
  stopInstances,
  undo,
  wait,
];
