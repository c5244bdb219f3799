import { DescribeDBInstancesCommand, PromoteReadReplicaCommand, RDSClient } from '@aws-sdk/client-rds';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTestLab, passive, type TestLab } from '../../world/test-lab.ts';

let lab: TestLab;
let rds: RDSClient;
beforeEach(async () => {
  lab = await openTestLab();
  rds = new RDSClient(lab.config(passive.region));
});
afterEach(async () => {
  rds.destroy();
  await lab.close();
});

const describeReplica = async () => {
  const { DBInstances } = await rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: 'orders-db' }));
  return DBInstances?.[0];
};
const promote = (BackupRetentionPeriod?: number) =>
  rds.send(new PromoteReadReplicaCommand({ DBInstanceIdentifier: 'orders-db', BackupRetentionPeriod }));

/** Every status that is seen while time passes, without repetition. */
async function statusesWithin(ms: number): Promise<string[]> {
  const seen: string[] = [];
  for (let passed = 0; passed <= ms; passed += 50) {
    const status = (await describeReplica())?.DBInstanceStatus ?? 'gone';
    if (seen.at(-1) !== status) seen.push(status);
    await lab.pass(50);
  }
  return seen;
}

describe('PromoteReadReplica', () => {
  it('still reads available right after the call, then leaves and returns', async () => {
    expect((await promote()).DBInstance?.DBInstanceStatus).toBe('available');
    expect(await statusesWithin(3_000)).toEqual(['available', 'modifying', 'rebooting', 'backing-up', 'available']);
  });

  it('names the source, by ARN from another region, until the replica is writable', async () => {
    await promote();
    expect((await describeReplica())?.ReadReplicaSourceDBInstanceIdentifier).toBe(
      'arn:aws:rds:eu-central-1:111122223333:db:orders-db',
    );
    expect(lab.machines.writable(lab.replica.resourceId)).toBe(false);
    await lab.pass(2_000);
    expect((await describeReplica())?.ReadReplicaSourceDBInstanceIdentifier).toBeUndefined();
    expect(lab.machines.writable(lab.replica.resourceId)).toBe(true);
  });

  it('turns automated backups on, as many days as asked', async () => {
    await promote(14);
    await lab.pass(4_000);
    expect((await describeReplica())?.BackupRetentionPeriod).toBe(14);
  });

  it('leaves backing-up out when no backups are wanted', async () => {
    await promote(0);
    expect(await statusesWithin(3_000)).not.toContain('backing-up');
  });

  it('is refused from the moment that a first one was accepted, though the status still reads available', async () => {
    await promote();
    await expect(promote()).rejects.toMatchObject({
      name: 'InvalidDBInstanceStateFault',
      message: 'Instance orders-db is not in available state.',
    });
  });

  it('is refused for what is no replica', async () => {
    await promote();
    await lab.pass(5_000);
    await expect(promote()).rejects.toMatchObject({ message: 'DB Instance is not a read replica.' });
  });

  it('works while its region and its source are cut off from each other, and keeps what had arrived', async () => {
    expect(lab.machines.write(lab.primary.resourceId, 1)).toBe(true);
    lab.machines.setNetwork({
      cutSubnets: [lab.primary.address.replace(/\.\d+$/, '')],
      noIngress: [],
      replicationSurvives: false,
    });
    await promote();
    await lab.pass(4_000);
    expect(lab.machines.state.databases[lab.replica.resourceId]?.writes).toEqual([1]);
    expect(lab.machines.write(lab.replica.resourceId, 2)).toBe(true);
  });

  it('takes the replica off its former source', async () => {
    const home = new RDSClient(lab.config());
    const replicas = async () => {
      const { DBInstances } = await home.send(new DescribeDBInstancesCommand({}));
      return DBInstances?.[0]?.ReadReplicaDBInstanceIdentifiers;
    };
    expect(await replicas()).toEqual(['arn:aws:rds:eu-west-1:111122223333:db:orders-db']);
    await promote();
    await lab.pass(4_000);
    expect(await replicas()).toEqual([]);
    home.destroy();
  });
});
