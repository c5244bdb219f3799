/**
 * Target `rds/instance`: one RDS DB instance with the configuration that a successor of it must get. Aurora is another
 * service with other APIs and is refused by name.
 */
import type { DBInstance } from '@aws-sdk/client-rds';
import { z } from 'zod';
import { FiredrillError } from '../../../domain/errors.ts';
import { noneIfNotFound } from '../absent.ts';
import { login } from '../select.ts';
import { defineTarget } from '../target.ts';
import { dbInstanceId } from '../written.ts';

export const instance = defineTarget({
  spec: {
    type: 'rds/instance',
    describes: 'An RDS DB instance (not Aurora)',
    params: z.strictObject({ id: dbInstanceId('DB instance identifier'), login }),
    facts: {
      az: 'Availability Zone of the primary',
      endpoint: 'host name',
      port: 'port',
      engine: 'engine',
      version: 'engine version',
    },
  },
  reads: ['rds:DescribeDBInstances'],
  async find(aws, { id }, place) {
    const { rds } = aws.in(place);
    const found = await noneIfNotFound(async () => {
      const { DBInstances = [] } = await rds.describeDBInstances({ DBInstanceIdentifier: id });
      return DBInstances;
    });
    return found.map((database) => {
      if (database.Engine?.startsWith('aurora') || database.DBClusterIdentifier) throw auroraRefused(id, database);
      return { id, arn: database.DBInstanceArn, facts: factsOf(database) };
    });
  },
});

const factsOf = (database: DBInstance) => ({
  resourceId: database.DbiResourceId,
  engine: database.Engine,
  version: database.EngineVersion,
  instanceClass: database.DBInstanceClass,
  az: database.AvailabilityZone,
  endpoint: database.Endpoint?.Address,
  port: database.Endpoint?.Port,
  database: database.DBName,
  multiAz: database.MultiAZ ?? false,
  encrypted: database.StorageEncrypted ?? false,
  kmsKeyId: database.KmsKeyId,
  storageType: database.StorageType,
  iops: database.Iops,
  publiclyAccessible: database.PubliclyAccessible ?? false,
  deletionProtection: database.DeletionProtection ?? false,
  parameterGroup: database.DBParameterGroups?.[0]?.DBParameterGroupName,
  optionGroup: database.OptionGroupMemberships?.[0]?.OptionGroupName,
  securityGroups: (database.VpcSecurityGroups ?? []).map((group) => group.VpcSecurityGroupId!).sort(),
  subnetGroup: database.DBSubnetGroup?.DBSubnetGroupName,
  vpcId: database.DBSubnetGroup?.VpcId,
  backupRetentionDays: database.BackupRetentionPeriod ?? 0,
  replicaOf: database.ReadReplicaSourceDBInstanceIdentifier,
  replicas: database.ReadReplicaDBInstanceIdentifiers ?? [],
  tags: Object.fromEntries((database.TagList ?? []).map((tag) => [tag.Key!, tag.Value ?? ''])),
});

const auroraRefused = (id: string, database: DBInstance): FiredrillError =>
  new FiredrillError('aurora-unsupported', `${id} belongs to an Aurora or Multi-AZ DB cluster`, {
    expected: 'an RDS DB instance outside of any cluster',
    found: `engine ${database.Engine}, cluster ${database.DBClusterIdentifier ?? 'none'}`,
    remedy:
      'Clusters fail over through other APIs, which firedrill does not drive. Drill the rest without this database.',
  });
