/** StopDBInstance: refused for an instance that has a read replica or is one, which is why stopping can't fence a primary. */
import type { StopDBInstanceCommandInput, StopDBInstanceCommandOutput } from '@aws-sdk/client-rds';
import type { Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import { hasReplicas, invalidState, requireDb, requireReady } from './find.ts';
import { stop } from './operations.ts';
import { instanceShape } from './shapes.ts';
import { begin } from './stages.ts';

export const stopDBInstance =
  (world: World): Handler<StopDBInstanceCommandInput, StopDBInstanceCommandOutput> =>
  ({ DBInstanceIdentifier }, call) => {
    const db = requireDb(world, call, DBInstanceIdentifier);
    if (db.source !== undefined) throw invalidState('Cannot stop or start a Read-Replica instance');
    if (hasReplicas(world, call, db)) throw invalidState('Cannot stop or start an instance that has Read-Replicas');
    requireReady(db, `Instance ${db.identifier} is not in available state.`);
    begin(world, call, db, stop);
    return { DBInstance: instanceShape(world, call, db) };
  };
