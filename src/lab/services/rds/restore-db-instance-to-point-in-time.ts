/** RestoreDBInstanceToPointInTime: a new instance with what another had committed by then, from its automated backups. */
import type {
  RestoreDBInstanceToPointInTimeCommandInput,
  RestoreDBInstanceToPointInTimeCommandOutput,
} from '@aws-sdk/client-rds';
import { AwsError } from '../../wire/handler.ts';
import type { Handler } from '../../wire/handler.ts';
import { originOf, restorePoints } from '../../world/backups.ts';
import { defaultKeyArn, rdsState } from '../../world/rds.ts';
import type { DbInstance } from '../../world/rds.ts';
import type { Scope, World } from '../../world.ts';
import { invalidState, requireDb } from './find.ts';
import { requireNewName } from './new-instance.ts';
import { beginRestore } from './restored.ts';
import { instanceShape } from './shapes.ts';

export const restoreDBInstanceToPointInTime =
  (world: World): Handler<RestoreDBInstanceToPointInTimeCommandInput, RestoreDBInstanceToPointInTimeCommandOutput> =>
  ({ TargetDBInstanceIdentifier, ...input }, call) => {
    const source = sourceOf(world, call, input);
    const identifier = requireNewName(world, call, 'TargetDBInstanceIdentifier', TargetDBInstanceIdentifier);
    if (source.backupRetentionDays === 0)
      throw new AwsError(
        'PointInTimeRestoreNotEnabled',
        `Point In Time Restore is not enabled for instance ${source.identifier}: its backup retention period is 0.`,
      );
    if (source.status === 'creating' || source.status === 'deleting')
      throw invalidState(`Instance ${source.identifier} is not currently in the available state.`);
    const at = momentOf(source, input);
    const point = restorePoints(world, call, source).findLast(({ from }) => from <= at);
    if (point === undefined)
      throw new AwsError(
        'InvalidParameterValue',
        `The specified instance cannot be restored to a time earlier than ${restorePoints(world, call, source)[0]?.from} because its backup retention period is set to ${source.backupRetentionDays} days.`,
      );
    const original = {
      origin: originOf(source),
      kmsKeyId: source.kmsKeyId ?? defaultKeyArn(world, call),
      from: { snapshot: point.snapshot.id, until: { of: source.resourceId, at } },
    };
    const db = beginRestore(world, call, identifier, original, input);
    return { DBInstance: instanceShape(world, call, db) };
  };

type Input = Omit<RestoreDBInstanceToPointInTimeCommandInput, 'TargetDBInstanceIdentifier'>;

function sourceOf(world: World, call: Scope, input: Input): DbInstance {
  const { SourceDbiResourceId: id, SourceDBInstanceAutomatedBackupsArn: backups } = input;
  if (backups !== undefined)
    throw new AwsError('DBInstanceAutomatedBackupNotFound', `Automated backup ${backups} not found.`, 404);
  if (id === undefined) return requireDb(world, call, input.SourceDBInstanceIdentifier);
  const found = rdsState(world, call).instances[id];
  if (found === undefined) throw new AwsError('DBInstanceNotFound', `DBInstance ${id} not found.`, 404);
  return found;
}

/** ISO 8601. @throws AwsError for one that is later than what was archived, or for none or two */
function momentOf({ identifier, latestRestorableAt }: DbInstance, input: Input): string {
  const { RestoreTime, UseLatestRestorableTime = false } = input;
  if ((RestoreTime !== undefined) === UseLatestRestorableTime)
    throw new AwsError(
      'InvalidParameterCombination',
      'Exactly one of RestoreTime and UseLatestRestorableTime must be specified.',
    );
  if (latestRestorableAt === undefined)
    throw new AwsError('InvalidRestoreFault', `Instance ${identifier} has no automated backup to restore from yet.`);
  const at = RestoreTime?.toISOString() ?? latestRestorableAt;
  if (at <= latestRestorableAt) return at;
  throw new AwsError(
    'InvalidParameterValue',
    `The specified instance cannot be restored to a time later than ${latestRestorableAt}.`,
  );
}
