import {
  AddTagsToResourceCommand,
  CopyDBSnapshotCommand,
  CreateDBSnapshotCommand,
  DeleteDBInstanceCommand,
  DeleteDBSnapshotCommand,
  DescribeDBSnapshotsCommand,
  ListTagsForResourceCommand,
  ModifyDBInstanceCommand,
  RebootDBInstanceCommand,
  RemoveTagsFromResourceCommand,
  RestoreDBInstanceFromDBSnapshotCommand,
  type DescribeDBSnapshotsCommandInput,
  type RDSClient,
} from '@aws-sdk/client-rds';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ec2State } from '../../../../src/lab/world/ec2.ts';
import { active, passive } from '../../world/test-lab.ts';
import { openRdsLab, type RdsLab } from './rds-lab.ts';

let part: RdsLab;
beforeEach(async () => {
  part = await openRdsLab();
});
afterEach(() => part.close());

const arnOf = (id: string, region = active.region) => `arn:aws:rds:${region}:111122223333:snapshot:${id}`;
const key = 'arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-3333-4444-555555555555';
const automated = 'rds:orders-db-2026-01-01-00-00';
const list = async (client: RDSClient, input: DescribeDBSnapshotsCommandInput = {}) =>
  (await client.send(new DescribeDBSnapshotsCommand(input))).DBSnapshots ?? [];
const names = async (client: RDSClient, input: DescribeDBSnapshotsCommandInput = {}) =>
  (await list(client, input)).map(({ DBSnapshotIdentifier }) => DBSnapshotIdentifier);
const find = async (client: RDSClient, DBSnapshotIdentifier: string) =>
  (await list(client, { DBSnapshotIdentifier }))[0];
const create = (DBSnapshotIdentifier = 'nightly', DBInstanceIdentifier = 'orders-db') =>
  part.home.send(new CreateDBSnapshotCommand({ DBSnapshotIdentifier, DBInstanceIdentifier, Tags: tags }));
const drop = (client: RDSClient, DBSnapshotIdentifier: string) =>
  client.send(new DeleteDBSnapshotCommand({ DBSnapshotIdentifier }));
const restore = (client: RDSClient, DBSnapshotIdentifier: string, more: object = {}) =>
  client.send(
    new RestoreDBInstanceFromDBSnapshotCommand({
      DBInstanceIdentifier: 'copy',
      DBSnapshotIdentifier,
      DBSubnetGroupName: 'orders',
      ...more,
    }),
  );
const writesOf = (id = '') => part.lab.machines.state.databases[id]?.writes;
const tags = [{ Key: 'firedrill', Value: 'run-1' }];

