import {
  AddTagsToResourceCommand,
  DescribeDBInstancesCommand,
  ListTagsForResourceCommand,
  ModifyDBInstanceCommand,
  RebootDBInstanceCommand,
  RemoveTagsFromResourceCommand,
  StartDBInstanceCommand,
  StopDBInstanceCommand,
} from '@aws-sdk/client-rds';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answerDns } from '../../../../src/lab/world/dns.ts';
import { createDbInstance, createSecurityGroup } from '../../../../src/lab/world/seed.ts';
import { ec2State } from '../../../../src/lab/world/ec2.ts';
import { active } from '../../world/test-lab.ts';
import { openRdsLab, type RdsLab } from './rds-lab.ts';

let part: RdsLab;
beforeEach(async () => {
  part = await openRdsLab();
});
afterEach(() => part.close());

const id = { DBInstanceIdentifier: 'orders-db' };
const now = { ...id, ApplyImmediately: true };
const addresses = (name: string) => answerDns(part.lab.world, name, 'A', () => 0).answers.map(({ value }) => value);

describe('ModifyDBInstance', () => {
  it('swaps security groups: adding at first, active and in force a little later, on the standby too', async () => {
    const { lab, home, show } = part;
    const vpcId = Object.keys(ec2State(lab.world, active).vpcs)[0] ?? '';
    const fence = createSecurityGroup(lab.world, active, { vpcId, name: 'fence', ingress: [] });
    await home.send(new ModifyDBInstanceCommand({ ...id, VpcSecurityGroupIds: [fence] }));
    expect(await show(home)).toMatchObject({
      DBInstanceStatus: 'available',
      VpcSecurityGroups: [{ VpcSecurityGroupId: fence, Status: 'adding' }],
    });
    expect(lab.machines.state.network.noIngress).toEqual([]);
    await lab.pass(300);
    expect((await show(home)).DBInstanceStatus).toBe('modifying');
    await lab.pass(700);
    expect(await show(home)).toMatchObject({
      DBInstanceStatus: 'available',
      VpcSecurityGroups: [{ VpcSecurityGroupId: fence, Status: 'active' }],
    });
    const { address, standby } = lab.primary;
    expect(lab.machines.state.network.noIngress).toEqual([address, standby?.address].sort());
    expect(lab.machines.write(lab.primary.resourceId, 1)).toBe(false);
  });

  it('renames: the new name answers with the same address, the old one is gone, machine and ARN of tags follow', async () => {
    const { lab, home, show } = part;
    const before = (await show(home)).Endpoint?.Address ?? '';
    await home.send(new ModifyDBInstanceCommand({ ...now, NewDBInstanceIdentifier: 'Orders-DB-kept' }));
    expect((await show(home)).PendingModifiedValues?.DBInstanceIdentifier).toBe('orders-db-kept');
    const seen = new Set<string | undefined>();
    for (let passed = 0; passed < 2_500; passed += 100) {
      await lab.pass(100);
      const { DBInstances } = await home.send(new DescribeDBInstancesCommand({}));
      seen.add(DBInstances?.[0]?.DBInstanceStatus);
    }
    expect([...seen]).toEqual(['available', 'modifying', 'renaming', 'rebooting']);
    const kept = await show(home, 'orders-db-kept');
    expect(kept).toMatchObject({
      DBInstanceStatus: 'available',
      DbiResourceId: lab.primary.resourceId,
      DBInstanceArn: 'arn:aws:rds:eu-central-1:111122223333:db:orders-db-kept',
    });
    expect(kept.Endpoint?.Address).toBe(before.replace('orders-db.', 'orders-db-kept.'));
    expect(addresses(kept.Endpoint?.Address ?? '')).toEqual([lab.primary.address]);
    expect(addresses(before)).toEqual([]);
    await expect(show(home)).rejects.toMatchObject({
      name: 'DBInstanceNotFoundFault',
      message: 'DBInstance orders-db not found.',
    });
    expect((await show(part.away)).ReadReplicaSourceDBInstanceIdentifier).toBe(kept.DBInstanceArn);
  });

  it('refuses the name of another instance, and names that are none', async () => {
    const { home } = part;
    const rename = (NewDBInstanceIdentifier: string) =>
      home.send(new ModifyDBInstanceCommand({ ...now, NewDBInstanceIdentifier }));
    await expect(rename('a--b')).rejects.toMatchObject({ name: 'InvalidParameterValue' });
    await expect(rename('1st')).rejects.toMatchObject({ name: 'InvalidParameterValue' });
    const login = { masterUser: 'postgres', masterPassword: 'secret', database: 'reports' };
    await createDbInstance(part.lab.world, active, { ...part.lab.home.database, ...login, identifier: 'reports-db' });
    await expect(rename('reports-db')).rejects.toMatchObject({ name: 'DBInstanceAlreadyExistsFault' });
  });

  it('keeps what is not to be applied immediately as pending', async () => {
    const { lab, home, show } = part;
    await home.send(new ModifyDBInstanceCommand({ ...id, MultiAZ: false, BackupRetentionPeriod: 3 }));
    await lab.pass(5_000);
    expect(await show(home)).toMatchObject({
      MultiAZ: true,
      BackupRetentionPeriod: 7,
      PendingModifiedValues: { MultiAZ: false, BackupRetentionPeriod: 3 },
    });
    await home.send(new ModifyDBInstanceCommand(now));
    await lab.pass(5_000);
    const applied = await show(home);
    expect(applied).toMatchObject({ MultiAZ: false, BackupRetentionPeriod: 3 });
    expect(applied.SecondaryAvailabilityZone).toBeUndefined();
  });

  it('refuses a second change while one is under way, backups on a replica, and groups that are not there', async () => {
    const { home, away } = part;
    await expect(away.send(new ModifyDBInstanceCommand({ ...now, BackupRetentionPeriod: 7 }))).rejects.toMatchObject({
      message: 'DB Backups not supported on a read replica for engine postgres',
    });
    await expect(
      home.send(new ModifyDBInstanceCommand({ ...id, VpcSecurityGroupIds: ['sg-00000000000000000'] })),
    ).rejects.toMatchObject({ message: 'Invalid security group , groupId= sg-00000000000000000, groupName=.' });
    await expect(
      home.send(new ModifyDBInstanceCommand({ ...id, DBParameterGroupName: 'nowhere' })),
    ).rejects.toMatchObject({ name: 'DBParameterGroupNotFoundFault' });
    await home.send(new ModifyDBInstanceCommand({ ...now, BackupRetentionPeriod: 8 }));
    await expect(home.send(new ModifyDBInstanceCommand({ ...now, BackupRetentionPeriod: 9 }))).rejects.toMatchObject({
      message: 'Database instance is not in available state.',
    });
  });
});

