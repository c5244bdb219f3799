/**
 * CopyDBSnapshot, in a region or from another one, which is given by ARN. An encrypted snapshot leaves its region only with a key
 * of the one it goes to. A presigned URL says nothing that the lab doesn't know.
 *
 * Source: RDS API reference, CopyDBSnapshot; user guide, "Copying a DB snapshot".
 */
import type { CopyDBSnapshotCommandInput, CopyDBSnapshotCommandOutput } from '@aws-sdk/client-rds';
import { AwsError } from '../../wire/handler.ts';
import type { Handler } from '../../wire/handler.ts';
import { finishSnapshot } from '../../world/backups.ts';
import { hex } from '../../world/ids.ts';
import { rdsState, snapshotArn } from '../../world/rds.ts';
import type { DbSnapshot } from '../../world/rds.ts';
import { textArg } from '../../world.ts';
import type { Scope, World } from '../../world.ts';
import { required } from './find.ts';
import { requireOptionGroup } from './restored.ts';
import { tagMap } from './shapes.ts';
import { keyArn, requireAvailable, requireNewSnapshot, requireSnapshot, snapshotShape } from './snapshots.ts';

/** How long a small copy takes, milliseconds on AWS. */
const copyMs = 60_000;
const copyToRegionMs = 120_000;

export const copyDBSnapshot =
  (world: World): Handler<CopyDBSnapshotCommandInput, CopyDBSnapshotCommandOutput> =>
  (input, call) => {
    const name = required('SourceDBSnapshotIdentifier', input.SourceDBSnapshotIdentifier);
    const target = required('TargetDBSnapshotIdentifier', input.TargetDBSnapshotIdentifier);
    const [, region = call.region, account = call.account] = /^arn:aws:rds:([^:]*):([^:]*):snapshot:/.exec(name) ?? [];
    const from: Scope = { region, account };
    const source = requireSnapshot(world, from, name);
    requireAvailable(source);
    const identifier = requireNewSnapshot(world, call, 'TargetDBSnapshotIdentifier', target);
    const crosses = region !== call.region;
    if (crosses && input.KmsKeyId === undefined)
      throw new AwsError('InvalidParameterValue', 'Must specify new KMS key for cross region encrypted snapshot copy.');
    requireOptionGroup(input.OptionGroupName);
    const copy: DbSnapshot = {
      ...structuredClone(source),
      id: hex(world, 32),
      identifier,
      type: 'manual',
      status: 'creating',
      percentProgress: 0,
      kmsKeyId: input.KmsKeyId === undefined ? source.kmsKeyId : keyArn(world, call, input.KmsKeyId),
      takenAt: world.nowIso(),
      copyOf: { region, ...(crosses ? { arn: snapshotArn(from, source) } : {}) },
      copying: source.id,
      tags: { ...(input.CopyTags === true ? source.tags : {}), ...tagMap(input.Tags) },
    };
    rdsState(world, call).snapshots[copy.id] = copy;
    world.after(world.duration(crosses ? copyToRegionMs : copyMs), 'rds.copy-snapshot', call, { id: copy.id });
    return { DBSnapshot: snapshotShape(call, copy) };
  };

export function registerCopies(world: World): void {
  world.onTimer('rds.copy-snapshot', async (w, scope, args) => {
    const copy = rdsState(w, scope).snapshots[textArg(args, 'id')];
    if (copy?.copying === undefined) return;
    try {
      await w.machines.copySnapshot(copy.copying, copy.id);
      finishSnapshot(copy);
    } catch (error) {
      copy.status = 'failed';
      throw error;
    } finally {
      delete copy.copying;
    }
  });
}
