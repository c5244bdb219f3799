/**
 * `rds/create-replica`: a successor for a database that was set aside, under its name and with its configuration. RDS would
 * give it the default security group and parameter group and a single zone; so everything is said. It carries the drill's
 * tags until it stands, then it is the estate's and they are taken off.
 *
 * Where the plan found no database of that name, it is a throwaway: made like the replica of the same source that stands
 * beside it, never adopted, deleted when the drill ends.
 */
import type { DBInstance } from '@aws-sdk/client-rds';
import { z } from 'zod';
import type { ActionSpec } from '../../domain/catalogue.ts';
import { FiredrillError } from '../../domain/errors.ts';
import { target } from '../../domain/fields.ts';
import type { ChangePart, CreatePart } from '../../domain/part.ts';
import type { ResolvedTarget } from '../../domain/plan.ts';
import type { ActionInput } from '../action.ts';
import { defineAction } from '../action.ts';
import {
  arnOf,
  drillTags,
  expiresTag,
  ifOwn,
  ifTaggedAsOwn,
  onlyItem,
  permissions,
  placeOf,
  runTag,
  stepTag,
  textOf,
} from '../places.ts';
import { databaseArn, endpointOf, findDatabase, mustNotBeBroken, theDatabase } from './databases.ts';
import { keyPermissions } from './keys.ts';
import { UnderName } from './made-by-steps.ts';
import { configurationOf, keyFacts, modelFor, tagsToKeep } from './replica-configuration.ts';
import type { Setting } from './read-only-setting.ts';
import { ReadOnlySetting, isOn, sameSetting } from './read-only-setting.ts';

const params = z.strictObject({
  source: target('rds/instance', 'the database that is replicated'),
  as: target('rds/instance', 'the target whose name, place and configuration the new replica takes'),
});
type Params = z.output<typeof params>;

export const spec = {
  name: 'rds/create-replica',
  describes: 'Creates a read replica in the place of a database that was set aside, with the same configuration',
  params,
  effect: 'creates',
  outputs: { endpoint: { describes: 'host name of the new replica' }, port: { describes: 'port of the new replica' } },
  undo: 'delete the replica while it is the drill’s; once the estate needs it, it stays',
  permissions: [
    'kms:CreateGrant',
    'kms:DescribeKey',
    'rds:AddTagsToResource',
    'rds:CreateDBInstanceReadReplica',
    'rds:DeleteDBInstance',
    'rds:DescribeDBInstances',
    'rds:DescribeDBParameters',
    'rds:ModifyDBInstance',
    'rds:ModifyDBParameterGroup',
    'rds:RemoveTagsFromResource',
    'rds:ResetDBParameterGroup',
  ],
  timeoutMs: 7_200_000,
  binds: { as: 'as', source: 'source' },
} satisfies ActionSpec<typeof params>;

export const createReplica = defineAction<typeof params>({
  spec,
  parts(input) {
    const as = input.target(input.params.as);
    if (as.items.length === 0) return [replica(input)];
    const { facts } = onlyItem(as);
    const wasReplicaWithBackups = facts['replicaOf'] !== undefined && Number(facts['backupRetentionDays']) > 0;
    const fence = ReadOnlySetting.of(input, as);
    return [
      ...(fence ? [unfencing(input, fence)] : []),
      replica(input),
      ...(wasReplicaWithBackups ? [backups(input)] : []),
      adoption(input),
    ];
  },
  preview(input) {
    const source = input.target(input.params.source);
    const as = input.target(input.params.as);
    const { id, facts } = onlyItem(as);
    const throwaway = as.items.length === 0;
    const model = throwaway ? onlyItem(source).facts : facts;
    const zones = facts['multiAz'] === true ? ', Multi-AZ' : '';
    return {
      touches: [databaseArn(as, id)],
      undo: throwaway ? `delete ${id}` : `delete ${id} while it is the drill's; once adopted it stays`,
      permissions: [
        ...permissions(
          as,
          ['rds:CreateDBInstanceReadReplica', 'rds:AddTagsToResource'],
          [databaseArn(as, id)],
          ifTaggedAsOwn(input),
        ),
        ...permissions(as, ['rds:DescribeDBInstances', 'rds:ModifyDBInstance'], [databaseArn(as, id)]),
        // The name is that of the estate's own database: nothing but the tags tells the two apart.
        ...permissions(as, ['rds:RemoveTagsFromResource', 'rds:DeleteDBInstance'], [databaseArn(as, id)], ifOwn(input)),
        ...(throwaway
          ? []
          : permissions(
              as,
              ['rds:DescribeDBParameters', 'rds:ModifyDBParameterGroup', 'rds:ResetDBParameterGroup'],
              [`arn:aws:rds:${as.region}:${as.account}:pg:${textOf(facts['parameterGroup'])}`],
            )),
        ...permissions(source, ['rds:CreateDBInstanceReadReplica'], [arnOf(source)]),
        ...permissions(as, ['rds:CreateDBInstanceReadReplica'], groupArns(as)),
        ...keyPermissions(as, keyFacts(as, source)),
      ],
      findings: [
        {
          severity: 'note',
          code: 'replica-cost',
          message: `A new ${textOf(model['instanceClass'])}${zones} is made as ${id} and paid for${throwaway ? ' until the drill ends' : ' beside the one that is kept; until it has caught up there is no second copy'}`,
        },
      ],
    };
  },
});

