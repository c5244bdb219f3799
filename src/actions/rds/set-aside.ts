/**
 * `rds/set-aside`: closes a database and renames it, so that its successor can take its name (and its parameter group, which
 * may hold a read-only fence until then). It is kept because it may hold writes that nobody else has; deleting it is for
 * people. The kept name is made of name and run, so that it is found after a crash. RDS restarts what it renames, which ends
 * the sessions of before.
 */
import type { DBInstance } from '@aws-sdk/client-rds';
import { z } from 'zod';
import type { ActionSpec } from '../../domain/catalogue.ts';
import { FiredrillError } from '../../domain/errors.ts';
import { target } from '../../domain/fields.ts';
import type { Attempt, ChangePart } from '../../domain/part.ts';
import type { ResolvedTarget } from '../../domain/plan.ts';
import type { ActionInput } from '../action.ts';
import { defineAction } from '../action.ts';
import { arnOf, onlyItem, permissions, placeOf, textOf } from '../places.ts';
import { databaseArn, findDatabase, mustNotBeBroken } from './databases.ts';
import { closingParts, groupPermissions } from './fence-no-access.ts';

const params = z.strictObject({ database: target('rds/instance', 'the database that makes room for its successor') });
type Params = z.output<typeof params>;

export const spec = {
  name: 'rds/set-aside',
  describes:
    'Renames a database to NAME-kept-RUN and keeps it, so that a new one can take its name. People delete it later',
  params,
  effect: 'changes',
  outputs: { kept: { describes: 'identifier under which the database is kept' } },
  undo: 'give the database its name and its security groups back',
  permissions: [
    'ec2:CreateSecurityGroup',
    'ec2:CreateTags',
    'ec2:DeleteSecurityGroup',
    'ec2:DescribeSecurityGroups',
    'rds:DescribeDBInstances',
    'rds:ModifyDBInstance',
  ],
  timeoutMs: 900_000,
  setsAside: 'database',
} satisfies ActionSpec<typeof params>;

interface Named {
  [key: string]: string;
  id: string;
}

/** A renamed instance is found under neither name for a moment; longer than this it is gone. */
const namelessMs = 120_000;

export const setAside = defineAction<typeof params>({
  spec,
  async parts(input) {
    const database = input.target(input.params.database);
    const find = (attempt: Pick<Attempt, 'signal'>) => findEitherWay(input, database, attempt);
    return [...(await closingParts(input, database, find)), renaming(input)];
  },
  preview(input) {
    const database = input.target(input.params.database);
    const { id, facts } = onlyItem(database);
    const kept = keptName(id, input.runId);
    return {
      touches: [arnOf(database)],
      undo: `rename ${kept} back to ${id} and give it its security groups back`,
      permissions: [
        ...permissions(
          database,
          ['rds:ModifyDBInstance', 'rds:DescribeDBInstances'],
          [arnOf(database), databaseArn(database, kept)],
        ),
        ...groupPermissions(input, database),
      ],
      findings: [
        {
          severity: 'note',
          code: 'kept-database',
          message: `${id} (${textOf(facts['instanceClass'])}) stays as ${kept} and is paid for until somebody deletes it`,
        },
      ],
    };
  },
});

function renaming(input: ActionInput<Params>): ChangePart<Named> {
  const database = input.target(input.params.database);
  const place = placeOf(database);
  const { id } = onlyItem(database);
  const kept = keptName(id, input.runId);
  return {
    shape: 'change',
    name: 'name',
    touches: arnOf(database),
    keeps: databaseArn(place, kept),
    pollMs: input.pollMs,
    read: async (attempt) => ({ id: (await findEitherWay(input, database, attempt)).DBInstanceIdentifier! }),
    desired: () => ({ id: kept }),
    async write(to, from, { signal }) {
      const rename = { DBInstanceIdentifier: from.id, NewDBInstanceIdentifier: to.id, ApplyImmediately: true };
      try {
        await input.aws.in(place).rds.modifyDBInstance(rename, { signal });
      } catch (error) {
        // An earlier rename came to its end since the name was read: it must be read again.
        if (error instanceof FiredrillError && error.code === 'aws-not-found') throw renamedMeanwhile(from.id);
        throw error;
      }
    },
    async settled(to, attempt) {
      const found = await findDatabase(input, place, to.id, attempt);
      if (!found) return { done: false, saw: `there is no ${to.id} yet` };
      mustNotBeBroken(found);
      if (found.DBInstanceStatus !== 'available') return { done: false, saw: `${to.id} is ${found.DBInstanceStatus}` };
      return { done: true, outputs: to.id === kept ? { kept } : {} };
    },
  };
}

/** The kept name first: once it is set aside, the old one may be its successor's. */
async function findEitherWay(
  input: ActionInput,
  database: ResolvedTarget,
  { signal }: Pick<Attempt, 'signal'>,
): Promise<DBInstance> {
  const { id } = onlyItem(database);
  const kept = keptName(id, input.runId);
  const since = input.clock.monoNs();
  for (;;) {
    for (const name of [kept, id]) {
      const found = await findDatabase(input, placeOf(database), name, { signal });
      if (found) return found;
    }
    if (Number(input.clock.monoNs() - since) / 1e6 > namelessMs) throw gone(id, kept);
    await input.clock.sleep(input.pollMs, signal);
  }
}

/** `orders-db-kept-r1a2b3`, within RDS's 63 characters and its rules for hyphens. */
export function keptName(id: string, runId: string): string {
  const run = runId.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
  const suffix = `-kept-${run}`.replace(/-$/, '').slice(0, 50);
  return `${id.slice(0, 63 - suffix.length).replace(/-$/, '')}${suffix}`;
}

const renamedMeanwhile = (id: string): FiredrillError =>
  new FiredrillError('not-ready', `${id} is being renamed`, { remedy: 'Wait until it has its new name.' });

const gone = (id: string, kept: string): FiredrillError =>
  new FiredrillError('database-gone', `there is neither ${id} nor ${kept}`, {
    expected: `${id} or ${kept}`,
    found: 'none',
    remedy: 'Find out in CloudTrail who deleted or renamed it.',
  });
