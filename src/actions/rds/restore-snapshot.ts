/** `rds/restore-snapshot`: a fresh DB instance with the contents of a snapshot, deleted when the drill ends. */
import { z } from 'zod';
import type { ActionSpec } from '../../domain/catalogue.ts';
import { target } from '../../domain/fields.ts';
import type { ActionInput } from '../action.ts';
import { defineAction } from '../action.ts';
import { arnOf, onlyItem, permissions, placeOf, textOf } from '../places.ts';
import { restoredId, restoredOutputs, restoredParams, restoredPart, restoredPreview } from './restored.ts';
import { findSnapshot, mustBeAvailable, takenAt } from './snapshots.ts';

const params = z.strictObject({
  snapshot: target('rds/snapshot', 'what is restored'),
  ...restoredParams,
});
type Params = z.output<typeof params>;

export const spec = {
  name: 'rds/restore-snapshot',
  describes: 'Restores a snapshot onto a fresh DB instance, which is deleted when the drill ends',
  params,
  effect: 'creates',
  outputs: restoredOutputs,
  timeoutMs: 7_200_000,
  portion: 'restore',
} satisfies ActionSpec<typeof params>;

export const restoreSnapshot = defineAction<typeof params>({
  spec,
  parts(input) {
    const snapshot = input.target(input.params.snapshot);
    const { id: snapshotId } = onlyItem(snapshot);
    const place = placeOf(snapshot);
    const { rds } = input.aws.in(place);
    const id = idOf(input);
    return [
      restoredPart(input, {
        place: snapshot,
        id,
        async recoveryPoint(attempt) {
          const found = await findSnapshot(input, place, snapshotId, attempt);
          mustBeAvailable(found, snapshotId, snapshot.region);
          return takenAt(found)!;
        },
        async call(configuration, attempt) {
          const request = { DBInstanceIdentifier: id, DBSnapshotIdentifier: snapshotId, ...configuration };
          return (await rds.restoreDBInstanceFromDBSnapshot(request, attempt)).DBInstance;
        },
      }),
    ];
  },
  async preview(input) {
    const snapshot = input.target(input.params.snapshot);
    const [item] = snapshot.items;
    const shown = await restoredPreview(input, {
      place: snapshot,
      id: idOf(input),
      source: { ...item?.facts, arn: item && arnOf(snapshot, item) },
      operation: 'rds:RestoreDBInstanceFromDBSnapshot',
    });
    return {
      ...shown,
      permissions: [...shown.permissions, ...permissions(snapshot, ['rds:DescribeDBSnapshots'], ['*'])],
    };
  },
});

const idOf = (input: ActionInput<Params>): string => {
  const [item] = input.target(input.params.snapshot).items;
  return restoredId(input, textOf(item?.facts['source']) || 'restored');
};
