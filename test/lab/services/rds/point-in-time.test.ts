import {
  DescribeDBInstanceAutomatedBackupsCommand,
  DescribeDBSnapshotsCommand,
  ModifyDBInstanceCommand,
  PromoteReadReplicaCommand,
  RestoreDBInstanceToPointInTimeCommand,
} from '@aws-sdk/client-rds';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openRdsLab, type RdsLab } from './rds-lab.ts';

let part: RdsLab;
beforeEach(async () => {
  part = await openRdsLab();
});
afterEach(() => part.close());

const restore = (more: object) =>
  part.home.send(
    new RestoreDBInstanceToPointInTimeCommand({
      SourceDBInstanceIdentifier: 'orders-db',
      TargetDBInstanceIdentifier: 'copy',
      DBSubnetGroupName: 'orders',
      ...more,
    }),
  );
const latest = { UseLatestRestorableTime: true };
const write = (n: number) => part.lab.machines.write(part.lab.primary.resourceId, n);
const restored = async () => {
  await part.lab.pass(5_000);
  const { DbiResourceId = '' } = await part.show(part.home, 'copy');
  return part.lab.machines.state.databases[DbiResourceId]?.writes;
};
const modify = async (more: object) => {
  await part.home.send(
    new ModifyDBInstanceCommand({ DBInstanceIdentifier: 'orders-db', ApplyImmediately: true, ...more }),
  );
  await part.lab.pass(3_000);
};

describe('LatestRestorableTime', () => {
  it('follows the clock by steps, as logs are archived, for instances with backups only', async () => {
    const { lab, home, away, show } = part;
    const seen = new Set<number>();
    for (let step = 0; step < 12; step += 1) {
      const { LatestRestorableTime } = await show(home);
      const behindMs = lab.world.clock.wall().getTime() - (LatestRestorableTime?.getTime() ?? 0);
      expect(behindMs).toBeLessThanOrEqual(3_000);
      seen.add(LatestRestorableTime?.getTime() ?? 0);
      await lab.pass(1_000);
    }
    expect(seen.size).toBe(4);
    expect((await show(away)).LatestRestorableTime).toBeUndefined();
  });
});

describe('RestoreDBInstanceToPointInTime', () => {
  it('brings what was committed by then, and nothing of later', async () => {
    const { lab } = part;
    write(1);
    await lab.pass(6_000);
    const RestoreTime = lab.world.clock.wall();
    await lab.pass(1_000);
    write(2);
    await lab.pass(6_000);
    await restore({ RestoreTime });
    expect(await restored()).toEqual([1]);
  });

  it('brings the latest that was archived when it was called, by name or by resource id', async () => {
    const { lab } = part;
    write(1);
    await lab.pass(6_000);
    await restore({ ...latest, SourceDBInstanceIdentifier: undefined, SourceDbiResourceId: lab.primary.resourceId });
    write(2);
    expect(await restored()).toEqual([1]);
  });

  it("takes AWS's defaults for what isn't said", async () => {
    const { lab, home, show } = part;
    await restore(latest);
    await lab.pass(5_000);
    expect(await show(home, 'copy')).toMatchObject({
      DBInstanceStatus: 'available',
      MultiAZ: false,
      BackupRetentionPeriod: 7,
      DBParameterGroups: [{ DBParameterGroupName: 'default.postgres18' }],
    });
  });

  it('refuses times that are too late or too early, as AWS words it', async () => {
    const { lab, home } = part;
    const { DBInstanceAutomatedBackups = [] } = await home.send(new DescribeDBInstanceAutomatedBackupsCommand({}));
    const { EarliestTime, LatestTime } = DBInstanceAutomatedBackups[0]?.RestoreWindow ?? {};
    const beside = (time: Date | undefined, ms: number) => ({ RestoreTime: new Date((time?.getTime() ?? 0) + ms) });
    await expect(restore(beside(LatestTime, 60_000))).rejects.toMatchObject({
      name: 'InvalidParameterValue',
      message: expect.stringContaining('cannot be restored to a time later than'),
    });
    await expect(restore(beside(EarliestTime, -1))).rejects.toMatchObject({
      name: 'InvalidParameterValue',
      message: expect.stringMatching(/cannot be restored to a time earlier than .* retention period is set to 7 days/),
    });
    await restore(beside(EarliestTime, 0));
    await lab.pass(5_000);
  });

  it.each([
    ['no time', {}, 'InvalidParameterCombination'],
    ['two times', { ...latest, RestoreTime: new Date() }, 'InvalidParameterCombination'],
    ['a source that is not there', { ...latest, SourceDBInstanceIdentifier: 'nobody' }, 'DBInstanceNotFoundFault'],
    ['a resource that is not there', { ...latest, SourceDbiResourceId: 'db-NOBODY' }, 'DBInstanceNotFoundFault'],
    ['a name that is taken', { ...latest, TargetDBInstanceIdentifier: 'orders-db' }, 'DBInstanceAlreadyExistsFault'],
    [
      'backups of other regions',
      { ...latest, SourceDBInstanceAutomatedBackupsArn: 'arn:aws:rds:eu-west-1:111122223333:auto-backup:ab-1' },
      'DBInstanceAutomatedBackupNotFoundFault',
    ],
  ])('refuses %s', async (_what, more, name) => {
    await expect(restore(more)).rejects.toMatchObject({ name });
  });

  it('is not there without backups, which end with their snapshots at once, and is again when they begin anew', async () => {
    const { lab, home, show } = part;
    const snapshots = async () => (await home.send(new DescribeDBSnapshotsCommand({}))).DBSnapshots;
    await modify({ BackupRetentionPeriod: 0 });
    expect(await snapshots()).toEqual([]);
    expect((await show(home)).LatestRestorableTime).toBeUndefined();
    await expect(restore(latest)).rejects.toMatchObject({ name: 'PointInTimeRestoreNotEnabledFault' });
    expect([lab.machines.state.snapshots, lab.machines.state.archives]).toEqual([{}, {}]);
    write(1);
    await modify({ BackupRetentionPeriod: 1 });
    expect(await snapshots()).toHaveLength(1);
    await restore(latest);
    expect(await restored()).toEqual([1]);
  });

  it('is there for a promoted replica once its first backup is', async () => {
    const { lab, away, show } = part;
    await away.send(new PromoteReadReplicaCommand({ DBInstanceIdentifier: 'orders-db' }));
    await lab.pass(6_000);
    const promoted = await show(away);
    expect(promoted).toMatchObject({ DBInstanceStatus: 'available', BackupRetentionPeriod: 1 });
    expect(promoted.LatestRestorableTime?.getTime()).toBeGreaterThan(
      promoted.InstanceCreateTime?.getTime() ?? Infinity,
    );
  });
});

describe('DescribeDBInstanceAutomatedBackups', () => {
  it('tells from when to when an instance can be restored', async () => {
    const { lab, home, show } = part;
    await lab.pass(10_000);
    const { DBInstanceAutomatedBackups } = await home.send(
      new DescribeDBInstanceAutomatedBackupsCommand({ DBInstanceIdentifier: 'orders-db' }),
    );
    expect(DBInstanceAutomatedBackups).toMatchObject([
      {
        DbiResourceId: lab.primary.resourceId,
        Status: 'active',
        BackupRetentionPeriod: 7,
        RestoreWindow: { LatestTime: (await show(home)).LatestRestorableTime },
      },
    ]);
  });
});