describe('CreateDBSnapshot', () => {
  it('takes the instance as it is, while that is backing up and refuses other changes', async () => {
    const { lab, home, show } = part;
    lab.machines.write(lab.primary.resourceId, 1);
    const { DBSnapshot } = await create();
    expect(DBSnapshot).toMatchObject({ Status: 'creating', PercentProgress: 0, SnapshotType: 'manual' });
    expect(DBSnapshot?.SnapshotCreateTime).toBeUndefined();
    expect((await show(home)).DBInstanceStatus).toBe('backing-up');
    await expect(home.send(new RebootDBInstanceCommand({ DBInstanceIdentifier: 'orders-db' }))).rejects.toMatchObject({
      name: 'InvalidDBInstanceStateFault',
    });
    await lab.pass(100);
    lab.machines.write(lab.primary.resourceId, 2);
    await lab.pass(2_000);
    expect((await show(home)).DBInstanceStatus).toBe('available');
    const made = await find(home, 'nightly');
    expect(made).toMatchObject({
      DBSnapshotArn: arnOf('nightly'),
      DBInstanceIdentifier: 'orders-db',
      DbiResourceId: lab.primary.resourceId,
      Status: 'available',
      PercentProgress: 100,
      Engine: 'postgres',
      Encrypted: true,
      KmsKeyId: (await show(home)).KmsKeyId,
      TagList: tags,
    });
    expect(made?.SnapshotCreateTime?.getTime()).toBeGreaterThanOrEqual(
      made?.OriginalSnapshotCreateTime?.getTime() ?? Infinity,
    );
    await restore(home, 'nightly');
    await lab.pass(5_000);
    expect(writesOf((await show(home, 'copy')).DbiResourceId)).toEqual([1]);
  });

  it('refuses a name that is taken or none, and an instance that is not there or not available', async () => {
    const { lab, home } = part;
    await expect(create('nightly', 'nobody')).rejects.toMatchObject({ name: 'DBInstanceNotFoundFault' });
    await expect(create('rds:mine')).rejects.toMatchObject({ name: 'InvalidParameterValue' });
    await create();
    await expect(create('other')).rejects.toMatchObject({
      name: 'InvalidDBInstanceStateFault',
      message: expect.stringContaining('Cannot create a snapshot because the database instance orders-db is not'),
    });
    await lab.pass(2_000);
    await expect(create()).rejects.toMatchObject({ name: 'DBSnapshotAlreadyExistsFault' });
    expect(await names(home, { SnapshotType: 'manual' })).toEqual(['nightly']);
  });
});

describe('DescribeDBSnapshots', () => {
  it('finds by identifier or ARN, instance, type and filter', async () => {
    const { lab, home, away } = part;
    await create();
    await lab.pass(2_000);
    expect(await names(home)).toEqual(['nightly', automated]);
    expect(await names(home, { SnapshotType: 'automated' })).toEqual([automated]);
    expect(await names(home, { SnapshotType: 'shared' })).toEqual([]);
    expect(await names(home, { DBInstanceIdentifier: 'Orders-DB' })).toHaveLength(2);
    expect(await names(home, { DBInstanceIdentifier: 'nobody' })).toEqual([]);
    expect(await names(home, { DbiResourceId: lab.primary.resourceId, SnapshotType: 'manual' })).toEqual(['nightly']);
    expect(await names(home, { DBSnapshotIdentifier: arnOf('nightly') })).toEqual(['nightly']);
    expect(await names(home, { Filters: [{ Name: 'snapshot-type', Values: ['manual'] }] })).toEqual(['nightly']);
    const byArn = ['arn:aws:rds:eu-central-1:111122223333:db:orders-db'];
    expect(await names(home, { Filters: [{ Name: 'db-instance-id', Values: byArn }] })).toHaveLength(2);
    expect(await names(away)).toEqual([]);
  });

  it('names what is not there and what it does not know', async () => {
    const { home } = part;
    await expect(find(home, 'nightly')).rejects.toMatchObject({ name: 'DBSnapshotNotFoundFault' });
    await expect(list(home, { SnapshotType: 'weekly' })).rejects.toMatchObject({ name: 'InvalidParameterValue' });
    await expect(list(home, { Filters: [{ Name: 'mood', Values: ['good'] }] })).rejects.toMatchObject({
      name: 'InvalidParameterValue',
    });
  });

  it('gives long lists by page', async () => {
    const { lab, home } = part;
    for (let n = 0; n < 21; n += 1) {
      await create(`s${String(n).padStart(2, '0')}`);
      await lab.pass(2_000);
    }
    const first = await home.send(new DescribeDBSnapshotsCommand({ SnapshotType: 'manual', MaxRecords: 20 }));
    expect(first.DBSnapshots).toHaveLength(20);
    const rest = { SnapshotType: 'manual', MaxRecords: 20, Marker: first.Marker };
    expect(await names(home, rest)).toEqual(['s20']);
  });
});

