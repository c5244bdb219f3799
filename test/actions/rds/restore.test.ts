/** Restores of RDS instances, step by step, against the control plane of a lab. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { textOf } from '../../../src/actions/places.ts';
import { copySnapshot } from '../../../src/actions/rds/copy-snapshot.ts';
import { restorePointInTime } from '../../../src/actions/rds/restore-point-in-time.ts';
import { restoreSnapshot } from '../../../src/actions/rds/restore-snapshot.ts';
import { whatBroke } from '../../../src/actions/rds/restore-errors.ts';
import { engineOf, isOfFamily } from '../../../src/actions/rds/restored-preview.ts';
import { restoredId, storageOf } from '../../../src/actions/rds/restored.ts';
import type { Action } from '../../../src/actions/action.ts';
import type { ResolvedTarget } from '../../../src/domain/plan.ts';
import { multiRegion } from '../../../src/lab/estates/multi-region.ts';
import { AwsError, LoseAnswer } from '../../../src/lab/wire/handler.ts';
import { rdsState } from '../../../src/lab/world/rds.ts';
import type { World } from '../../../src/lab/world.ts';
import type { TestLab } from '../support/lab.ts';
import { account, active, openTestLab, passive } from '../support/lab.ts';
import type { StepSetup } from '../support/step.ts';
import { Journal, crashEverywhere, doStep, inputFor, undoStep } from '../support/step.ts';

const build = (world: World) => multiRegion.build(world, { replicaLagMs: 0, origin: 'http://lab' });

const restored = 'orders-db-drill-r1-s1';
const groups = { subnetGroup: 'orders', securityGroup: 'closed', parameterGroup: 'orders-restore' };

const targetsOf = async (lab: TestLab): Promise<Record<string, ResolvedTarget>> => ({
  newest: await lab.resolve('rds/snapshot', active, { of: 'orders-db' }),
  original: await lab.resolve('rds/instance', active, { id: 'orders-db' }),
  closed: await lab.resolve('ec2/security-group', active, { id: 'orders-restore' }),
  open: await lab.resolve('ec2/security-group', active, { id: 'default' }),
  'closed-away': await lab.resolve('ec2/security-group', passive, { id: 'orders-restore' }),
});

let lab: TestLab;
let targets: Record<string, ResolvedTarget>;
beforeEach(async () => {
  lab = await openTestLab(build);
  targets = await targetsOf(lab);
});
afterEach(() => lab.close());

const setUp = (action: Action, params: Record<string, unknown>, more: StepSetup['more'] = {}): StepSetup => ({
  lab,
  action,
  params: { ...groups, ...params },
  targets,
  more,
});
const fromSnapshot = (params: Record<string, unknown> = {}, more: StepSetup['more'] = {}) =>
  setUp(restoreSnapshot, { snapshot: 'newest', ...params }, more);
const fromLog = (params: Record<string, unknown> = {}) => setUp(restorePointInTime, { source: 'original', ...params });
const shapes: [string, () => StepSetup][] = [
  ['a snapshot', fromSnapshot],
  ['a point in time', fromLog],
];

const instances = async (of: TestLab = lab, place = active) =>
  (await of.aws.in(place).rds.describeDBInstances({})).DBInstances!.map((found) => found.DBInstanceIdentifier);
const show = async (id = restored) =>
  (await lab.aws.in(active).rds.describeDBInstances({ DBInstanceIdentifier: id })).DBInstances![0]!;
const stateOf = (id: string) =>
  Object.values(rdsState(lab.world, { account, region: active.region }).instances).find(
    ({ identifier }) => identifier === id,
  )!;
const snapshotState = () => Object.values(rdsState(lab.world, { account, region: active.region }).snapshots)[0]!;

/** The status that the restored instance is shown with from now on. */
const showAs = (status: string): void => {
  lab.hooks.after = ({ operation }, _input, output) => {
    if (operation !== 'DescribeDBInstances') return;
    const { DBInstances } = output as { DBInstances: { DBInstanceIdentifier: string; DBInstanceStatus: string }[] };
    for (const each of DBInstances) if (each.DBInstanceIdentifier === restored) each.DBInstanceStatus = status;
  };
};

