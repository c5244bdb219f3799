/** `rds/create-snapshot`: a manual snapshot of a DB instance, deleted when the drill ends. */
import { z } from 'zod';
import type { ActionSpec } from '../../domain/catalogue.ts';
import { target } from '../../domain/fields.ts';
import { defineAction } from '../action.ts';
import { arnOf, drillTags, ifOwn, ifTaggedAsOwn, onlyItem, permissions, placeOf } from '../places.ts';
import { madeSnapshotId, snapshotArn, snapshotPart } from './snapshots.ts';

const params = z.strictObject({ database: target('rds/instance', 'of which it is taken') });

export const spec = {
  name: 'rds/create-snapshot',
  describes: 'Takes a snapshot of a DB instance, which is deleted when the drill ends',
  params,
  effect: 'creates',
  outputs: {
    snapshot: { describes: 'the snapshot', targetType: 'rds/snapshot' },
    recoveryPointAt: { describes: 'when its data is from, ISO 8601' },
  },
  undo: 'delete the snapshot',
  permissions: ['rds:AddTagsToResource', 'rds:CreateDBSnapshot', 'rds:DeleteDBSnapshot', 'rds:DescribeDBSnapshots'],
  timeoutMs: 7_200_000,
  portion: 'find',
} satisfies ActionSpec<typeof params>;

export const createSnapshot = defineAction<typeof params>({
  spec,
  parts(input) {
    const database = input.target(input.params.database);
    const { rds } = input.aws.in(placeOf(database));
    const id = madeSnapshotId(input);
    return [
      snapshotPart(input, {
        id,
        place: database,
        async create(attempt) {
          const { DBSnapshot } = await rds.createDBSnapshot(
            { DBSnapshotIdentifier: id, DBInstanceIdentifier: onlyItem(database).id, Tags: drillTags(input) },
            attempt,
          );
          return DBSnapshot!;
        },
      }),
    ];
  },
  preview(input) {
    const database = input.target(input.params.database);
    const arn = snapshotArn(database, madeSnapshotId(input));
    return {
      touches: [arn],
      undo: spec.undo,
      permissions: [
        ...permissions(database, ['rds:CreateDBSnapshot'], [arnOf(database)]),
        ...permissions(database, ['rds:CreateDBSnapshot', 'rds:AddTagsToResource'], [arn], ifTaggedAsOwn(input)),
        ...permissions(database, ['rds:DeleteDBSnapshot'], [arn], ifOwn(input)),
        ...permissions(database, ['rds:DescribeDBSnapshots'], ['*']),
      ],
      findings: [],
    };
  },
});