describe('tags of snapshots', () => {
  it('are added, listed and removed by ARN, also those of automated snapshots', async () => {
    const { home } = part;
    const ResourceName = arnOf(automated);
    await home.send(new AddTagsToResourceCommand({ ResourceName, Tags: tags }));
    expect((await home.send(new ListTagsForResourceCommand({ ResourceName }))).TagList).toEqual(tags);
    expect((await find(home, automated))?.TagList).toEqual(tags);
    await home.send(new RemoveTagsFromResourceCommand({ ResourceName, TagKeys: ['firedrill'] }));
    expect((await home.send(new ListTagsForResourceCommand({ ResourceName }))).TagList).toEqual([]);
  });
});

describe('DeleteDBSnapshot', () => {
  it('takes a manual snapshot away, but none that is being made and none that is automated', async () => {
    const { lab, home } = part;
    await create();
    await expect(drop(home, 'nightly')).rejects.toMatchObject({ name: 'InvalidDBSnapshotStateFault' });
    await lab.pass(2_000);
    await expect(drop(home, automated)).rejects.toMatchObject({
      name: 'InvalidDBSnapshotStateFault',
      message: 'automated snapshots cannot be deleted.',
    });
    expect((await drop(home, 'nightly')).DBSnapshot?.Status).toBe('deleted');
    await expect(drop(home, 'nightly')).rejects.toMatchObject({ name: 'DBSnapshotNotFoundFault' });
    await lab.pass(100);
    expect(Object.keys(lab.machines.state.snapshots)).toHaveLength(1);
  });

  it('lets a restore that has begun come to its end', async () => {
    const { lab, home, show } = part;
    lab.machines.write(lab.primary.resourceId, 1);
    await create();
    await lab.pass(2_000);
    await restore(home, 'nightly', { BackupRetentionPeriod: 0 });
    await drop(home, 'nightly');
    await lab.pass(5_000);
    const { DBInstanceStatus, DbiResourceId } = await show(home, 'copy');
    expect([DBInstanceStatus, writesOf(DbiResourceId)]).toEqual(['available', [1]]);
    expect(Object.keys(lab.machines.state.snapshots)).toHaveLength(1);
  });
});

describe('CopyDBSnapshot', () => {
  const copy = (client: RDSClient, SourceDBSnapshotIdentifier: string, more: object = {}) =>
    client.send(
      new CopyDBSnapshotCommand({ SourceDBSnapshotIdentifier, TargetDBSnapshotIdentifier: 'copied', ...more }),
    );

  it('makes a manual snapshot of an automated one, which keeps its key and when its data is from', async () => {
    const { lab, home } = part;
    const original = await find(home, automated);
    await lab.pass(60_000);
    expect((await copy(home, automated)).DBSnapshot?.Status).toBe('creating');
    await expect(copy(home, 'copied', { TargetDBSnapshotIdentifier: 'again' })).rejects.toMatchObject({
      name: 'InvalidDBSnapshotStateFault',
    });
    await lab.pass(3_000);
    const copied = await find(home, 'copied');
    expect(copied).toMatchObject({
      SnapshotType: 'manual',
      Status: 'available',
      KmsKeyId: original?.KmsKeyId,
      OriginalSnapshotCreateTime: original?.OriginalSnapshotCreateTime,
      SourceRegion: active.region,
      TagList: [],
    });
    expect(copied?.SourceDBSnapshotIdentifier).toBeUndefined();
    expect(copied?.SnapshotCreateTime?.getTime()).toBeGreaterThan(original?.SnapshotCreateTime?.getTime() ?? Infinity);
    await drop(home, 'copied');
  });

  it('brings one to another region with a key of that region, and its tags when asked to', async () => {
    const { lab, away, show } = part;
    lab.machines.write(lab.primary.resourceId, 7);
    await create();
    await lab.pass(2_000);
    const from = { SourceRegion: active.region, CopyTags: true, KmsKeyId: key };
    await copy(away, arnOf('nightly'), from);
    await lab.pass(3_000);
    expect(await find(away, 'copied')).toMatchObject({
      DBSnapshotArn: arnOf('copied', passive.region),
      SourceRegion: active.region,
      SourceDBSnapshotIdentifier: arnOf('nightly'),
      Status: 'available',
      KmsKeyId: key,
      TagList: tags,
    });
    await restore(away, 'copied');
    await lab.pass(5_000);
    const restored = await show(away, 'copy');
    expect(restored).toMatchObject({ DBInstanceStatus: 'available', KmsKeyId: key });
    expect(writesOf(restored.DbiResourceId)).toEqual([7]);
  });

  it('refuses to leave the region without a key or with one of another, and names that are taken or unknown', async () => {
    const { away, home } = part;
    await expect(copy(away, arnOf(automated))).rejects.toThrow(
      'Must specify new KMS key for cross region encrypted snapshot copy.',
    );
    await expect(copy(away, arnOf(automated), { KmsKeyId: key.replace('west', 'north') })).rejects.toMatchObject({
      name: 'KMSKeyNotAccessibleFault',
    });
    await expect(copy(away, automated, { KmsKeyId: key })).rejects.toMatchObject({ name: 'DBSnapshotNotFoundFault' });
    await copy(home, automated);
    await expect(copy(home, automated)).rejects.toMatchObject({ name: 'DBSnapshotAlreadyExistsFault' });
  });
});