const findings = async (setup: StepSetup) => (await setup.action.preview!(inputFor(setup))).findings;
const codes = async (setup: StepSetup) => (await findings(setup)).map(({ code, severity }) => `${severity} ${code}`);

describe.each(shapes)('restoring %s', (_name, setup) => {
  test('makes a closed, quiet instance without backups, and leaves nothing to defaults of RDS', async () => {
    const journal = await doStep(setup());
    const made = await show();
    expect(made).toMatchObject({
      DBInstanceStatus: 'available',
      PubliclyAccessible: false,
      DeletionProtection: false,
      MultiAZ: false,
      BackupRetentionPeriod: 0,
      DBSubnetGroup: { DBSubnetGroupName: 'orders' },
      DBParameterGroups: [{ DBParameterGroupName: 'orders-restore' }],
      VpcSecurityGroups: [{ VpcSecurityGroupId: targets['closed']!.items[0]!.id }],
    });
    const { database, recoveryPointAt } = journal.outputs as unknown as {
      database: ResolvedTarget;
      recoveryPointAt: string;
    };
    expect(database).toMatchObject({ type: 'rds/instance', region: active.region, account });
    expect(database.items[0]).toMatchObject({
      id: restored,
      arn: made.DBInstanceArn,
      facts: { endpoint: made.Endpoint!.Address, port: 5432, database: 'orders', engine: 'postgres' },
    });
    expect(Date.parse(recoveryPointAt)).toBeLessThanOrEqual(made.InstanceCreateTime!.getTime());
  });

  test('has what its source had, and its undo deletes it and nothing else', async () => {
    const before = await instances();
    const journal = await doStep(setup());
    expect(await instances()).toEqual([...before, restored].sort());
    await undoStep(setup(), journal);
    expect(await instances()).toEqual(before);
    const { snapshots } = rdsState(lab.world, { account, region: active.region });
    expect(Object.values(snapshots)).toHaveLength(1);
  });

  test('makes one instance, although the answer is lost', async () => {
    let asked = 0;
    lab.hooks.after = ({ operation }) => {
      if (operation.startsWith('RestoreDB') && (asked += 1) === 1) throw new LoseAnswer();
    };
    const before = await instances();
    const journal = await doStep(setup());
    expect(await instances()).toEqual([...before, restored].sort());
    await undoStep(setup(), journal);
    expect(await instances()).toEqual(before);
  });

  test('takes an instance for its own that shows only when its name is refused', async () => {
    let asked = 0;
    lab.hooks.after = ({ operation }) => {
      if (operation.startsWith('RestoreDB')) throw new LoseAnswer();
    };
    lab.hooks.before = ({ operation }, input) => {
      if (operation.startsWith('RestoreDB')) asked += 1;
      const { DBInstanceIdentifier: id } = input as { DBInstanceIdentifier?: string };
      if (operation === 'DescribeDBInstances' && id === restored && asked === 1) {
        throw new AwsError('DBInstanceNotFound', 'not yet', 404);
      }
    };
    const journal = await doStep(setup());
    expect(asked).toBe(2);
    expect(journal.parts.get('database')!.found).toMatchObject({ arn: (await show()).DBInstanceArn });
  });

  test('leaves an instance of that name alone which is somebody else’s', async () => {
    await doStep(fromSnapshot({ as: restored }, { stepId: 'other' }));
    const journal = new Journal();
    await expect(doStep(setup(), journal)).rejects.toMatchObject({ code: 'name-taken', provesNothing: true });
    expect(journal.parts.size).toBe(0);
    await undoStep(setup(), journal);
    expect(await instances()).toContain(restored);
  });

  test('leaves one to a person that has lost its tags since', async () => {
    const journal = await doStep(setup());
    const { DBInstanceArn: ResourceName } = await show();
    await lab.aws.in(active).rds.removeTagsFromResource({ ResourceName, TagKeys: ['firedrill:run'] });
    await expect(undoStep(setup(), journal)).rejects.toMatchObject({ code: 'tags-lost' });
    expect(await instances()).toContain(restored);
  });

  test('ends at once, with what to do, when it can not become available, and is deleted all the same', async () => {
    const status = 'incompatible-restore';
    const journal = new Journal();
    showAs(status);
    await expect(doStep(setup(), journal)).rejects.toMatchObject({
      code: 'restore-failed',
      message: `the restore of ${restored} ended as ${status}`,
      remedy: expect.any(String),
    });
    lab.hooks.after = undefined;
    await undoStep(setup(), journal);
    expect(await instances()).not.toContain(restored);
  });

  test('is deleted once RDS lets it go, whatever time the step was given', async () => {
    const journal = new Journal();
    lab.onCall.after = ({ operation }) => {
      if (operation.startsWith('RestoreDB')) throw new Error('crash');
    };
    await expect(doStep(setup(), journal)).rejects.toThrow('crash');
    lab.onCall.after = undefined;
    let asked = 0;
    lab.hooks.before = ({ operation }) => {
      if (operation !== 'DeleteDBInstance' || (asked += 1) > 2) return;
      throw new AwsError('InvalidDBInstanceState', 'is being created');
    };
    const [part] = await setup().action.parts({ ...inputFor(setup(), journal), timeoutMs: 1 });
    if (part?.shape !== 'create') throw new Error('a restore creates');
    const attempt = { key: 'k', signal: new AbortController().signal };
    await part.remove((await part.find(attempt))!, attempt);
    expect(asked).toBeGreaterThan(2);
    expect(await instances()).toEqual(['orders-db']);
  });

  test('ends at once when somebody deletes it meanwhile', async () => {
    showAs('deleting');
    await expect(doStep(setup())).rejects.toMatchObject({ code: 'copy-deleted', provesNothing: true });
  });

  test('asks for permission for every call, for its groups and for its key', async () => {
    const { permissions, undo } = await setup().action.preview!(inputFor(setup()));
    const [made, from] = permissions.filter(({ action }) => action.startsWith('rds:RestoreDB'));
    const own = `arn:aws:rds:${active.region}:${account}`;
    expect(made).toMatchObject({
      resources: [`${own}:db:${restored}`],
      when: { StringLike: { 'aws:RequestTag/firedrill:run': 'r1', 'aws:RequestTag/firedrill:step': 's1' } },
    });
    expect(from!.resources).toEqual(
      expect.arrayContaining([`${own}:subgrp:orders`, `${own}:pg:orders-restore`, `${own}:og:*`]),
    );
    expect(permissions.find(({ action }) => action === 'rds:DeleteDBInstance')).toMatchObject({
      resources: [`${own}:db:${restored}`],
      when: { StringLike: { 'aws:ResourceTag/firedrill:run': 'r1', 'aws:ResourceTag/firedrill:step': 's1' } },
    });
    const keys = permissions.filter(({ action }) => action.startsWith('kms:')).map(({ action }) => action);
    expect(keys).toEqual(['kms:CreateGrant', 'kms:DescribeKey']);
    expect(undo).toBe(`delete ${restored} without a final snapshot`);
  });

  test('is refused in the plan where RDS or reason would refuse it later', async () => {
    expect((await codes(setup())).filter((code) => !code.endsWith('snapshot-found'))).toEqual(['note restore-cost']);
    const more = (params: Record<string, unknown>) => {
      const { action, params: given } = setup();
      return codes(setUp(action, { ...given, ...params }));
    };
    expect(await more({ securityGroup: 'open' })).toContain('refuse copy-may-act');
    expect(await more({ securityGroup: 'open', allowEgress: 'it must reach LDAP' })).toContain('note copy-may-act');
    expect(await more({ subnetGroup: 'nowhere' })).toContain('refuse no-subnet-group');
    expect(await more({ parameterGroup: 'nowhere' })).toContain('refuse no-parameter-group');
    expect(await more({ securityGroup: 'closed-away' })).toContain('refuse other-region');
    expect(await more({ az: 'eu-central-1z' })).toContain('refuse no-such-zone');
    expect(await more({ as: 'orders-db' })).toContain('refuse name-taken');
    expect(await more({ parameterGroup: 'orders-db' })).toContain('warn copy-may-act');
    targets['closed'] = {
      ...targets['closed']!,
      items: [{ id: 'sg-1', facts: { groupId: 'sg-1', vpcId: 'vpc-other' } }],
    };
    expect(await more({})).toContain('refuse other-vpc');
  });
});