/**
 * The groups that a replica is made in; any, where nothing says which. IAM wants all of them allowed besides the instance
 * itself. Source: Service Authorization Reference, Amazon RDS, CreateDBInstanceReadReplica.
 */
function groupArns(as: ResolvedTarget): string[] {
  const { facts } = onlyItem(as);
  const groups = { og: facts['optionGroup'], pg: facts['parameterGroup'], subgrp: facts['subnetGroup'] };
  return Object.entries(groups).map(
    ([kind, name]) => `arn:aws:rds:${as.region}:${as.account}:${kind}:${textOf(name) || '*'}`,
  );
}

/**
 * The successor takes over the parameter group of the database that was set aside. A read-only fence in it has done its work
 * (what was set aside is closed) and would outlive the drill in the successor.
 */
function unfencing(input: ActionInput<Params>, setting: ReadOnlySetting): ChangePart<Setting> {
  return {
    shape: 'change',
    name: 'parameters',
    touches: `parameter group ${setting.group}`,
    pollMs: input.pollMs,
    read: (attempt) => setting.read(attempt),
    desired: (before) => (isOn(before) ? { value: null } : before),
    same: sameSetting,
    write: (to, _from, attempt) => setting.write(to, attempt),
    settled: async () => ({ done: true }),
  };
}

interface Created {
  [key: string]: string;
  arn: string;
  resourceId: string;
}

function replica(input: ActionInput<Params>): CreatePart<Created> {
  const source = input.target(input.params.source);
  const as = input.target(input.params.as);
  const place = placeOf(as);
  const { id, facts } = onlyItem(as);
  const { rds } = input.aws.in(place);
  const named = new UnderName(input, (attempt) => findDatabase(input, place, id, attempt), nameTaken(id));
  const created = (database: DBInstance): Created => ({
    arn: database.DBInstanceArn ?? databaseArn(place, id),
    resourceId: database.DbiResourceId ?? '',
  });
  return {
    shape: 'create',
    name: 'replica',
    touches: databaseArn(place, id),
    pollMs: input.pollMs,
    identity: { id, run: input.runId, step: input.stepId },
    adopted: as.items.length > 0,
    arn: (found) => found.arn,
    async find(attempt, known) {
      const database = await named.find(
        attempt,
        (there) => known !== undefined && there.DbiResourceId === known.resourceId,
      );
      return database && created(database);
    },
    async create(attempt) {
      const make = async (): Promise<DBInstance | undefined> => {
        const { DBInstance: database } = await rds.createDBInstanceReadReplica(
          {
            ...configurationOf(await modelFor(input, as, source)),
            DBInstanceIdentifier: id,
            SourceDBInstanceIdentifier: source.region === as.region ? onlyItem(source).id : arnOf(source),
            Tags: [...(as.items.length > 0 ? tagsToKeep(facts) : []), ...drillTags(input)],
          },
          attempt,
        );
        return database;
      };
      return created((await named.make(make, attempt))!);
    },
    async settled(_found, attempt) {
      const database = await theDatabase(input, as, attempt);
      mustNotBeBroken(database);
      const { DBInstanceStatus: status } = database;
      if (status !== 'available') return { done: false, saw: `${id} is ${status}` };
      const replication = database.StatusInfos?.find((info) => info.StatusType === 'read replication');
      if (replication && replication.Status !== 'replicating') {
        return { done: false, saw: `replication is ${replication.Status}` };
      }
      const endpoint = endpointOf(database);
      return { done: true, outputs: { endpoint: endpoint?.host, port: endpoint?.port } };
    },
    async remove(found, attempt) {
      const database = await theDatabase(input, as, attempt);
      if (database.DBInstanceStatus === 'deleting' || database.DbiResourceId !== found.resourceId) return;
      if (as.items.length > 0 && database.ReadReplicaSourceDBInstanceIdentifier === undefined) throw promoted(id);
      await rds.deleteDBInstance(
        { DBInstanceIdentifier: id, SkipFinalSnapshot: true, DeleteAutomatedBackups: true },
        attempt,
      );
    },
  };
}

