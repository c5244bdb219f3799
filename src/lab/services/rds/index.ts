/** RDS for PostgreSQL instances. Aurora and Multi-AZ clusters are not served. */
import type { ServiceEmulation } from '../../wire/handler.ts';
import { registerBackups } from '../../world/backups.ts';
import type { World } from '../../world.ts';
import { addTagsToResource } from './add-tags-to-resource.ts';
import { copyDBSnapshot, registerCopies } from './copy-db-snapshot.ts';
import { createDBInstanceReadReplica } from './create-db-instance-read-replica.ts';
import { createDBParameterGroup } from './create-db-parameter-group.ts';
import { createDBSnapshot } from './create-db-snapshot.ts';
import { deleteDBInstance } from './delete-db-instance.ts';
import { deleteDBParameterGroup } from './delete-db-parameter-group.ts';
import { deleteDBSnapshot } from './delete-db-snapshot.ts';
import { describeDBInstanceAutomatedBackups } from './describe-db-instance-automated-backups.ts';
import { describeDBInstances } from './describe-db-instances.ts';
import { describeDBParameterGroups } from './describe-db-parameter-groups.ts';
import { describeDBParameters } from './describe-db-parameters.ts';
import { describeDBSnapshots } from './describe-db-snapshots.ts';
import { describeDBSubnetGroups } from './describe-db-subnet-groups.ts';
import { listTagsForResource } from './list-tags-for-resource.ts';
import { modifyDBInstance } from './modify-db-instance.ts';
import { modifyDBParameterGroup } from './modify-db-parameter-group.ts';
import { operations, registerReload } from './operations.ts';
import { promoteReadReplica } from './promote-read-replica.ts';
import { rebootDBInstance } from './reboot-db-instance.ts';
import { removeTagsFromResource } from './remove-tags-from-resource.ts';
import { resetDBParameterGroup } from './reset-db-parameter-group.ts';
import { restoreDBInstanceFromDBSnapshot } from './restore-db-instance-from-db-snapshot.ts';
import { restoreDBInstanceToPointInTime } from './restore-db-instance-to-point-in-time.ts';
import { registerStages } from './stages.ts';
import { startDBInstance } from './start-db-instance.ts';
import { stopDBInstance } from './stop-db-instance.ts';

export function rds(world: World): ServiceEmulation {
  registerStages(world, operations);
  registerReload(world);
  registerBackups(world);
  registerCopies(world);
  return {
    client: 'rds',
    operations: {
      AddTagsToResource: addTagsToResource(world),
      CopyDBSnapshot: copyDBSnapshot(world),
      CreateDBInstanceReadReplica: createDBInstanceReadReplica(world),
      CreateDBParameterGroup: createDBParameterGroup(world),
      CreateDBSnapshot: createDBSnapshot(world),
      DeleteDBInstance: deleteDBInstance(world),
      DeleteDBParameterGroup: deleteDBParameterGroup(world),
      DeleteDBSnapshot: deleteDBSnapshot(world),
      DescribeDBInstanceAutomatedBackups: describeDBInstanceAutomatedBackups(world),
      DescribeDBInstances: describeDBInstances(world),
      DescribeDBParameterGroups: describeDBParameterGroups(world),
      DescribeDBParameters: describeDBParameters(world),
      DescribeDBSnapshots: describeDBSnapshots(world),
      DescribeDBSubnetGroups: describeDBSubnetGroups(world),
      ListTagsForResource: listTagsForResource(world),
      ModifyDBInstance: modifyDBInstance(world),
      ModifyDBParameterGroup: modifyDBParameterGroup(world),
      PromoteReadReplica: promoteReadReplica(world),
      RebootDBInstance: rebootDBInstance(world),
      RemoveTagsFromResource: removeTagsFromResource(world),
      ResetDBParameterGroup: resetDBParameterGroup(world),
      RestoreDBInstanceFromDBSnapshot: restoreDBInstanceFromDBSnapshot(world),
      RestoreDBInstanceToPointInTime: restoreDBInstanceToPointInTime(world),
      StartDBInstance: startDBInstance(world),
      StopDBInstance: stopDBInstance(world),
    },
  };
}
