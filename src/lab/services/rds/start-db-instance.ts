/** StartDBInstance: only what was stopped. */
import type { StartDBInstanceCommandInput, StartDBInstanceCommandOutput } from '@aws-sdk/client-rds';
import type { Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import { requireDb, requireReady } from './find.ts';
import { start } from './operations.ts';
import { instanceShape } from './shapes.ts';
import { begin } from './stages.ts';

export const startDBInstance =
  (world: World): Handler<StartDBInstanceCommandInput, StartDBInstanceCommandOutput> =>
  ({ DBInstanceIdentifier }, call) => {
    const db = requireDb(world, call, DBInstanceIdentifier);
    requireReady(
      db,
      `Instance ${db.identifier} is not in stopped, inaccessible-encryption-credentials-recoverable state.`,
      ['stopped'],
    );
    begin(world, call, db, start);
    return { DBInstance: instanceShape(world, call, db) };
  };
