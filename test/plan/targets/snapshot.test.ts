/** Which snapshot a target takes, from answers as RDS gives them. */
import type { DBSnapshot, DescribeDBSnapshotsMessage } from '@aws-sdk/client-rds';
import { describe, expect, it } from 'vitest';
import type { Aws } from '../../../src/aws/aws.ts';
import { snapshot } from '../../../src/plan/targets/rds/snapshot.ts';

const home = { name: 'home', account: '111122223333', region: 'eu-central-1', production: false };

const taken = (id: string, day: number, more: Partial<DBSnapshot> = {}): DBSnapshot => ({
  DBSnapshotIdentifier: id,
  DBInstanceIdentifier: 'shop-db',
  Engine: 'postgres',
  EngineVersion: '18.4',
  Status: 'available',
  SnapshotCreateTime: new Date(Date.UTC(2026, 10, day)),
  ...more,
});

async function resolve(select: Record<string, string>, pages: DBSnapshot[][]) {
  const asked: DescribeDBSnapshotsMessage[] = [];
  const describeDBSnapshots = (input: DescribeDBSnapshotsMessage) => {
    asked.push(input);
    const page = Number(input.Marker ?? 0);
    return Promise.resolve({
      DBSnapshots: pages[page],
      Marker: page + 1 < pages.length ? String(page + 1) : undefined,
    });
  };
  const aws = { in: () => ({ rds: { describeDBSnapshots } }) } as unknown as Aws;
  const target = { name: 'newest', type: 'rds/snapshot', location: 'home', select, mayBeEmpty: false };
  return { items: await snapshot.resolve(aws, target, home), asked };
}

const idOf = async (select: Record<string, string>, ...pages: DBSnapshot[][]) =>
  (await resolve(select, pages)).items.map(({ id }) => id);

describe('a snapshot of an instance', () => {
  it('is the newest that is available, on whatever page it stands', async () => {
    const creating = taken('rds:today', 22, { Status: 'creating', SnapshotCreateTime: undefined });
    expect(await idOf({ of: 'shop-db' }, [taken('old', 1), taken('new', 21)], [creating, taken('mid', 20)])).toEqual([
      'new',
    ]);
  });

  it('is as old as its original where it is a copy', async () => {
    const copy = taken('copied-today', 22, { OriginalSnapshotCreateTime: new Date(Date.UTC(2026, 9, 1)) });
    expect(await idOf({ of: 'shop-db' }, [copy, taken('yesterday', 21)])).toEqual(['yesterday']);
    const { items } = await resolve({ id: 'copied-today' }, [[copy]]);
    expect(items[0]!.facts['createdAt']).toBe('2026-10-01T00:00:00.000Z');
  });

  it('is shown with its status where none is available yet', async () => {
    const { items } = await resolve({ of: 'shop-db' }, [[taken('rds:first', 22, { Status: 'creating' })]]);
    expect(items[0]!.facts['status']).toBe('creating');
  });

  it('is not found where there is none', async () => {
    await expect(idOf({ of: 'shop-db' }, [])).rejects.toMatchObject({ code: 'target-not-found' });
  });
});

describe('what RDS is asked for', () => {
  it.each([
    [
      { of: 'shop-db', kind: 'awsbackup' },
      { DBInstanceIdentifier: 'shop-db', SnapshotType: 'awsbackup' },
    ],
    [{ id: 'rds:shop-db-2026-11-22-03-07' }, { SnapshotType: 'automated' }],
    [{ id: 'awsbackup:job-1234' }, { SnapshotType: 'awsbackup' }],
    [{ id: 'before-migration' }, { SnapshotType: undefined }],
  ])('names the kind where RDS wants it: %j', async (select, expected) => {
    const { asked } = await resolve(select, [[taken('one', 1)]]);
    expect(asked[0]).toMatchObject(expected);
  });
});

describe('what is not a snapshot of an instance', () => {
  it.each([
    [{ id: 'arn:aws:rds:eu-central-1:111122223333:cluster-snapshot:rds:shop-2026' }, /clusters/],
    [{ id: 'arn:aws:rds:eu-central-1:444455556666:snapshot:shared' }, /copy one of another account/],
    [{ id: 'a', kind: 'manual' }, /kind goes with of/],
  ])('is refused: %j', async (select, message) => {
    await expect(resolve(select as unknown as Record<string, string>, [[]])).rejects.toThrow(message);
  });

  it('is refused by its engine', async () => {
    const aurora = taken('cluster-part', 1, { Engine: 'aurora-postgresql' });
    await expect(resolve({ id: 'cluster-part' }, [[aurora]])).rejects.toMatchObject({ code: 'aurora-unsupported' });
  });
});
