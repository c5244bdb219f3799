/** What a new replica is made like, so that nothing of it is left to RDS's defaults. */
import type { CreateDBInstanceReadReplicaCommandInput } from '@aws-sdk/client-rds';
import type { JsonObject } from '../../domain/json.ts';
import type { ResolvedTarget } from '../../domain/plan.ts';
import type { ActionInput } from '../action.ts';
import { arnOf, onlyItem, placeOf } from '../places.ts';

/** Facts of what the replica is made like: what it replaces, else its neighbour, else its source as far as regions allow. */
export async function modelFor(input: ActionInput, as: ResolvedTarget, source: ResolvedTarget): Promise<JsonObject> {
  if (as.items.length > 0) return onlyItem(as).facts;
  const { DBInstances = [] } = await input.aws.in(placeOf(as)).rds.describeDBInstances({});
  const sourceNames = [arnOf(source), ...(source.region === as.region ? [onlyItem(source).id] : [])];
  const neighbour = DBInstances.find((found) =>
    sourceNames.includes(found.ReadReplicaSourceDBInstanceIdentifier ?? ''),
  );
  const { instanceClass, port } = onlyItem(source).facts;
  if (!neighbour) return { instanceClass, port };
  return {
    instanceClass: neighbour.DBInstanceClass,
    subnetGroup: neighbour.DBSubnetGroup?.DBSubnetGroupName,
    securityGroups: neighbour.VpcSecurityGroups?.map((group) => group.VpcSecurityGroupId!),
    parameterGroup: neighbour.DBParameterGroups?.[0]?.DBParameterGroupName,
    optionGroup: neighbour.OptionGroupMemberships?.[0]?.OptionGroupName,
    kmsKeyId: neighbour.KmsKeyId,
    storageType: neighbour.StorageType,
    port: neighbour.Endpoint?.Port,
  };
}

/**
 * What tells the key of a replica. In the region of its source a new one has the source's; elsewhere it gets that of its
 * neighbour, which is looked for only when it is made. Source: RDS user guide, "Encrypting Amazon RDS resources".
 */
export function keyFacts(as: ResolvedTarget, source: ResolvedTarget): JsonObject {
  if (as.items.length > 0) return onlyItem(as).facts;
  const { encrypted, kmsKeyId } = onlyItem(source).facts;
  return as.region === source.region ? { encrypted, kmsKeyId } : { encrypted };
}

/** What the successor takes over, as the plan found it before anything was changed. */
export function configurationOf(facts: JsonObject): Partial<CreateDBInstanceReadReplicaCommandInput> {
  const text = (name: string): string | undefined => (facts[name] as string | undefined) ?? undefined;
  const multiAz = facts['multiAz'] === true;
  return {
    DBInstanceClass: text('instanceClass'),
    MultiAZ: multiAz,
    AvailabilityZone: multiAz ? undefined : text('az'),
    DBSubnetGroupName: text('subnetGroup'),
    VpcSecurityGroupIds: (facts['securityGroups'] as readonly string[] | undefined)?.slice(),
    DBParameterGroupName: text('parameterGroup'),
    OptionGroupName: text('optionGroup'),
    KmsKeyId: text('kmsKeyId'),
    StorageType: text('storageType'),
    Iops: (facts['iops'] as number | undefined) ?? undefined,
    Port: facts['port'] as number | undefined,
    PubliclyAccessible: facts['publiclyAccessible'] === true,
    DeletionProtection: facts['deletionProtection'] === true,
  };
}

/** Tags of the estate. AWS's own can't be set, and drills' don't pass on. */
export const tagsToKeep = (facts: JsonObject): { Key: string; Value: string }[] =>
  Object.entries((facts['tags'] ?? {}) as Readonly<Record<string, string>>)
    .filter(([key]) => !key.startsWith('aws:') && !key.startsWith('firedrill:'))
    .map(([Key, Value]) => ({ Key, Value }));
