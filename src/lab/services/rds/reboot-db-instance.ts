/** RebootDBInstance: ends every connection and takes up pending parameters; with ForceFailover the standby takes over. */
import type { RebootDBInstanceCommandInput, RebootDBInstanceCommandOutput } from '@aws-sdk/client-rds';
import { AwsError } from '../../wire/handler.ts';
import type { Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import { requireDb, requireReady } from './find.ts';
import { reboot, rebootWithFailover } from './operations.ts';
import { instanceShape } from './shapes.ts';
import { begin } from './stages.ts';

export const rebootDBInstance =
  (world: World): Handler<RebootDBInstanceCommandInput, RebootDBInstanceCommandOutput> =>
  ({ DBInstanceIdentifier, ForceFailover = false }, call) => {
    const db = requireDb(world, call, DBInstanceIdentifier);
    if (ForceFailover && !db.multiAz)
      throw new AwsError(
        'InvalidParameterCombination',
        'ForceFailover cannot be specified since the instance is not configured for MultiAZ.',
      );
    requireReady(db, 'Instance cannot currently reboot due to an in-progress management operation.');
    begin(world, call, db, ForceFailover ? rebootWithFailover : reboot);
    return { DBInstance: instanceShape(world, call, db) };
  };