/** Backups of a replica can't be asked for when it is created. A replica that becomes a primary gets them at its promotion. */
function backups(input: ActionInput<Params>): ChangePart<{ days: number }> {
  const as = input.target(input.params.as);
  const { id, facts } = onlyItem(as);
  const days = Number(facts['backupRetentionDays']);
  return {
    shape: 'change',
    name: 'backups',
    touches: databaseArn(as, id),
    pollMs: input.pollMs,
    async read(attempt) {
      const database = await theDatabase(input, as, attempt);
      return { days: database.PendingModifiedValues?.BackupRetentionPeriod ?? database.BackupRetentionPeriod ?? 0 };
    },
    desired: () => ({ days }),
    async write(to, _from, attempt) {
      await input.aws
        .in(placeOf(as))
        .rds.modifyDBInstance(
          { DBInstanceIdentifier: id, BackupRetentionPeriod: to.days, ApplyImmediately: true },
          attempt,
        );
    },
    async settled(to, attempt) {
      const database = await theDatabase(input, as, attempt);
      const { BackupRetentionPeriod: now, DBInstanceStatus: status } = database;
      if (now !== to.days || status !== 'available') return { done: false, saw: `${id} is ${status}, ${now} days` };
      return { done: true };
    },
  };
}

/** The estate needs it from now on: nothing may take it for a leftover of the drill. */
function adoption(input: ActionInput<Params>): ChangePart<{ adopted: boolean }> {
  const as = input.target(input.params.as);
  const { id } = onlyItem(as);
  const { rds } = input.aws.in(placeOf(as));
  const read: ChangePart<{ adopted: boolean }>['read'] = async (attempt) => {
    const database = await theDatabase(input, as, attempt);
    return { adopted: !database.TagList?.some((tag) => tag.Key === runTag) };
  };
  return {
    shape: 'change',
    name: 'adopt',
    touches: databaseArn(as, id),
    pollMs: input.pollMs,
    read,
    desired: () => ({ adopted: true }),
    async write(to, _from, attempt) {
      const ResourceName = (await theDatabase(input, as, attempt)).DBInstanceArn!;
      if (to.adopted) {
        await rds.removeTagsFromResource({ ResourceName, TagKeys: [runTag, stepTag, expiresTag] }, attempt);
      } else {
        await rds.addTagsToResource({ ResourceName, Tags: drillTags(input) }, attempt);
      }
    },
    async settled(to, attempt) {
      const { adopted } = await read(attempt);
      return adopted === to.adopted ? { done: true } : { done: false, saw: `the tags of ${id} are not changed yet` };
    },
  };
}

/** Whatever was written since its promotion would go with it. */
const promoted = (id: string): FiredrillError =>
  new FiredrillError('replica-promoted', `${id} is a primary now, and is not deleted`, {
    expected: 'a replica, as this step made it',
    found: 'a database without a source: somebody promoted it',
    remedy: 'Keep it, if it serves; otherwise delete it by hand.',
  });

const nameTaken = (id: string): FiredrillError =>
  new FiredrillError('name-taken', `there is a DB instance ${id} already`, {
    expected: `no ${id}`,
    found: 'one that this step did not create',
    remedy: 'Set the old one aside first (rds/set-aside).',
  });
