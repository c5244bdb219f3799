import {
  CreateDBInstanceReadReplicaCommand,
  DeleteDBInstanceCommand,
  DescribeDBSubnetGroupsCommand,
  ModifyDBInstanceCommand,
  PromoteReadReplicaCommand,
} from '@aws-sdk/client-rds';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openRdsLab, type RdsLab } from './rds-lab.ts';

let part: RdsLab;
beforeEach(async () => {
  part = await openRdsLab();
});
afterEach(() => part.close());

const sourceArn = 'arn:aws:rds:eu-central-1:111122223333:db:orders-db';
const wanted = {
  DBInstanceIdentifier: 'orders-db-new',
  SourceDBInstanceIdentifier: sourceArn,
  DBSubnetGroupName: 'orders',
  DBParameterGroupName: 'orders-db',
  MultiAZ: true,
  Tags: [{ Key: 'firedrill', Value: 'run-1' }],
};

describe('CreateDBInstanceReadReplica across regions', () => {
  it('creates a replica with what was said, which streams once it is available', async () => {
    const { lab, home, away, show } = part;
    await away.send(new CreateDBInstanceReadReplicaCommand(wanted));
    const creating = await show(away, 'orders-db-new');
    expect(creating.DBInstanceStatus).toBe('creating');
    expect(creating.Endpoint).toBeUndefined();
    await lab.pass(3_000);
    const made = await show(away, 'orders-db-new');
    expect(made).toMatchObject({
      DBInstanceStatus: 'available',
      MultiAZ: true,
      BackupRetentionPeriod: 0,
      DBParameterGroups: [{ DBParameterGroupName: 'orders-db', ParameterApplyStatus: 'in-sync' }],
      ReadReplicaSourceDBInstanceIdentifier: sourceArn,
      StatusInfos: [{ StatusType: 'read replication', Status: 'replicating', Normal: true }],
      TagList: wanted.Tags,
    });
    lab.machines.write(lab.primary.resourceId, 1);
    expect(lab.machines.state.databases[made.DbiResourceId ?? '']?.writes).toEqual([1]);
    expect((await show(home)).ReadReplicaDBInstanceIdentifiers).toHaveLength(2);
  });

  it("takes the region's defaults for what wasn't said: default security group and parameter group, one zone", async () => {
    const { lab, away, show } = part;
    const { DBParameterGroupName: _group, MultiAZ: _multiAz, ...bare } = wanted;
    await away.send(new CreateDBInstanceReadReplicaCommand(bare));
    await lab.pass(3_000);
    const made = await show(away, 'orders-db-new');
    expect(made).toMatchObject({
      MultiAZ: false,
      DBParameterGroups: [{ DBParameterGroupName: 'default.postgres18' }],
    });
    expect(made.VpcSecurityGroups).not.toEqual((await show(away)).VpcSecurityGroups);
  });

  it('refuses sources without backups, without room for them, or that are not there', async () => {
    const { lab, home, away } = part;
    const create = (more: Partial<typeof wanted>) =>
      away.send(new CreateDBInstanceReadReplicaCommand({ ...wanted, ...more }));
    await expect(create({ DBInstanceIdentifier: 'orders-db' })).rejects.toMatchObject({
      name: 'DBInstanceAlreadyExistsFault',
    });
    await expect(create({ SourceDBInstanceIdentifier: `${sourceArn}-gone` })).rejects.toMatchObject({
      name: 'DBInstanceNotFoundFault',
    });
    await expect(create({ DBSubnetGroupName: 'nowhere' })).rejects.toMatchObject({
      name: 'DBSubnetGroupNotFoundFault',
    });
    await home.send(
      new ModifyDBInstanceCommand({
        DBInstanceIdentifier: 'orders-db',
        BackupRetentionPeriod: 0,
        ApplyImmediately: true,
      }),
    );
    await lab.pass(2_000);
    await expect(create({})).rejects.toThrow('Automated backups are not enabled for this database instance');
  });
});

