/**
 * A fresh DB instance that a restore makes, whatever it is restored from. RDS would give it the default security group and
 * parameter group of the VPC; so everything is said. It is deleted without a final snapshot when the drill ends, which
 * is done to nothing that doesn't carry the step's own tags.
 *
 * Source: RDS API reference, RestoreDBInstanceFromDBSnapshot and RestoreDBInstanceToPointInTime.
 */
import type { DBInstance, RestoreDBInstanceFromDBSnapshotCommandInput } from '@aws-sdk/client-rds';
import type { z } from 'zod';
import { FiredrillError } from '../../domain/errors.ts';
import { flag, target, text } from '../../domain/fields.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { Attempt, CreatePart } from '../../domain/part.ts';
import type { ResolvedTarget } from '../../domain/plan.ts';
import type { ActionInput, ActionPreview } from '../action.ts';
import { drillTags, isTaggedBy, permissions, placeOf, textOf } from '../places.ts';
import { egressFindings, groupIdOf, schedulerFindings } from './copies-must-not-act.ts';
import { databaseArn, endpointOf, findDatabase, mustNotBeBroken } from './databases.ts';

/** What every restore says of the instance that it makes. */
export const restoredParams = {
  as: text('identifier of the new instance; default: that of its source, -drill- and the run').optional(),
  subnetGroup: text('DB subnet group: RDS would take the default one'),
  securityGroup: target('ec2/security-group', 'its only security group: RDS would take the default one of the VPC'),
  parameterGroup: text('DB parameter group: RDS would take the default one'),
  optionGroup: text('option group; default: that of the engine').optional(),
  instanceClass: text('instance class; default: that of the source').optional(),
  az: text('Availability Zone; default: one that RDS chooses').optional(),
  multiAz: flag('with a standby; default: false').optional(),
  allowEgress: text('why the copy may reach everything; default: it may not').optional(),
};

type Restored = z.output<z.ZodObject<typeof restoredParams>>;

export const restoredOutputs = {
  database: { describes: 'the restored instance', targetType: 'rds/instance' },
  recoveryPointAt: { describes: 'when its data is from, ISO 8601' },
} as const;

const longest = 63;

/** Identifiers have at most 63 characters, letters, digits and single hyphens. */
export const restoredId = ({ params, runId }: ActionInput<Restored>, source: string): string =>
  params.as ?? `${source.slice(0, longest - `-drill-${runId}`.length).replace(/-+$/, '')}-drill-${runId}`;

/** The members of both restore calls that say what the new instance is like. */
export type Configuration = Pick<
  RestoreDBInstanceFromDBSnapshotCommandInput,
  | 'DBInstanceClass'
  | 'DBSubnetGroupName'
  | 'VpcSecurityGroupIds'
  | 'DBParameterGroupName'
  | 'OptionGroupName'
  | 'AvailabilityZone'
  | 'MultiAZ'
  | 'PubliclyAccessible'
  | 'DeletionProtection'
  | 'AutoMinorVersionUpgrade'
  | 'CopyTagsToSnapshot'
  | 'BackupRetentionPeriod'
  | 'Tags'
>;

function configurationOf(input: ActionInput<Restored>, recoveryPointAt: string): Configuration {
  const { subnetGroup, securityGroup, parameterGroup, optionGroup, instanceClass, az, multiAz = false } = input.params;
  return {
    DBInstanceClass: instanceClass,
    DBSubnetGroupName: subnetGroup,
    VpcSecurityGroupIds: [groupIdOf(input.target(securityGroup))],
    DBParameterGroupName: parameterGroup,
    OptionGroupName: optionGroup,
    AvailabilityZone: multiAz ? undefined : az,
    MultiAZ: multiAz,
    PubliclyAccessible: false,
    DeletionProtection: false,
    AutoMinorVersionUpgrade: false,
    CopyTagsToSnapshot: false,
    BackupRetentionPeriod: 0,
    Tags: [...drillTags(input), { Key: recoveryPointTag, Value: recoveryPointAt }],
  };
}

/** Where a restore remembers when its data is from, should the answer of the call be lost. */
const recoveryPointTag = 'firedrill:recovery-point';

interface Found {
  [key: string]: string;
  arn: string;
  resourceId: string;
}

export interface Restore {
  /** A target in the place where the instance is made. */
  place: ResolvedTarget;
  id: string;
  /** When the data is from that will be restored, ISO 8601. Read just before the call. */
  recoveryPoint(attempt: Attempt): Promise<string>;
  call(configuration: Configuration, attempt: Attempt, recoveryPointAt: string): Promise<DBInstance | undefined>;
}

