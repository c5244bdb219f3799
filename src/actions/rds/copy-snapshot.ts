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
import type { ActionInput } from '../action.ts';
import { defineAction } from '../action.ts';
import { arnOf, drillTags, ifOwn, ifTaggedAsOwn, onlyItem, permissions, placeOf, textOf } from '../places.ts';
import { keyPermissions } from './keys.ts';
import { snapshotFindings } from './snapshot-findings.ts';
import type { Standing } from '../made-target.ts';
import { standingIn } from '../made-target.ts';
import { findSnapshot, madeSnapshotId, mustBeAvailable, snapshotArn, snapshotPart } from './snapshots.ts';

const params = z.strictObject({
  snapshot: target('rds/snapshot', 'what is copied'),
  to: location('where the copy is made'),
  kmsKey: text(
    'key of the copy, in the region of the copy; needed where an encrypted snapshot changes region',
  ).optional(),
  optionGroup: text('option group of the copy; needed where the snapshot needs one that is not the default').optional(),
});
type Params = z.output<typeof params>;

export const spec = {
  name: 'rds/copy-snapshot',
  describes: 'Copies a snapshot to another location; the copy is deleted when the drill ends',
  params,
  effect: 'creates',
  outputs: {
    snapshot: { describes: 'the copy', targetType: 'rds/snapshot' },
    recoveryPointAt: { describes: 'when its data is from, ISO 8601' },
  },
  undo: 'delete the copy',
  permissions: [
    'kms:CreateGrant',
    'kms:DescribeKey',
    'rds:AddTagsToResource',
    'rds:CopyDBSnapshot',
    'rds:DeleteDBSnapshot',
    'rds:DescribeDBSnapshots',
  ],
  timeoutMs: 14_400_000,
  // It brings every byte of the data to where it is needed, which finding a backup does not.
  portion: 'restore',
} satisfies ActionSpec<typeof params>;

export const copySnapshot = defineAction<typeof params>({
  spec,
  parts(input) {
    const snapshot = input.target(input.params.snapshot);
    const place = standingIn(input.location(input.params.to));
    const { rds } = input.aws.in(placeOf(place));
    const id = madeSnapshotId(input);
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
    const arn = snapshotArn(place, madeSnapshotId(input));
    const { runId } = input;
    const from = item ? arnOf(snapshot, item) : snapshotArn(snapshot, madeSnapshotId({ runId, stepId: snapshot.name }));
    return {
      touches: [arn],
      undo: spec.undo,
      permissions: [
        // The region that the snapshot is in is asked, too, in the name of whoever copies.
        ...permissions(place, ['rds:CopyDBSnapshot'], [from]),
        ...permissions(place, ['rds:CopyDBSnapshot', 'rds:AddTagsToResource'], [arn], ifTaggedAsOwn(input)),
        ...permissions(place, ['rds:DeleteDBSnapshot'], [arn], ifOwn(input)),
        ...permissions(place, ['rds:DescribeDBSnapshots'], ['*']),
        ...permissions(snapshot, ['rds:DescribeDBSnapshots'], ['*']),
        ...keyPermissions(snapshot, item?.facts ?? {}),
        ...(input.params.kmsKey === undefined ? [] : keyPermissions(place, { kmsKeyId: input.params.kmsKey })),
      ],
      findings: findingsOf(input, place),
    };
  },
});

/** What RDS would refuse, or make otherwise than expected, only once the drill is under way. */
function findingsOf(input: ActionInput<Params>, { account, region }: Standing): Finding[] {
  const { params } = input;
  const snapshot = input.target(params.snapshot);
  const [item] = snapshot.items;
  if (!item) return [];
  const { encrypted, kmsKeyId, optionGroup = '' } = item.facts;
  const leaves = snapshot.region !== region;
  const findings: Finding[] = [
    {
      severity: 'note',
      code: 'copy-cost',
      message: 'The copy is paid for until the drill ends, and its way to another region.',
    },
    ...snapshotFindings(input, snapshot),
  ];
  if (leaves && encrypted === true && params.kmsKey === undefined) {
    findings.push({
      severity: 'refuse',
      code: 'no-key',
      message: `${item.id} is encrypted with ${textOf(kmsKeyId)}, which is not there in ${region}.`,
      remedy: 'Name a key of the other region with kmsKey.',
    });
  }
  if (leaves && params.optionGroup === undefined && !/^(default:|$)/.test(textOf(optionGroup))) {
    findings.push({
      severity: 'warn',
      code: 'option-group-stays',
      message: `${item.id} has option group ${textOf(optionGroup)}, which is not there in ${region}; the copy gets the default one.`,
      remedy: 'Make one of the same options there and name it with optionGroup.',
    });
  }
  if (snapshot.account !== account) {
    findings.push({
      severity: 'warn',
      code: 'other-account',
      message: `${item.id} belongs to account ${snapshot.account}: it must be shared with ${account}, and so must its key.`,
      remedy: 'Share both before the drill; firedrill does not.',
    });
  }
  return findings;
}