describe('DeleteDBInstance', () => {
  const remove = (more: object) => new DeleteDBInstanceCommand({ DBInstanceIdentifier: 'orders-db', ...more });

  it('takes a replica and its machine away', async () => {
    const { lab, away, show } = part;
    await away.send(remove({ SkipFinalSnapshot: true }));
    expect((await show(away)).DBInstanceStatus).toBe('deleting');
    await expect(away.send(remove({ SkipFinalSnapshot: true }))).rejects.toThrow('is already being deleted');
    await lab.pass(2_000);
    await expect(show(away)).rejects.toMatchObject({ name: 'DBInstanceNotFoundFault' });
    expect(lab.machines.state.databases[lab.replica.resourceId]).toBeUndefined();
  });

  it('leaves a replica in another region without its stream, still naming what it followed', async () => {
    const { lab, home, away, show } = part;
    await home.send(remove({ SkipFinalSnapshot: true }));
    await lab.pass(2_000);
    expect(await show(away)).toMatchObject({
      ReadReplicaSourceDBInstanceIdentifier: sourceArn,
      StatusInfos: [{ Status: 'error', Normal: false }],
    });
    expect(lab.machines.writable(lab.replica.resourceId)).toBe(false);
    await away.send(new PromoteReadReplicaCommand({ DBInstanceIdentifier: 'orders-db' }));
    await lab.pass(3_000);
    expect((await show(away)).ReadReplicaSourceDBInstanceIdentifier).toBeUndefined();
    expect(lab.machines.writable(lab.replica.resourceId)).toBe(true);
  });

  it('lets a replica in the same region stand alone', async () => {
    const { lab, home, show } = part;
    const { DBSubnetGroupName: _group, ...here } = { ...wanted, SourceDBInstanceIdentifier: 'orders-db' };
    await home.send(new CreateDBInstanceReadReplicaCommand(here));
    await lab.pass(3_000);
    expect((await show(home, 'orders-db-new')).ReadReplicaSourceDBInstanceIdentifier).toBe('orders-db');
    await home.send(remove({ SkipFinalSnapshot: true }));
    await lab.pass(2_000);
    const { DbiResourceId = '', ReadReplicaSourceDBInstanceIdentifier } = await show(home, 'orders-db-new');
    expect(ReadReplicaSourceDBInstanceIdentifier).toBeUndefined();
    expect(lab.machines.writable(DbiResourceId)).toBe(true);
  });

  it('asks for a final snapshot of a primary or a waiver, never both, and for none of a replica', async () => {
    const { home, away } = part;
    const combination = { name: 'InvalidParameterCombination' };
    await expect(home.send(remove({}))).rejects.toMatchObject(combination);
    await expect(
      home.send(remove({ SkipFinalSnapshot: true, FinalDBSnapshotIdentifier: 'last' })),
    ).rejects.toMatchObject(combination);
    await expect(away.send(remove({ FinalDBSnapshotIdentifier: 'last' }))).rejects.toMatchObject({
      message: 'FinalDBSnapshotIdentifier can not be specified when deleting a replica instance',
    });
  });

  it('respects deletion protection', async () => {
    const { home } = part;
    await home.send(new ModifyDBInstanceCommand({ DBInstanceIdentifier: 'orders-db', DeletionProtection: true }));
    await expect(home.send(remove({ SkipFinalSnapshot: true }))).rejects.toMatchObject({
      message: 'Cannot delete protected DB Instance, please disable deletion protection and try again.',
    });
  });
});

describe('what stands around instances', () => {
  it('shows subnet groups with their zones', async () => {
    const { home } = part;
    const { DBSubnetGroups } = await home.send(new DescribeDBSubnetGroupsCommand({ DBSubnetGroupName: 'orders' }));
    const zones = DBSubnetGroups?.[0]?.Subnets?.map((subnet) => subnet.SubnetAvailabilityZone?.Name);
    expect(zones).toEqual(['eu-central-1a', 'eu-central-1b', 'eu-central-1c']);
  });
});
