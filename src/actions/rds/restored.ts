/**
 * A fresh DB instance that a restore makes, whatever it is restored from. RDS would give it the default security group, the
 * default parameter group, the source's backups and another kind of storage; so everything is said. It is deleted without a
 * final snapshot when the drill ends, which is done to nothing that doesn't carry the step's own tags.
 *
 * Source: RDS API reference, RestoreDBInstanceFromDBSnapshot and RestoreDBInstanceToPointInTime.
 */
import type { DBInstance, DBSnapshot, RestoreDBInstanceFromDBSnapshotCommandInput } from '@aws-sdk/client-rds';
import type { z } from 'zod';
import { FiredrillError } from '../../domain/errors.ts';
import { flag, target, text } from '../../domain/fields.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { Attempt, CreatePart } from '../../domain/part.ts';
import type { ResolvedTarget } from '../../domain/plan.ts';
import type { ActionInput } from '../action.ts';
import { madeTarget } from '../made-target.ts';
import { drillTags, placeOf } from '../places.ts';
import { groupIdsOf } from './copies-must-not-act.ts';
import { databaseArn, endpointOf, findDatabase, mustNotBeBroken } from './databases.ts';
import { UnderName, removeForGood, slug } from './made-by-steps.ts';
import { explainRestore, whatBroke } from './restore-errors.ts';

/** What every restore says of the instance that it makes. */
export const restoredParams = {
  as: text('identifier of the new instance; default: that of its source, -drill-, run and step')
    .regex(/^[a-z](?!.*--)[a-z0-9-]{0,61}[a-z0-9]$/i, 'not an identifier: up to 63 letters, digits and single hyphens')
    .meta({
      kind: 'text',
      description: 'identifier of the new instance; default: that of its source, -drill-, run and step',
    })
    .optional(),
  subnetGroup: text('DB subnet group: RDS would take the default one'),
  securityGroup: target('ec2/security-group', 'its only security group: RDS would take the default one of the VPC'),
  parameterGroup: text('DB parameter group: RDS would take the default one'),
  optionGroup: text('option group; default: that of its source').optional(),
  instanceClass: text('instance class; default: that of the source').optional(),
  az: text('Availability Zone; default: one that RDS chooses').optional(),
  multiAz: flag('with a standby; default: false').optional(),
  allowEgress: text('why the copy may reach everything; default: it may not').optional(),
};

export type Restored = z.output<z.ZodObject<typeof restoredParams>>;

/** RDS puts a standby into a zone of its own choice, and the primary too. */
export const oneZoneOrTwo = ({ az, multiAz = false }: Pick<Restored, 'az' | 'multiAz'>): boolean =>
  az === undefined || !multiAz;
export const oneZoneOrTwoSays = { message: 'RDS chooses the zones of an instance with a standby', path: ['az'] };

export const restoredOutputs = {
  database: { describes: 'the restored instance', targetType: 'rds/instance' },
  recoveryPointAt: { describes: 'when its data is from, ISO 8601' },
} as const;

const longest = 63;

/** An identifier that no other step makes, of at most 63 letters, digits and single hyphens. */
export function restoredId({ params, runId, stepId }: ActionInput<Restored>, source: string): string {
  if (params.as !== undefined) return params.as.toLowerCase();
  const step = slug(stepId).slice(0, 18);
  const suffix = `-drill-${runId}-${step}`.replace(/-+$/, '');
  return `${source.slice(0, longest - suffix.length).replace(/-+$/, '')}${suffix}`;
}

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
  | 'StorageType'
  | 'Iops'
  | 'Tags'
>;

function configurationOf(input: ActionInput<Restored>, { recoveryPointAt, storage }: Origin): Configuration {
  const { subnetGroup, securityGroup, parameterGroup, optionGroup, instanceClass, az, multiAz = false } = input.params;
  return {
    DBInstanceClass: instanceClass,
    DBSubnetGroupName: subnetGroup,
    VpcSecurityGroupIds: groupIdsOf(input.target(securityGroup)),
    DBParameterGroupName: parameterGroup,
    OptionGroupName: optionGroup,
    AvailabilityZone: az,
    MultiAZ: multiAz,
    PubliclyAccessible: false,
    DeletionProtection: false,
    AutoMinorVersionUpgrade: false,
    CopyTagsToSnapshot: false,
    BackupRetentionPeriod: 0,
    ...storage,
    Tags: [...drillTags(input), { Key: recoveryPointTag, Value: recoveryPointAt }],
  };
}

/** Where a restore remembers when its data is from, should the answer of the call be lost. */
const recoveryPointTag = 'firedrill:recovery-point';