describe('RestoreDBInstanceFromDBSnapshot', () => {
  it("takes AWS's defaults for what isn't said: default groups, one zone, no protection; and keeps the rest", async () => {
    const { lab, home, show } = part;
    const original = await show(home);
    await home.send(new ModifyDBInstanceCommand({ DBInstanceIdentifier: 'orders-db', DeletionProtection: true }));
    expect((await restore(home, automated)).DBInstance).toMatchObject({ DBInstanceStatus: 'creating' });
    expect((await show(home, 'copy')).Endpoint).toBeUndefined();
    await lab.pass(5_000);
    const made = await show(home, 'copy');
    const { groups } = ec2State(lab.world, active);
    const [group] = made.VpcSecurityGroups ?? [];
    expect(groups[group?.VpcSecurityGroupId ?? '']?.name).toBe('default');
    expect(made).toMatchObject({
      DBInstanceStatus: 'available',
      DBParameterGroups: [{ DBParameterGroupName: 'default.postgres18', ParameterApplyStatus: 'in-sync' }],
      OptionGroupMemberships: [{ OptionGroupName: 'default:postgres-18' }],
      MultiAZ: false,
      DeletionProtection: false,
      PubliclyAccessible: false,
      BackupRetentionPeriod: original.BackupRetentionPeriod,
      DBInstanceClass: original.DBInstanceClass,
      MasterUsername: original.MasterUsername,
      KmsKeyId: original.KmsKeyId,
      TagList: [],
    });
    expect(made.DbiResourceId).not.toBe(original.DbiResourceId);
    expect(made.Endpoint?.Address).toMatch(/^copy\./);
  });

  it('does as it is told', async () => {
    const { lab, home, show } = part;
    const told = {
      DBParameterGroupName: 'orders-restore',
      VpcSecurityGroupIds: (await show(home)).VpcSecurityGroups?.map(
        ({ VpcSecurityGroupId = '' }) => VpcSecurityGroupId,
      ),
      MultiAZ: true,
      DBInstanceClass: 'db.r8g.large',
      Port: 6543,
      BackupRetentionPeriod: 0,
      DeletionProtection: true,
      Tags: tags,
    };
    await restore(home, automated, told);
    await lab.pass(5_000);
    expect(await show(home, 'copy')).toMatchObject({
      MultiAZ: true,
      DBInstanceClass: 'db.r8g.large',
      DBParameterGroups: [{ DBParameterGroupName: 'orders-restore' }],
      Endpoint: { Port: 6543 },
      BackupRetentionPeriod: 0,
      DeletionProtection: true,
      TagList: tags,
    });
    expect(await names(home, { DBInstanceIdentifier: 'copy' })).toEqual([]);
  });

  it('backs the copy up where the original was, before it is available', async () => {
    const { lab, home, show } = part;
    await restore(home, automated);
    const seen = new Set<string | undefined>();
    for (let passed = 0; passed < 5_000; passed += 100) {
      seen.add((await show(home, 'copy')).DBInstanceStatus);
      await lab.pass(100);
    }
    expect([...seen]).toEqual(['creating', 'backing-up', 'available']);
    expect(await names(home, { DBInstanceIdentifier: 'copy', SnapshotType: 'automated' })).toHaveLength(1);
  });

  it.each([
    ['a name that is taken', { DBInstanceIdentifier: 'orders-db' }, 'DBInstanceAlreadyExistsFault'],
    ['a snapshot that is not there', { DBSnapshotIdentifier: 'nightly' }, 'DBSnapshotNotFoundFault'],
    ['no subnet group, where there is no default one', { DBSubnetGroupName: undefined }, 'DBSubnetGroupNotFoundFault'],
    ['a parameter group that is not there', { DBParameterGroupName: 'none' }, 'DBParameterGroupNotFoundFault'],
    ['an option group that is not there', { OptionGroupName: 'none' }, 'OptionGroupNotFoundFault'],
    ['a zone for two zones', { MultiAZ: true, AvailabilityZone: 'eu-central-1a' }, 'InvalidParameterCombination'],
    ['a zone without a subnet', { AvailabilityZone: 'eu-central-1z' }, 'InvalidVPCNetworkStateFault'],
    ['a security group that is not there', { VpcSecurityGroupIds: ['sg-0'] }, 'InvalidParameterValue'],
    ['a port that can not be', { Port: 80 }, 'InvalidParameterValue'],
    ['a name for the database', { DBName: 'orders' }, 'InvalidParameterValue'],
  ])('refuses %s', async (_what, more, name) => {
    await expect(restore(part.home, automated, more)).rejects.toMatchObject({ name });
  });

  it('refuses a snapshot that is still being made', async () => {
    await create();
    await expect(restore(part.home, 'nightly')).rejects.toMatchObject({ name: 'InvalidDBSnapshotStateFault' });
  });
});

