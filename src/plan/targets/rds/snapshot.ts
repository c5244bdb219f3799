/**
 * Target `rds/snapshot`: one snapshot of a DB instance, by its own identifier, or the newest usable one of an instance. What it
 * is when the plan is made counts: a run restores the snapshot that its plan shows. Snapshots that AWS Backup takes are
 * restored like RDS's own; those of clusters are another thing with other calls, and are refused by name.
 */
import type { DBSnapshot } from '@aws-sdk/client-rds';
import { z } from 'zod';
import { FiredrillError } from '../../../domain/errors.ts';
import { choice } from '../../../domain/fields.ts';
import type { ResolvedTarget } from '../../../domain/plan.ts';
import { noneIfNotFound } from '../absent.ts';
import { allPages } from '../pages.ts';
import type { Pattern } from '../target.ts';
import { defineTarget } from '../target.ts';
import { dbInstanceId, dbSnapshotId } from '../written.ts';

const params = z
  .strictObject({
    id: dbSnapshotId('DB snapshot identifier')
      .refine(
        (id) => !id.includes('cluster-snapshot:'),
        'snapshots of clusters (Aurora, Multi-AZ DB clusters) can not be restored',
      )
      .refine(
        (id) => id.includes('cluster-snapshot:') || !id.startsWith('arn:'),
        'write its identifier, not its ARN; copy one of another account or region first',
      )
      .meta({ kind: 'text', description: 'DB snapshot identifier' })
      .optional(),
    of: dbInstanceId('DB instance identifier: the newest available snapshot of it').optional(),
    kind: choice(
      ['automated', 'manual', 'awsbackup'],
      'with of: only snapshots of this kind; default: automated and manual ones, not those of AWS Backup',
    ).optional(),
  })
  .refine(({ id, kind }) => id === undefined || kind === undefined, 'kind goes with of');

export const snapshot = defineTarget({
  spec: {
    type: 'rds/snapshot',
    describes: 'A snapshot of an RDS DB instance (not of an Aurora cluster)',
    params,
    facts: {
      source: 'DB instance identifier of which it was taken',
      engine: 'engine',
      version: 'engine version',
      createdAt: 'when it was taken (of a copy: when the original was), ISO 8601',
    },
  },
  reads: ['rds:DescribeDBSnapshots'],
  patternOf,
  async find(aws, { id, of, kind }, place) {
    const { rds } = aws.in(place);
    const select =
      id === undefined
        ? { DBInstanceIdentifier: of, SnapshotType: kind }
        : { DBSnapshotIdentifier: id, SnapshotType: typeOf(id) };
    const found = await noneIfNotFound(() =>
      allPages(async (Marker) => {
        const { DBSnapshots: items = [], Marker: next } = await rds.describeDBSnapshots({ ...select, Marker });
        return { items, next };
      }),
    );
    const available = found.filter(({ Status }) => Status === 'available');
    // One that can't be used yet is better shown, with its status, than not found.
    const usable = available.length > 0 ? available : found;
    const newest = usable.toSorted((a, b) => takenMs(b) - takenMs(a)).slice(0, 1);
    return newest.map((each) => {
      if (each.Engine?.startsWith('aurora')) throw auroraRefused(each);
      return { id: each.DBSnapshotIdentifier!, arn: each.DBSnapshotArn, facts: factsOf(each) };
    });
  },
});

/**
 * Tomorrow's newest has another name than today's. RDS names automated snapshots after their instance, and those of AWS Backup
 * after nothing of it. IAM is told nothing of a snapshot but its name and its tags, so manual ones can't be told apart.
 * Source: Service Authorization Reference, Amazon RDS, resource type snapshot.
 */
function patternOf({ account, region, name, items, select: { of, kind } }: ResolvedTarget): Pattern | undefined {
  if (typeof of !== 'string') return undefined;
  // RDS finds an instance however it is written; names have it in lower case, and so has IAM.
  const known = items[0]?.facts['source'];
  const source = typeof known === 'string' ? known : of.toLowerCase();
  const arn = (names: string): string => `arn:aws:rds:${region}:${account}:snapshot:${names}`;
  if (kind === 'automated') return { resources: [arn(`rds:${source}-*`)] };
  if (kind === 'awsbackup') {
    const wider = `target ${name}: AWS Backup names no snapshot after its instance, so all of its snapshots are allowed.`;
    return { resources: [arn('awsbackup:*')], wider };
  }
  const wider = `target ${name}: a manual snapshot may have any name, so all are allowed. With kind: automated it is those of ${source}.`;
  return { resources: [arn('*')], wider };
}

/** RDS finds some kinds only where the kind is said, too. Source: RDS API reference, DescribeDBSnapshots. */
function typeOf(id: string): string | undefined {
  if (id.startsWith('rds:')) return 'automated';
  return id.startsWith('awsbackup:') ? 'awsbackup' : undefined;
}

/** A copy says when it was made itself; the data is as old as the original. */
const takenAt = ({ OriginalSnapshotCreateTime, SnapshotCreateTime }: DBSnapshot): Date | undefined =>
  OriginalSnapshotCreateTime ?? SnapshotCreateTime;

const takenMs = (snapshot: DBSnapshot): number => takenAt(snapshot)?.getTime() ?? 0;

const factsOf = (found: DBSnapshot) => ({
  source: found.DBInstanceIdentifier,
  engine: found.Engine,
  version: found.EngineVersion,
  createdAt: takenAt(found)?.toISOString(),
  status: found.Status,
  kind: found.SnapshotType,
  encrypted: found.Encrypted ?? false,
  kmsKeyId: found.KmsKeyId,
  allocatedGb: found.AllocatedStorage,
  port: found.Port,
  optionGroup: found.OptionGroupName,
  vpcId: found.VpcId,
  az: found.AvailabilityZone,
});

const auroraRefused = ({ DBSnapshotIdentifier: id, Engine: engine }: DBSnapshot): FiredrillError =>
  new FiredrillError('aurora-unsupported', `${id} is a snapshot of Aurora`, {
    expected: 'a snapshot of an RDS DB instance outside of any cluster',
    found: `engine ${engine}`,
    remedy:
      'Clusters are restored through other APIs, which firedrill does not drive. Drill the rest without this one.',
  });