/**
 * The storage that a restore has to ask for to get its source's kind. It would be gp3, and turning one kind into another takes
 * time that a real recovery may not take either. Of gp3 nothing is said: small volumes refuse to be told their IOPS.
 */
export const storageOf = ({
  StorageType: type = 'gp3',
  Iops,
}: Pick<DBSnapshot | DBInstance, 'StorageType' | 'Iops'>): Pick<Configuration, 'StorageType' | 'Iops'> =>
  type === 'gp3' ? {} : { StorageType: type, ...(type.startsWith('io') && { Iops }) };

/** What a restore goes out from, as it is just before the call. */
export interface Origin {
  /** When the data is from that will be restored, ISO 8601. */
  recoveryPointAt: string;
  storage: Pick<Configuration, 'StorageType' | 'Iops'>;
}

interface Found {
  [key: string]: string;
  arn: string;
  resourceId: string;
}

export interface Restore {
  /** A target in the place where the instance is made. */
  place: ResolvedTarget;
  id: string;
  origin(attempt: Attempt): Promise<Origin>;
  call(configuration: Configuration, attempt: Attempt): Promise<DBInstance | undefined>;
}

export function restoredPart(input: ActionInput<Restored>, { place, id, ...restore }: Restore): CreatePart<Found> {
  const where = placeOf(place);
  const { rds } = input.aws.in(where);
  const foundOf = (database: DBInstance | undefined): Found => ({
    arn: database?.DBInstanceArn ?? databaseArn(where, id),
    resourceId: database?.DbiResourceId ?? '',
  });
  const named = new UnderName(input, (attempt) => findDatabase(input, where, id, attempt), nameTaken(id));
  return {
    shape: 'create',
    name: 'database',
    touches: databaseArn(where, id),
    pollMs: input.pollMs,
    identity: { id, run: input.runId, step: input.stepId },
    arn: (found) => found.arn,
    async find(attempt, known) {
      const database = await named.find(attempt, (there) => known !== undefined && !isAnother(there, known));
      return database && foundOf(database);
    },
    async create(attempt) {
      const make = async (): Promise<DBInstance | undefined> => {
        const configuration = configurationOf(input, await restore.origin(attempt));
        return restore.call(configuration, attempt).catch(explainRestore);
      };
      return foundOf(await named.make(make, attempt));
    },
    async settled(found, attempt) {
      const database = await named.own(attempt);
      if (!database) return { done: false, saw: `${id} is not there` };
      if (isAnother(database, found) || database.DBInstanceStatus === 'deleting') throw deletedMeanwhile(id);
      const broken = whatBroke(database);
      if (broken) throw broken;
      mustNotBeBroken(database);
      const { DBInstanceStatus: status, TagList = [] } = database;
      if (status !== 'available' || !endpointOf(database)) return { done: false, saw: `${id} is ${status}` };
      const recoveryPointAt = TagList.find(({ Key }) => Key === recoveryPointTag)?.Value;
      return { done: true, outputs: { database: targetOf(input.stepId, place, database), recoveryPointAt } };
    },
    remove: (found, attempt) =>
      removeForGood(input, attempt, async () => {
        const database = await named.own(attempt);
        if (!database || isAnother(database, found)) return false;
        if (database.DBInstanceStatus === 'deleting') return true;
        await rds.deleteDBInstance(
          { DBInstanceIdentifier: id, SkipFinalSnapshot: true, DeleteAutomatedBackups: true },
          attempt,
        );
        return true;
      }),
  };
}

const isAnother = ({ DbiResourceId }: DBInstance, { resourceId }: Found): boolean =>
  resourceId !== '' && DbiResourceId !== resourceId;

/** The restored instance as later steps take it. Its facts are those that SQL and later steps need. */
const targetOf = (stepId: string, place: ResolvedTarget, database: DBInstance): JsonObject =>
  madeTarget(stepId, place, 'rds/instance', {
    id: database.DBInstanceIdentifier!,
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
  });

const nameTaken = (id: string): FiredrillError =>
  new FiredrillError('name-taken', `there is a DB instance ${id} already`, {
    expected: `no ${id}`,
    found: 'one that this step did not create',
    remedy: 'Choose another name with "as", or delete it if nobody needs it.',
    provesNothing: true,
  });

const deletedMeanwhile = (id: string): FiredrillError =>
  new FiredrillError('copy-deleted', `${id} was deleted while it was being restored, and not by this drill`, {
    expected: `${id} to become available`,
    found: 'deleting',
    remedy: 'Find out in CloudTrail who deletes instances that they do not know, and have them spare firedrill:run.',
    provesNothing: true,
  });