describe.each(shapes)('a crash while %s is restored', (_name, setup) => {
  test('leaves one instance, known to the journal, that the undo removes', async () => {
    const crashes = await crashEverywhere(
      async () => {
        const own = await openTestLab(build);
        return { ...setup(), lab: own, targets: await targetsOf(own) };
      },
      async (crashed, journal) => {
        const made = (await instances(crashed.lab)).filter((id) => id?.includes('-drill-'));
        expect(made).toEqual([restored]);
        await undoStep(crashed, journal);
        expect(await instances(crashed.lab)).toEqual(['orders-db']);
      },
    );
    expect(crashes).toBeGreaterThanOrEqual(3);
  });
});

describe('restoring a snapshot', () => {
  test('tells the age of the data, also of a copy', async () => {
    const { recoveryPointAt } = (await doStep(fromSnapshot())).outputs;
    expect(recoveryPointAt).toBe(textOf(targets['newest']!.items[0]!.facts['createdAt']));
    expect(recoveryPointAt).toBe(snapshotState().originalAt);
  });

  test.each([
    ['InvalidRestoreFault', 'restore-refused', /subnet group/],
    ['KMSKeyNotAccessibleFault', 'restore-refused', /key is disabled/],
    ['InstanceQuotaExceeded', 'aws-quota', /Service Quotas/],
    ['StorageQuotaExceeded', 'aws-quota', /Service Quotas/],
    ['InsufficientDBInstanceCapacity', 'aws-capacity', /another type or zone/],
  ])('says what to do about %s', async (answer, code, remedy) => {
    lab.hooks.before = ({ operation }) => {
      if (operation.startsWith('RestoreDB')) throw new AwsError(answer, 'no');
    };
    const journal = new Journal();
    await expect(doStep(fromSnapshot(), journal)).rejects.toMatchObject({
      code,
      remedy: expect.stringMatching(remedy),
    });
    expect(await instances()).not.toContain(restored);
  });

  test('is refused while the snapshot is still being made, in the plan and in the run', async () => {
    snapshotState().status = 'creating';
    snapshotState().percentProgress = 30;
    await expect(doStep(fromSnapshot())).rejects.toMatchObject({
      code: 'snapshot-not-available',
      message: expect.stringMatching(/can't be used: it is creating, 30 % done/),
    });
    expect(await instances()).toEqual(['orders-db']);
    targets['newest'] = await lab.resolve('rds/snapshot', active, { of: 'orders-db' });
    expect(await codes(fromSnapshot())).toContain('refuse snapshot-not-available');
  });

  test('says of a snapshot that is gone that it is', async () => {
    const { snapshots } = rdsState(lab.world, { account, region: active.region });
    for (const id of Object.keys(snapshots)) delete snapshots[id];
    await expect(doStep(fromSnapshot())).rejects.toMatchObject({
      code: 'snapshot-not-available',
      message: expect.stringMatching(/there is no snapshot .* any more/),
    });
  });

  test('warns in the plan of a snapshot that is older than what the drill promises', async () => {
    snapshotState().originalAt = '1960-01-01T00:00:00.000Z';
    targets['newest'] = await lab.resolve('rds/snapshot', active, { of: 'orders-db' });
    expect(await codes(fromSnapshot({}, { rpoMs: 3_600_000 }))).toContain('warn snapshot-stale');
    expect(await codes(fromSnapshot({}, { rpoMs: 1e13 }))).toContain('note snapshot-found');
    expect(await codes(fromSnapshot())).toContain('note snapshot-found');
    const { findings } = await restoreSnapshot.preview!(inputFor(fromSnapshot()));
    expect(findings.find(({ code }) => code === 'snapshot-found')?.message).toMatch(
      /^\S+ of orders-db was taken at 1960-01-01 00:00:00 UTC, \d+ d.* ago$/,
    );
  });

  test('refuses a parameter group of another engine version', async () => {
    const [item] = targets['newest']!.items;
    targets['newest'] = { ...targets['newest']!, items: [{ ...item!, facts: { ...item!.facts, version: '16.4' } }] };
    expect(await codes(fromSnapshot())).toContain('refuse other-family');
  });

  test('says what can be said of a snapshot that an earlier step is still to make', async () => {
    targets['newest'] = { ...targets['newest']!, name: 'copy', items: [] };
    const setup = fromSnapshot();
    expect(await codes(setup)).toEqual(['note restore-cost']);
    const { touches, permissions, undo } = await setup.action.preview!(inputFor(setup));
    expect(undo).toBe('delete the copy without a final snapshot');
    expect(touches).toEqual([`arn:aws:rds:${active.region}:${account}:db:*-drill-r1-s1`]);
    const restore = permissions.filter(({ action }) => action === 'rds:RestoreDBInstanceFromDBSnapshot');
    expect(restore.flatMap(({ resources }) => resources)).toContain(
      `arn:aws:rds:${active.region}:${account}:snapshot:firedrill-r1-copy`,
    );
    targets['newest'] = (await targetsOf(lab))['newest']!;
  });

  test('may not reach the internet, whole or in halves; a network of one’s own it may', async () => {
    const [item] = targets['closed']!.items;
    const lets = (...cidrs: string[]) => {
      const egress = cidrs.map((cidr) => ({ protocol: '-1', cidr }));
      targets['closed'] = { ...targets['closed']!, items: [{ ...item!, facts: { ...item!.facts, egress } }] };
      return codes(fromSnapshot());
    };
    expect(await lets('10.0.0.0/8', 'fd00::/8')).not.toContain('refuse copy-may-act');
    expect(await lets('0.0.0.0/1', '128.0.0.0/1')).toContain('refuse copy-may-act');
    expect(await lets('::/0')).toContain('refuse copy-may-act');
  });

  test('goes on from a copy in another region, in that region', async () => {
    const copy = { snapshot: 'newest', to: 'passive', kmsKey: 'alias/aws/rds' };
    const copied = { ...setUp(copySnapshot, {}), params: copy };
    const copying = await doStep(copied);
    targets['copied'] = copying.outputs['snapshot'] as unknown as ResolvedTarget;
    const restoring = setUp(restoreSnapshot, { snapshot: 'copied', securityGroup: 'closed-away' });
    const journal = await doStep(restoring);
    expect(await instances(lab, passive)).toContain(restored);
    expect(journal.outputs['recoveryPointAt']).toBe(textOf(targets['newest']!.items[0]!.facts['createdAt']));
    await undoStep(restoring, journal);
    await undoStep(copied, copying);
    expect(await instances(lab, passive)).toEqual(['orders-db']);
    expect(Object.values(rdsState(lab.world, { account, region: passive.region }).snapshots)).toEqual([]);
  });
});

describe('restoring a point in time', () => {
  test('tells a recovery point that is no younger than the truth', async () => {
    const { LatestRestorableTime: before } = await show('orders-db');
    const { recoveryPointAt } = (await doStep(fromLog())).outputs;
    expect(Date.parse(textOf(recoveryPointAt))).toBeGreaterThanOrEqual(before!.getTime());
    expect(Date.parse(textOf(recoveryPointAt))).toBeLessThanOrEqual(
      (await show('orders-db')).LatestRestorableTime!.getTime(),
    );
  });

  test('restores a time that is asked for, and refuses one that the log has not reached', async () => {
    const { LatestRestorableTime: newest } = await show('orders-db');
    const at = newest!.toISOString();
    expect((await doStep(fromLog({ at }))).outputs).toMatchObject({ recoveryPointAt: at });
    const later = new Date(newest!.getTime() + 86_400_000).toISOString();
    await expect(doStep({ ...fromLog({ at: later }), more: { stepId: 's2' } })).rejects.toMatchObject({
      code: 'not-restorable-yet',
    });
  });

  test('is refused in the plan for times without backups', async () => {
    expect(await codes(fromLog({ at: '1960-01-01T00:00:00Z' }))).toContain('refuse not-restorable-any-more');
    expect(await codes(fromLog({ at: '2999-01-01T00:00:00Z' }))).toContain('refuse not-restorable-yet');
    stateOf('orders-db').backupRetentionDays = 0;
    delete stateOf('orders-db').latestRestorableAt;
    targets['original'] = await lab.resolve('rds/instance', active, { id: 'orders-db' });
    expect(await codes(fromLog())).toContain('refuse no-backups');
    await expect(doStep(fromLog())).rejects.toMatchObject({ code: 'no-backups' });
  });

  test.each(['yesterday', '2026-13-45T00:00:00Z', '2026-11-22 03:00'])('takes no %s for a time', (at) => {
    expect(restorePointInTime.spec.params.safeParse({ source: 'original', at, ...groups }).success).toBe(false);
  });
});

describe('a restored instance', () => {
  const ends = ['incompatible-parameters', 'incompatible-network', 'incompatible-option-group', 'restore-error'];
  test.each([...ends, 'insufficient-capacity', 'storage-full'])(
    'that is %s stays so, and one is told why',
    (status) => {
      const error = whatBroke({ DBInstanceIdentifier: 'copy', DBInstanceStatus: status });
      expect(error).toMatchObject({ code: 'restore-failed', message: `the restore of copy ended as ${status}` });
      expect(error!.remedy).not.toBe('');
    },
  );

  test.each(['creating', 'backing-up', 'modifying', 'available'])('that is %s is waited for', (status) => {
    expect(whatBroke({ DBInstanceIdentifier: 'copy', DBInstanceStatus: status })).toBeUndefined();
  });
});

describe('what a restore asks for', () => {
  const idFor = (source: string, stepId: string, as?: string) => {
    const runId = 'r20260131-142501-k3x9';
    return restoredId({ ...inputFor(fromSnapshot()), runId, stepId, params: { ...groups, as } }, source);
  };

  test('is a name that RDS takes, whatever source and step are called', () => {
    expect(idFor('orders-db', 'restore')).toBe('orders-db-drill-r20260131-142501-k3x9-restore');
    const long = idFor('a'.repeat(63), 'Restore_the--Newest_snapshot_');
    expect(long).toMatch(/^a+-drill-r20260131-142501-k3x9-restore-the-newest$/);
    expect(long.length).toBeLessThanOrEqual(63);
    expect(idFor('orders-db', 'restore', 'Orders-Check')).toBe('orders-check');
  });

  test.each(['1db', 'db-', 'd--b', 'orders_db', 'x'.repeat(64)])('is not %s', (as) => {
    expect(restoreSnapshot.spec.params.safeParse({ snapshot: 'newest', as, ...groups }).success).toBe(false);
  });

  test('is one zone, or two that RDS chooses', () => {
    const parse = (more: object) => restoreSnapshot.spec.params.safeParse({ snapshot: 'newest', ...groups, ...more });
    expect(parse({ az: 'eu-central-1a' }).success).toBe(true);
    expect(parse({ multiAz: 'true' }).success).toBe(true);
    expect(parse({ az: 'eu-central-1a', multiAz: 'true' }).success).toBe(false);
  });

  test('is the storage of the source, except gp3, which is the default and takes no figures when small', () => {
    expect(storageOf({ StorageType: 'gp3', Iops: 3000 })).toEqual({});
    expect(storageOf({ StorageType: 'gp2', Iops: 300 })).toEqual({ StorageType: 'gp2' });
    expect(storageOf({ StorageType: 'io2', Iops: 8000 })).toEqual({ StorageType: 'io2', Iops: 8000 });
    expect(storageOf({})).toEqual({});
  });

  test('is a parameter group of the engine and its major version', () => {
    expect(engineOf('postgres18')).toBe('postgres');
    expect(engineOf('oracle-ee-19')).toBe('oracle-ee');
    expect(isOfFamily('postgres18', 'postgres', '18.4')).toBe(true);
    expect(isOfFamily('postgres1', 'postgres', '18.4')).toBe(false);
    expect(isOfFamily('postgres9.6', 'postgres', '9.6.24')).toBe(true);
    expect(isOfFamily('mysql8.0', 'mysql', '8.4.3')).toBe(false);
    expect(isOfFamily('mysql8.0', 'mariadb', '8.0.1')).toBe(false);
    expect(isOfFamily('oracle-ee-19', 'oracle-ee', '19.0.0.0.ru-2026-01')).toBe(true);
  });
});
