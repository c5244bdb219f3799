/** `rds/restore-snapshot`: a fresh DB instance with the contents of a snapshot, deleted when the drill ends. */
import { z } from 'zod';
import type { ActionSpec } from '../../domain/catalogue.ts';
import { target } from '../../domain/fields.ts';
import type { ResolvedTarget } from '../../domain/plan.ts';
import type { ActionInput } from '../action.ts';
import { defineAction } from '../action.ts';
import { arnOf, onlyItem, permissions, placeOf, textOf } from '../places.ts';
import { restoredPreview } from './restored-preview.ts';
import {
  oneZoneOrTwo,
  oneZoneOrTwoSays,
  restoredId,
  restoredOutputs,
  restoredParams,
  restoredPart,
  storageOf,
} from './restored.ts';
import { snapshotFindings } from './snapshot-findings.ts';
import { findSnapshot, madeSnapshotId, mustBeAvailable, snapshotArn, takenAt } from './snapshots.ts';

const params = z
  .strictObject({ snapshot: target('rds/snapshot', 'what is restored'), ...restoredParams })
  .refine(oneZoneOrTwo, oneZoneOrTwoSays);

export const spec = {
  name: 'rds/restore-snapshot',
  describes: 'Restores a snapshot onto a fresh DB instance, which is deleted when the drill ends',
  params,
  effect: 'creates',
  outputs: restoredOutputs,
  undo: 'delete the copy without a final snapshot',
  permissions: [
    'kms:CreateGrant',
    'kms:DescribeKey',
    'rds:AddTagsToResource',
    'rds:DeleteDBInstance',
    'rds:DescribeDBInstances',
    'rds:DescribeDBParameterGroups',
    'rds:DescribeDBParameters',
    'rds:DescribeDBSnapshots',
    'rds:DescribeDBSubnetGroups',
    'rds:RestoreDBInstanceFromDBSnapshot',
  ],
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
    const id = restoredId(input, textOf(onlyItem(snapshot).facts['source']));
    return [
      restoredPart(input, {
        place: snapshot,
        id,
        async origin(attempt) {
          const found = await findSnapshot(input, place, snapshotId, attempt);
          mustBeAvailable(found, snapshotId, snapshot.region);
          return { recoveryPointAt: takenAt(found)!, storage: storageOf(found) };
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
      id: restoredId(input, item ? textOf(item.facts['source']) : '*'),
      source: { ...item?.facts, arn: item ? arnOf(snapshot, item) : snapshotArn(snapshot, idOfMade(input, snapshot)) },
      operation: 'rds:RestoreDBInstanceFromDBSnapshot',
    });
    return {
      ...shown,
      permissions: [...shown.permissions, ...permissions(snapshot, ['rds:DescribeDBSnapshots'], ['*'])],
      findings: [...shown.findings, ...snapshotFindings(input, snapshot)],
    };
  },
});

/** A snapshot that a step is still to make is named by that step. */
const idOfMade = ({ runId }: ActionInput, { name }: ResolvedTarget): string => madeSnapshotId({ runId, stepId: name });