describe('RebootDBInstance', () => {
  it('ends every connection and returns', async () => {
    const { lab, home, show } = part;
    const machine = () => lab.machines.state.databases[lab.primary.resourceId];
    await home.send(new RebootDBInstanceCommand(id));
    expect((await show(home)).DBInstanceStatus).toBe('rebooting');
    await lab.pass(1_000);
    expect((await show(home)).DBInstanceStatus).toBe('available');
    expect(machine()?.restarts).toBe(1);
  });

  it('fails over to the standby, in its own zone and subnet, and the name follows', async () => {
    const { lab, home, show } = part;
    const before = await show(home);
    const standby = lab.primary.standby?.address;
    await home.send(new RebootDBInstanceCommand({ ...id, ForceFailover: true }));
    await lab.pass(2_000);
    const after = await show(home);
    expect(after).toMatchObject({
      DBInstanceStatus: 'available',
      AvailabilityZone: before.SecondaryAvailabilityZone,
      SecondaryAvailabilityZone: before.AvailabilityZone,
    });
    expect(addresses(after.Endpoint?.Address ?? '')).toEqual([standby]);
    expect(lab.machines.state.databases[lab.primary.resourceId]?.address).toBe(standby);
  });

  it('refuses to fail over what has no standby', async () => {
    await expect(part.away.send(new RebootDBInstanceCommand({ ...id, ForceFailover: true }))).rejects.toMatchObject({
      name: 'InvalidParameterCombination',
      message: 'ForceFailover cannot be specified since the instance is not configured for MultiAZ.',
    });
  });
});

describe('stopping and starting', () => {
  it('is refused for a source of replicas and for a replica', async () => {
    const refused = { name: 'InvalidDBInstanceStateFault' };
    await expect(part.home.send(new StopDBInstanceCommand(id))).rejects.toMatchObject(refused);
    await expect(part.away.send(new StopDBInstanceCommand(id))).rejects.toMatchObject({
      message: 'Cannot stop or start a Read-Replica instance',
    });
  });

  it('takes an instance that stands alone out of reach, and brings it back', async () => {
    const { lab, home, show } = part;
    delete lab.replica.source;
    await expect(home.send(new StartDBInstanceCommand(id))).rejects.toThrow('is not in stopped');
    await home.send(new StopDBInstanceCommand(id));
    await lab.pass(2_000);
    expect((await show(home)).DBInstanceStatus).toBe('stopped');
    expect(lab.machines.write(lab.primary.resourceId, 1)).toBe(false);
    await home.send(new StartDBInstanceCommand(id));
    await lab.pass(2_000);
    expect((await show(home)).DBInstanceStatus).toBe('available');
    expect(lab.machines.write(lab.primary.resourceId, 1)).toBe(true);
  });
});

describe('tags', () => {
  it('are added, overwritten, listed and removed by ARN, and refused for ARNs of elsewhere', async () => {
    const { home } = part;
    const ResourceName = 'arn:aws:rds:eu-central-1:111122223333:db:orders-db';
    const list = async () => (await home.send(new ListTagsForResourceCommand({ ResourceName }))).TagList;
    const Tags = [
      { Key: 'drill', Value: 'run-1' },
      { Key: 'app', Value: 'shop' },
    ];
    await home.send(new AddTagsToResourceCommand({ ResourceName, Tags }));
    expect(await list()).toEqual([
      { Key: 'app', Value: 'shop' },
      { Key: 'drill', Value: 'run-1' },
    ]);
    await home.send(new RemoveTagsFromResourceCommand({ ResourceName, TagKeys: ['drill', 'other'] }));
    expect(await list()).toEqual([{ Key: 'app', Value: 'shop' }]);
    const elsewhere = ResourceName.replace('eu-central-1', 'eu-west-1');
    await expect(home.send(new ListTagsForResourceCommand({ ResourceName: elsewhere }))).rejects.toMatchObject({
      name: 'InvalidParameterValue',
    });
  });
});
