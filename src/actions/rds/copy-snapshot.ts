/**
 * `rds/copy-snapshot`: a copy of a snapshot in another location, deleted when the drill ends. The copy's data is as old as the
 * original's. An encrypted snapshot can't leave its region without a key of the other one.
 *
 * Source: RDS user guide, "Copying a DB snapshot"; API reference, CopyDBSnapshot.
 */
import { z } from 'zod';
import type { ActionSpec } from '../../domain/catalogue.ts';
import { location, target, text } from '../../domain/fields.ts';
import type { Finding } from '../../domain/plan.ts';
import { defineAction } from '../action.ts';
import { arnOf, drillTags, onlyItem, permissions, placeOf, textOf } from '../places.ts';
import { findSnapshot, mustBeAvailable, snapshotArn, snapshotPart, standingIn } from './snapshots.ts';

const params = z.strictObject({
  snapshot: target('rds/snapshot', 'what is copied'),
  to: location('where the copy is made'),
  kmsKey: text(
    'key of the copy, in the region of the copy; needed where an encrypted snapshot changes region',
  ).optional(),
  optionGroup: text('option group of the copy; needed where the snapshot needs one that is not the default').optional(),
});

export const spec = {
  name: 'rds/copy-snapshot',
  describes: 'Copies a snapshot to another location; the copy is deleted when the drill ends',
  params,
  effect: 'creates',
  outputs: {
    snapshot: { describes: 'the copy', targetType: 'rds/snapshot' },
    recoveryPointAt: { describes: 'when its data is from, ISO 8601' },
  },
  timeoutMs: 14_400_000,
  portion: 'find',
} satisfies ActionSpec<typeof params>;

const idOf = (runId: string, stepId: string): string => `firedrill-${runId}-${stepId}`.toLowerCase();

export const copySnapshot = defineAction<typeof params>({
  spec,
  parts(input) {
    const snapshot = input.target(input.params.snapshot);
    const place = standingIn(input.location(input.params.to));
    const { rds } = input.aws.in(placeOf(place));
    const id = idOf(input.runId, input.stepId);
    return [
      snapshotPart(input, {
        id,
        place,
        async create(attempt) {
          const { id: sourceId } = onlyItem(snapshot);
          mustBeAvailable(await findSnapshot(input, placeOf(snapshot), sourceId, attempt), sourceId, snapshot.region);
          const { DBSnapshot } = await rds.copyDBSnapshot(
            {
              SourceDBSnapshotIdentifier: arnOf(snapshot),
              TargetDBSnapshotIdentifier: id,
              KmsKeyId: input.params.kmsKey,
              OptionGroupName: input.params.optionGroup,
              CopyTags: false,
              Tags: drillTags(input),
            },
            attempt,
          );
          return DBSnapshot!;
        },
      }),
    ];
  },
  preview(input) {
    const snapshot = input.target(input.params.snapshot);
    const place = standingIn(input.location(input.params.to));
    const [item] = snapshot.items;
    const arn = snapshotArn(place, idOf(input.runId, input.stepId));
    const source = item ? [arnOf(snapshot, item)] : [];
    const leaves = item?.facts['encrypted'] === true && snapshot.region !== place.region;
    const findings: Finding[] = [];
    if (leaves && input.params.kmsKey === undefined) {
      findings.push({
        severity: 'refuse',
        code: 'no-key',
        message: `${item.id} is encrypted with ${textOf(item.facts['kmsKeyId'])}, which is not there in ${place.region}.`,
        remedy: 'Name a key of the other region with kmsKey.',
      });
    }
    return {
      touches: [arn],
      undo: 'delete the copy',
      permissions: [
        ...permissions(place, ['rds:CopyDBSnapshot'], [arn, ...source]),
        ...permissions(place, ['rds:AddTagsToResource', 'rds:DeleteDBSnapshot'], [arn]),
        ...permissions(place, ['rds:DescribeDBSnapshots'], ['*']),
        ...permissions(snapshot, ['rds:DescribeDBSnapshots'], ['*']),
      ],
      findings,
    };
  },
});
