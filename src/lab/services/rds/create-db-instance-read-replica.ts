/**
 * CreateDBInstanceReadReplica. A source in another region is given by its ARN; what isn't said then becomes that region's default,
 * not the source's value: subnet group, parameter group and security groups are not inherited across regions.
 *
 * Source: RDS API reference, CreateDBInstanceReadReplica; user guide, "Creating a read replica in a different AWS Region".
 */
import type {
  CreateDBInstanceReadReplicaCommandInput,
  CreateDBInstanceReadReplicaCommandOutput,
} from '@aws-sdk/client-rds';
import { AwsError } from '../../wire/handler.ts';
import type { Handler } from '../../wire/handler.ts';
import { refOf, replicasOf } from '../../world/rds.ts';
import type { DbInstance } from '../../world/rds.ts';
import type { Scope, World } from '../../world.ts';
import { invalidState, required, requireDb, requireReady } from './find.ts';
import { addInstance, requireNewName } from './new-instance.ts';
import { create } from './operations.ts';
import { placeOf, type Place } from './place.ts';
import { instanceShape } from './shapes.ts';
import { keyArn } from './snapshots.ts';
import { begin } from './stages.ts';

const maxReplicas = 15;

export const createDBInstanceReadReplica =
  (world: World): Handler<CreateDBInstanceReadReplicaCommandInput, CreateDBInstanceReadReplicaCommandOutput> =>
  (input, call) => {
    const identifier = requireNewName(world, call, 'DBInstanceIdentifier', input.DBInstanceIdentifier);
    const { scope, source } = sourceOf(world, call, input.SourceDBInstanceIdentifier);
    requireReady(source, `Instance ${source.identifier} is not currently in the available state.`);
    if (source.backupRetentionDays === 0)
      throw invalidState(
        'Automated backups are not enabled for this database instance. To enable automated backups, use ModifyDBInstance to set the backup retention period to a non-zero value.',
      );
    if (replicasOf(world, refOf(scope, source)).length >= maxReplicas)
      throw new AwsError(
        'InstanceQuotaExceeded',
        `Read Replica quota exceeded for source DB Instance ${source.identifier}.`,
      );
    const db = addInstance(world, call, input, source, placeBeside(world, call, scope, source, input), {
      identifier,
      backupRetentionDays: 0,
      source: refOf(scope, source),
      ...(input.KmsKeyId !== undefined && { kmsKeyId: keyArn(world, call, input.KmsKeyId) }),
    });
    begin(world, call, db, create);
    return { DBInstance: instanceShape(world, call, db) };
  };

/** An ARN may name another region; a plain identifier is one of this region. */
function sourceOf(world: World, call: Scope, named: string | undefined): { scope: Scope; source: DbInstance } {
  const name = required('SourceDBInstanceIdentifier', named);
  const parts = /^arn:aws:rds:([^:]+):([^:]+):db:(.+)$/.exec(name);
  const scope: Scope = parts?.[1] && parts[2] ? { region: parts[1], account: parts[2] } : call;
  return { scope, source: requireDb(world, scope, parts?.[3] ?? name) };
}

/** In its source's region a replica inherits what isn't said, elsewhere it doesn't. */
function placeBeside(
  world: World,
  call: Scope,
  sourceScope: Scope,
  source: DbInstance,
  input: CreateDBInstanceReadReplicaCommandInput,
): Place {
  if (call.region !== sourceScope.region) return placeOf(world, call, input);
  const { subnetGroup, parameterGroup, securityGroups } = source;
  if (input.DBSubnetGroupName !== undefined && input.DBSubnetGroupName !== subnetGroup)
    throw new AwsError(
      'InvalidParameterCombination',
      'DbSubnetGroupName should not be specified for read replicas that are created in the same region as the master',
    );
  const groups = securityGroups.map(({ id }) => id);
  return placeOf(world, call, input, { subnetGroup, parameterGroup: parameterGroup.name, groups });
}