export function restoredPart(input: ActionInput<Restored>, { place, id, ...restore }: Restore): CreatePart<Found> {
  const where = placeOf(place);
  const { rds } = input.aws.in(where);
  const foundOf = (database: DBInstance | undefined): Found => ({
    arn: database?.DBInstanceArn ?? databaseArn(where, id),
    resourceId: database?.DbiResourceId ?? '',
  });
  const own = async (attempt: Attempt): Promise<DBInstance | undefined> => {
    const database = await findDatabase(input, where, id, attempt);
    return database && isTaggedBy(input, database.TagList) ? database : undefined;
  };
  return {
    shape: 'create',
    name: 'database',
    touches: databaseArn(where, id),
    pollMs: input.pollMs,
    identity: { id, run: input.runId, step: input.stepId },
    arn: (found) => found.arn,
    async find(attempt) {
      const database = await own(attempt);
      return database && foundOf(database);
    },
    async create(attempt) {
      const there = await findDatabase(input, where, id, attempt);
      if (there && isTaggedBy(input, there.TagList)) return foundOf(there);
      if (there) throw nameTaken(id);
      const recoveryPointAt = await restore.recoveryPoint(attempt);
      return foundOf(await restore.call(configurationOf(input, recoveryPointAt), attempt, recoveryPointAt));
    },
    async settled(_found, attempt) {
      const database = await own(attempt);
      if (!database) return { done: false, saw: `${id} is not there` };
      mustNotBeBroken(database);
      const { DBInstanceStatus: status, TagList = [] } = database;
      if (status !== 'available' || !endpointOf(database)) return { done: false, saw: `${id} is ${status}` };
      const recoveryPointAt = TagList.find(({ Key }) => Key === recoveryPointTag)?.Value;
      return { done: true, outputs: { database: targetOf(input.stepId, place, database), recoveryPointAt } };
    },
    async remove(found, attempt) {
      const database = await own(attempt);
      if (!database || database.DBInstanceStatus === 'deleting' || mayDiffer(database, found)) return;
      await rds.deleteDBInstance(
        { DBInstanceIdentifier: id, SkipFinalSnapshot: true, DeleteAutomatedBackups: true },
        attempt,
      );
    },
  };
}

const mayDiffer = ({ DbiResourceId }: DBInstance, { resourceId }: Found): boolean =>
  resourceId !== '' && DbiResourceId !== resourceId;

/** The restored instance as later steps take it. Its facts are those that SQL and later steps need. */
function targetOf(stepId: string, place: ResolvedTarget, database: DBInstance): JsonObject {
  const { location, account, region, role, externalId } = place;
  const id = database.DBInstanceIdentifier!;
  const target: ResolvedTarget = {
    name: stepId,
    type: 'rds/instance',
    location,
    account,
    region,
    role,
    externalId,
    select: { id },
    items: [
      {
        id,
        arn: database.DBInstanceArn,
        facts: {
          resourceId: database.DbiResourceId,
          engine: database.Engine,
          version: database.EngineVersion,
          instanceClass: database.DBInstanceClass,
          az: database.AvailabilityZone,
          endpoint: database.Endpoint?.Address,
          port: database.Endpoint?.Port,
          database: database.DBName,
        },
      },
    ],
  };
  return target as unknown as JsonObject;
}

/** What the plan shows of every restore. */
export async function restoredPreview(
  input: ActionInput<Restored>,
  { place, id, source, operation }: { place: ResolvedTarget; id: string; source: JsonObject; operation: string },
): Promise<ActionPreview> {
  const { params } = input;
  const group = input.target(params.securityGroup);
  const arn = databaseArn(place, id);
  const rdsArn = (kind: string, name: string): string => `arn:aws:rds:${place.region}:${place.account}:${kind}:${name}`;
  const groups = [rdsArn('subgrp', params.subnetGroup), rdsArn('pg', params.parameterGroup)];
  const options = params.optionGroup === undefined ? [] : [rdsArn('og', params.optionGroup)];
  const from = textOf(source['arn']);
  const engine = textOf(source['engine']);
  return {
    touches: [arn],
    undo: `delete ${id} without a final snapshot`,
    permissions: [
      ...permissions(place, [operation], [arn, ...groups, ...options, ...(from ? [from] : [])]),
      ...permissions(place, ['rds:AddTagsToResource', 'rds:DescribeDBInstances', 'rds:DeleteDBInstance'], [arn]),
      ...permissions(place, ['rds:DescribeDBParameters'], [groups[1]!]),
    ],
    findings: [
      {
        severity: 'note',
        code: 'restore-cost',
        message: `A new ${textOf(params.instanceClass ?? source['instanceClass']) || 'instance of the source’s class'} is made as ${id} and paid for until the drill ends.`,
      },
      ...egressFindings(group, params.allowEgress),
      ...(await schedulerFindings(input, place, params.parameterGroup, engine)),
    ],
  };
}

const nameTaken = (id: string): FiredrillError =>
  new FiredrillError('name-taken', `there is a DB instance ${id} already`, {
    expected: `no ${id}`,
    found: 'one that this step did not create',
    remedy: 'Choose another name with "as", or delete it if nobody needs it.',
  });