describe('snapshots of an instance that is deleted', () => {
  const remove = (more: object) =>
    part.home.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: 'orders-db', ...more }));

  it('stay if they are manual, a final one among them, and go if they are automated', async () => {
    const { lab, home } = part;
    lab.machines.write(lab.primary.resourceId, 1);
    await create();
    await expect(remove({ FinalDBSnapshotIdentifier: 'last' })).rejects.toMatchObject({
      name: 'InvalidDBInstanceStateFault',
    });
    await lab.pass(2_000);
    await expect(remove({ FinalDBSnapshotIdentifier: 'nightly' })).rejects.toMatchObject({
      name: 'DBSnapshotAlreadyExistsFault',
    });
    await remove({ FinalDBSnapshotIdentifier: 'last' });
    expect((await find(home, 'last'))?.Status).toBe('creating');
    await lab.pass(5_000);
    expect((await list(home)).map(({ DBSnapshotIdentifier, Status }) => [DBSnapshotIdentifier, Status])).toEqual([
      ['last', 'available'],
      ['nightly', 'available'],
    ]);
    expect(Object.keys(lab.machines.state.snapshots)).toHaveLength(2);
    expect(lab.machines.state.archives).toEqual({});
    await restore(home, 'last', { DBInstanceIdentifier: 'orders-db' });
    await lab.pass(5_000);
  });

  it('cannot be retained in the lab', async () => {
    await expect(remove({ SkipFinalSnapshot: true, DeleteAutomatedBackups: false })).rejects.toMatchObject({
      name: 'NotImplemented',
    });
  });
});
