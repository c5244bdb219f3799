/** DescribeDBSnapshots: one snapshot, or those of an instance, a type or a filter, by page. */
import type { DescribeDBSnapshotsCommandInput, DescribeDBSnapshotsCommandOutput } from '@aws-sdk/client-rds';
import { AwsError } from '../../wire/handler.ts';
import type { Handler } from '../../wire/handler.ts';
import { dbArn, rdsState, snapshotArn } from '../../world/rds.ts';
import type { DbSnapshot } from '../../world/rds.ts';
import type { Scope, World } from '../../world.ts';
import { page } from './page.ts';
import { snapshotShape } from './snapshots.ts';

/** The lab shares no snapshots between accounts and has no AWS Backup: of these types there are none. */
const types = new Set(['automated', 'manual', 'shared', 'public', 'awsbackup']);

export const describeDBSnapshots =
  (world: World): Handler<DescribeDBSnapshotsCommandInput, DescribeDBSnapshotsCommandOutput> =>
  (input, call) => {
    const { DBSnapshotIdentifier: id, DBInstanceIdentifier, DbiResourceId, SnapshotType, Filters = [] } = input;
    if (SnapshotType !== undefined && !types.has(SnapshotType))
      throw new AwsError('InvalidParameterValue', `Invalid snapshot type: ${SnapshotType}`);
    const wanted: [name: string, values: readonly string[]][] = Filters.map((filter) => [
      filter.Name ?? '',
      filter.Values ?? [],
    ]);
    if (id !== undefined) wanted.push(['db-snapshot-id', [id.replace(/^arn:aws:rds:[^:]*:[^:]*:snapshot:/, '')]]);
    if (DBInstanceIdentifier !== undefined) wanted.push(['db-instance-id', [DBInstanceIdentifier]]);
    if (DbiResourceId !== undefined) wanted.push(['dbi-resource-id', [DbiResourceId]]);
    if (SnapshotType !== undefined) wanted.push(['snapshot-type', [SnapshotType]]);
    const found = Object.values(rdsState(world, call).snapshots)
      .filter((snapshot) => wanted.every(([name, values]) => matches(call, snapshot, name, values)))
      .sort((a, b) => a.identifier.localeCompare(b.identifier));
    if (id !== undefined && found.length === 0)
      throw new AwsError('DBSnapshotNotFound', `DBSnapshot ${id} not found.`, 404);
    const { items, marker } = page(found, (snapshot) => snapshot.id, input);
    return { DBSnapshots: items.map((snapshot) => snapshotShape(call, snapshot)), Marker: marker };
  };

function matches(scope: Scope, snapshot: DbSnapshot, name: string, given: readonly string[]): boolean {
  const values = given.map((value) => value.toLowerCase());
  const { origin } = snapshot;
  if (name === 'db-instance-id') return values.includes(origin.identifier) || values.includes(dbArn(scope, origin));
  if (name === 'db-snapshot-id')
    return values.includes(snapshot.identifier) || values.includes(snapshotArn(scope, snapshot));
  if (name === 'dbi-resource-id') return given.includes(origin.resourceId);
  if (name === 'snapshot-type') return values.includes(snapshot.type);
  if (name === 'engine') return values.includes(origin.engine);
  throw new AwsError('InvalidParameterValue', `Unrecognized filter name: ${name}`);
}
