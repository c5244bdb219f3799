/**
 * `rds/promote-replica`: the pivot of a failover. A replica that accepts writes of its own can't become a replica again, so
 * there is no undo. RDS shows it done when the replica's source is gone from its description; a status alone proves nothing,
 * because just after the call it can still be the old one. With a login, a write that commits has the last word.
 */
import type { DBInstance } from '@aws-sdk/client-rds';
import { z } from 'zod';
import type { ActionSpec } from '../../domain/catalogue.ts';
import { FiredrillError } from '../../domain/errors.ts';
import { target } from '../../domain/fields.ts';
import type { ChangePart, Progress } from '../../domain/part.ts';
import type { ActionInput } from '../action.ts';
import { defineAction } from '../action.ts';
import { onlyItem, permissions, placeOf } from '../places.ts';
import { lookBySql, speaksSql } from '../sql.ts';
import { databaseArn, endpointOf, mustNotBeBroken, theDatabase } from './databases.ts';

const params = z.strictObject({ replica: target('rds/instance', 'the read replica that becomes a primary') });
type Params = z.output<typeof params>;

export const spec = {
  name: 'rds/promote-replica',
  describes: 'Promotes a read replica to a primary of its own. There is no way back: failback makes a new replica',
  params,
  effect: 'changes',
  outputs: {
    endpoint: { describes: 'host name of the new primary' },
    port: { describes: 'port of the new primary' },
    provenBy: { describes: '`sql-write` when a write succeeded, `control-plane` without a login' },
  },
  permissions: ['rds:DescribeDBInstances', 'rds:PromoteReadReplica'],
  timeoutMs: 1_800_000,
  promotes: 'replica',
  irreversible: true,
} satisfies ActionSpec<typeof params>;

interface Role {
  [key: string]: string | null;
  /** Whose replica it is; null: nobody's. */
  replicaOf: string | null;
}

/** What RDS shows of a replica while it is promoted, its source still beside it. */
const promoting: ReadonlySet<string> = new Set(['modifying', 'rebooting']);

/** Looks at an available instance before its status counts, where it was never seen to leave. */
const steadyLooks = 3;

export const promoteReplica = defineAction<typeof params>({
  spec,
  parts: (input) => [promotion(input)],
  preview(input) {
    const replica = input.target(input.params.replica);
    const arn = databaseArn(replica, onlyItem(replica).id);
    const controlPlaneOnly = !speaksSql(replica);
    return {
      touches: [arn],
      permissions: permissions(replica, ['rds:PromoteReadReplica', 'rds:DescribeDBInstances'], [arn]),
      findings: controlPlaneOnly
        ? [
            {
              severity: 'note',
              code: 'control-plane-only',
              message: `That ${replica.name} accepts writes is taken from the control plane only: no SQL login for it`,
              remedy: 'Give the target a login to have a write tried.',
            },
          ]
        : [],
    };
  },
});

function promotion(input: ActionInput<Params>): ChangePart<Role> {
  const replica = input.target(input.params.replica);
  const { id, facts } = onlyItem(replica);
  const { rds } = input.aws.in(placeOf(replica));
  /** The drill made it and deletes it again: promoting it loses nobody's data and needs no way back. */
  const throwaway = replica.items.length === 0;
  let left = false;
  let looks = 0;
  return {
    shape: 'change',
    name: 'promotion',
    touches: databaseArn(replica, id),
    pollMs: input.pollMs,
    pivot: !throwaway,
    read: async (attempt) => ({ replicaOf: sourceOf(await theDatabase(input, replica, attempt)) }),
    underWay: async (attempt) => promoting.has((await theDatabase(input, replica, attempt)).DBInstanceStatus ?? ''),
    desired(before) {
      if (before.replicaOf === null) throw notAReplica(id);
      return { replicaOf: null };
    },
    async write(to, _from, { signal }) {
      if (to.replicaOf !== null) {
        if (throwaway) return;
        throw noWayBack(id);
      }
      const retention = Number(facts['backupRetentionDays'] ?? 0);
      await rds.promoteReadReplica(
        { DBInstanceIdentifier: id, ...(retention > 0 ? { BackupRetentionPeriod: retention } : {}) },
        { signal },
      );
    },
    async settled(to, attempt): Promise<Progress> {
      if (to.replicaOf !== null) return { done: true };
      const database = await theDatabase(input, replica, attempt);
      mustNotBeBroken(database);
      const { DBInstanceStatus: status } = database;
      if (status !== 'available') left = true;
      if (sourceOf(database) !== null || status !== 'available') {
        looks = 0;
        return { done: false, saw: `${id} is ${status}, ${sourceOf(database) === null ? 'no replica' : 'a replica'}` };
      }
      looks += 1;
      const endpoint = endpointOf(database);
      if (endpoint && speaksSql(replica, database.Engine)) {
        const outputs = { endpoint: endpoint.host, port: endpoint.port, provenBy: 'sql-write' };
        return lookBySql(input, replica, endpoint, async (sql) => {
          await sql.query(
            'begin; create temporary table firedrill_write (n int) on commit drop; insert into firedrill_write values (1); commit',
          );
          return { done: true, outputs };
        });
      }
      if (!left && looks < steadyLooks) return { done: false, saw: `${id} is available; making sure that it stays so` };
      return { done: true, outputs: { endpoint: endpoint?.host, port: endpoint?.port, provenBy: 'control-plane' } };
    },
  };
}

const sourceOf = (database: DBInstance): string | null => database.ReadReplicaSourceDBInstanceIdentifier || null;

const notAReplica = (id: string): FiredrillError =>
  new FiredrillError('not-a-replica', `${id} is no read replica`, {
    expected: 'a read replica',
    found: 'an instance without a source',
    remedy: 'Name the replica of the database that is lost, or look at whether it was promoted before.',
  });

const noWayBack = (id: string): FiredrillError =>
  new FiredrillError('no-way-back', `${id} can't be made a replica again`, {
    remedy: 'Set it aside and create a new replica from the database that is primary now.',
  });
