/** The database's part of a regional failover and back, step by step, against the control plane of a lab. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { textOf } from '../../../src/actions/places.ts';
import { createReplica } from '../../../src/actions/rds/create-replica.ts';
import { fencePrimary } from '../../../src/actions/rds/fence-primary.ts';
import { promoteReplica } from '../../../src/actions/rds/promote-replica.ts';
import { keptName, setAside } from '../../../src/actions/rds/set-aside.ts';
import type { Action } from '../../../src/actions/action.ts';
import { FiredrillError } from '../../../src/domain/errors.ts';
import type { JsonObject } from '../../../src/domain/json.ts';
import type { ResolvedTarget } from '../../../src/domain/plan.ts';
import { multiRegion } from '../../../src/lab/estates/multi-region.ts';
import { AwsError, LoseAnswer } from '../../../src/lab/wire/handler.ts';
import type { World } from '../../../src/lab/world.ts';
import type { TestLab } from '../support/lab.ts';
import { active, openTestLab, passive } from '../support/lab.ts';
import type { StepSetup } from '../support/step.ts';
import { Journal, crashEverywhere, doStep, inputFor, undoStep } from '../support/step.ts';

const build = (world: World) => multiRegion.build(world, { replicaLagMs: 0, origin: 'http://lab' });

type Databases = Record<'active' | 'passive', ResolvedTarget>;
const databases = async (lab: TestLab): Promise<Databases> => ({
  active: await lab.resolve('rds/instance', active, { id: 'orders-db' }),
  passive: await lab.resolve('rds/instance', passive, { id: 'orders-db' }),
});

const setUp = (
  lab: TestLab,
  targets: Databases,
  action: Action,
  params: Record<string, unknown>,
  stepId = 's1',
): StepSetup => ({ lab, action, params, targets, more: { stepId } });

const describeDb = async (lab: TestLab, place: typeof active, id = 'orders-db') =>
  (await lab.aws.in(place).rds.describeDBInstances({ DBInstanceIdentifier: id })).DBInstances![0]!;

const groupsOf = async (lab: TestLab, id = 'orders-db') =>
  (await describeDb(lab, active, id)).VpcSecurityGroups!.map((group) => group.VpcSecurityGroupId);

const readOnlyIn = async (lab: TestLab, place: typeof active) => {
  const { Parameters = [] } = await lab.aws
    .in(place)
    .rds.describeDBParameters({ DBParameterGroupName: 'orders-db', Source: 'user' });
  return Parameters.find((found) => found.ParameterName === 'default_transaction_read_only')?.ParameterValue;
};

/** Number of restarts of the active region's first database. */
const restarts = (lab: TestLab, target: ResolvedTarget) =>
  lab.machines.state.databases[textOf(target.items[0]!.facts['resourceId'])]!.restarts;

let lab: TestLab;
let targets: Databases;
beforeEach(async () => {
  lab = await openTestLab(build);
  targets = await databases(lab);
});
afterEach(() => lab.close());

describe('promoting a replica', () => {
  test('ends when it is nobody’s replica any more, and leaves a writable database', async () => {
    const journal = await doStep(setUp(lab, targets, promoteReplica, { replica: 'passive' }));
    expect((await describeDb(lab, passive)).ReadReplicaSourceDBInstanceIdentifier).toBeUndefined();
    expect(lab.machines.writable(textOf(targets.passive.items[0]!.facts['resourceId']))).toBe(true);
    expect(journal.outputs).toMatchObject({ provenBy: 'control-plane', port: 5432 });
  });

  test('is refused for a database that is no replica, before anything is changed', async () => {
    const step = doStep(setUp(lab, targets, promoteReplica, { replica: 'active' }));
    await expect(step).rejects.toMatchObject({ code: 'not-a-replica' });
  });

  test('happens once, although its answer is lost', async () => {
    let asked = 0;
    lab.hooks.after = (call) => {
      if (call.operation === 'PromoteReadReplica' && (asked += 1) === 1) throw new LoseAnswer();
    };
    await doStep(setUp(lab, targets, promoteReplica, { replica: 'passive' }));
    expect((await describeDb(lab, passive)).ReadReplicaSourceDBInstanceIdentifier).toBeUndefined();
  });

  test('has no way back', async () => {
    const setup = setUp(lab, targets, promoteReplica, { replica: 'passive' });
    const journal = await doStep(setup);
    await expect(undoStep(setup, journal)).rejects.toMatchObject({ code: 'no-way-back' });
  });
});

describe('fencing with no access', () => {
  const fence = (stepId = 's1') => setUp(lab, targets, fencePrimary, { database: 'active', mode: 'no-access' }, stepId);

  test('closes the database, ends its sessions, and the undo opens it as it was', async () => {
    const before = await groupsOf(lab);
    const restartsBefore = restarts(lab, targets.active);
    const journal = await doStep(fence());
    expect(await groupsOf(lab)).not.toEqual(before);
    expect(lab.machines.state.network.noIngress).not.toEqual([]);
    expect(restarts(lab, targets.active)).toBeGreaterThan(restartsBefore);
    expect(journal.outputs).toEqual({ confirmed: true });

    await undoStep(fence(), journal);
    expect(await groupsOf(lab)).toEqual(before);
    expect(lab.machines.state.network.noIngress).toEqual([]);
    const { SecurityGroups } = await lab.aws
      .in(active)
      .ec2.describeSecurityGroups({ Filters: [{ Name: 'tag:firedrill:run', Values: ['r1'] }] });
    expect(SecurityGroups).toEqual([]);
  });

  test('only restarts what an earlier step of the run has closed, and confirms it', async () => {
    await doStep(fence('recover-fence'));
    const closed = await groupsOf(lab);
    const journal = await doStep(fence('failback-fence'));
    expect([...journal.parts.keys()]).toEqual(['reboot']);
    expect(journal.outputs).toEqual({ confirmed: true });
    expect(await groupsOf(lab)).toEqual(closed);
  });

  test('asks for the reboot again when it may never have happened', async () => {
    let lost = false;
    lab.onCall.after = (call) => {
      if (call.operation !== 'RebootDBInstance' || lost) return;
      lost = true;
      throw new Error('crash');
    };
    const journal = new Journal();
    await expect(doStep(fence(), journal)).rejects.toThrow('crash');
    // Nobody looks while it restarts.
    await expect.poll(async () => (await describeDb(lab, active)).DBInstanceStatus).toBe('available');
    expect((await doStep(fence(), journal)).outputs).toEqual({ confirmed: true });
  });

  test('fails when the control plane is out of reach', async () => {
    lab.onCall.before = (call) => {
      if (!call.read) throw new FiredrillError('region-assumed-gone', 'gone');
    };
    await expect(doStep(fence())).rejects.toMatchObject({ code: 'region-assumed-gone' });
  });
});

describe('fencing that may stay unconfirmed', () => {
  const fence = () =>
    setUp(lab, targets, fencePrimary, { database: 'active', mode: 'no-access', ifUnconfirmed: 'proceed' });
  const gone = () => {
    throw new FiredrillError('region-assumed-gone', 'the APIs are assumed to be gone');
  };

  test('goes on without the fence when the region’s APIs are gone, and says so', async () => {
    const before = await groupsOf(lab);
    lab.onCall.before = gone;
    const journal = await doStep(fence());
    expect(journal.outputs).toMatchObject({ confirmed: false });
    const parts = await fencePrimary.parts(inputFor(fence()));
    const group = parts.find((part) => part.shape === 'create')!;
    expect(group.unseen!(journal.parts.get(group.name)!.found!)).toBe(true);
    expect(group.unseen!({ id: 'sg-1' })).toBe(false);

    lab.onCall.before = undefined;
    await undoStep(fence(), journal);
    expect(await groupsOf(lab)).toEqual(before);
  });

  test('is confirmed when the APIs answer', async () => {
    expect((await doStep(fence())).outputs).toEqual({ confirmed: true });
  });

  test('is never taken for undone because nobody can look', async () => {
    const journal = await doStep(fence());
    lab.onCall.before = gone;
    await expect(undoStep(fence(), journal)).rejects.toMatchObject({ code: 'region-assumed-gone' });
  });
});

describe('fencing with read-only', () => {
  const fence = () => setUp(lab, targets, fencePrimary, { database: 'active', mode: 'read-only' });

  test('sets the engine’s own switch, and the undo leaves the parameter group as it was', async () => {
    const journal = await doStep(fence());
    expect(await readOnlyIn(lab, active)).toBe('1');
    const machine = lab.machines.state.databases[textOf(targets.active.items[0]!.facts['resourceId'])]!;
    expect(machine.settings).toMatchObject({ default_transaction_read_only: 'on' });

    await undoStep(fence(), journal);
    expect(await readOnlyIn(lab, active)).toBeUndefined();
  });

  test('is refused for a parameter group that another instance uses', async () => {
    await lab.aws.in(active).rds.createDBInstanceReadReplica({
      DBInstanceIdentifier: 'reports',
      SourceDBInstanceIdentifier: 'orders-db',
      DBParameterGroupName: 'orders-db',
    });
    await expect(doStep(fence())).rejects.toMatchObject({ code: 'parameter-group-shared' });
    const preview = await fencePrimary.preview!(inputFor(fence()));
    expect(preview.findings).toContainEqual(expect.objectContaining({ severity: 'refuse' }));
    expect(await readOnlyIn(lab, active)).toBeUndefined();
  });
});

describe('setting aside', () => {
  const aside = () => setUp(lab, targets, setAside, { database: 'active' });

  test('closes and renames the database, and the undo brings it back', async () => {
    const before = await groupsOf(lab);
    const journal = await doStep(aside());
    expect(journal.outputs).toEqual({ kept: 'orders-db-kept-r1' });
    expect(await groupsOf(lab, 'orders-db-kept-r1')).not.toEqual(before);

    await undoStep(aside(), journal);
    expect(await groupsOf(lab)).toEqual(before);
  });

  test('keeps names within what RDS takes', () => {
    expect(keptName('a'.repeat(63), 'r-2026')).toHaveLength(63);
    expect(keptName('orders-db', 'Run_7')).toBe('orders-db-kept-run-7');
  });
});

describe('creating a replica', () => {
  const replica = () => setUp(lab, targets, createReplica, { source: 'passive', as: 'active' }, 'rebuild');

  test('needs to be allowed its source, its groups and its key as well', async () => {
    const [database] = targets.active.items;
    const key = 'arn:aws:kms:eu-central-1:000000000000:key/1';
    const encrypted = {
      ...database!,
      facts: { ...database!.facts, optionGroup: 'orders', encrypted: true, kmsKeyId: key },
    };
    targets.active = { ...targets.active, items: [encrypted] };
    const { permissions } = await createReplica.preview!(inputFor(replica()));
    const on = (action: string) => permissions.flatMap((each) => (each.action === action ? each.resources : []));
    const home = 'arn:aws:rds:eu-central-1:000000000000';
    expect(new Set(on('rds:CreateDBInstanceReadReplica'))).toEqual(
      new Set([
        targets.passive.items[0]!.arn,
        `${home}:db:orders-db`,
        `${home}:og:orders`,
        `${home}:pg:orders-db`,
        `${home}:subgrp:orders`,
      ]),
    );
    expect(on('kms:CreateGrant')).toEqual([key]);
  });

  test('is allowed a key by way of RDS alone: of a throwaway, its source’s or any of its region; none where none is', async () => {
    const key = 'arn:aws:kms:eu-west-1:000000000000:key/1';
    const anyKey = 'arn:aws:kms:eu-central-1:000000000000:key/*';
    const keysOf = async (as: ResolvedTarget, facts: JsonObject): Promise<string[]> => {
      const [database] = targets.passive.items;
      const source = { ...targets.passive, items: [{ ...database!, facts: { ...database!.facts, ...facts } }] };
      const setup = setUp(lab, { active: as, passive: source }, createReplica, { source: 'passive', as: 'active' });
      const { permissions } = await createReplica.preview!(inputFor(setup));
      const grants = permissions.filter(({ action }) => action === 'kms:CreateGrant');
      for (const { when } of grants)
        expect(when).toHaveProperty(['StringLike', 'kms:ViaService'], 'rds.*.amazonaws.com');
      return grants.flatMap(({ resources }) => resources);
    };
    const encrypted = { encrypted: true, kmsKeyId: key };
    const throwaway = (place: ResolvedTarget): ResolvedTarget => ({ ...place, select: { id: 'copy' }, items: [] });
    expect(await keysOf(throwaway(targets.passive), encrypted)).toEqual([key]);
    expect(await keysOf(throwaway(targets.active), encrypted)).toEqual([anyKey]);
    expect(await keysOf(throwaway(targets.active), { encrypted: false })).toEqual([]);
    const [standing] = targets.active.items;
    const open = { ...targets.active, items: [{ ...standing!, facts: { ...standing!.facts, encrypted: false } }] };
    expect(await keysOf(open, { encrypted: false })).toEqual([]);
  });
  const failOver = async () => {
    await doStep(setUp(lab, targets, promoteReplica, { replica: 'passive' }, 'promote'));
    await doStep(setUp(lab, targets, setAside, { database: 'active' }, 'keep'));
  };

  test('gives the successor the configuration of what it replaces, and hands it over to the estate', async () => {
    const before = await describeDb(lab, active);
    await failOver();
    await doStep(replica());
    const after = await describeDb(lab, active);
    for (const field of ['DBInstanceClass', 'MultiAZ', 'TagList', 'DBSubnetGroup', 'VpcSecurityGroups'] as const) {
      expect(after[field]).toEqual(before[field]);
    }
    expect(after.DBParameterGroups![0]!.DBParameterGroupName).toBe('orders-db');
    expect(after.ReadReplicaSourceDBInstanceIdentifier).toContain('eu-west-1');
  });

  test('is deleted by the undo', async () => {
    await failOver();
    const journal = await doStep(replica());
    await undoStep(replica(), journal);
    await expect(describeDb(lab, active)).rejects.toMatchObject({ code: 'aws-not-found' });
  });

  test('is not deleted once somebody has promoted it', async () => {
    await failOver();
    const journal = await doStep(replica());
    await doStep(setUp(lab, targets, promoteReplica, { replica: 'active' }, 'by-hand'));
    await expect(undoStep(replica(), journal)).rejects.toMatchObject({ code: 'replica-promoted' });
    expect(await describeDb(lab, active)).toMatchObject({ DBInstanceStatus: 'available' });
  });

  test('is taken for the step’s own when it shows only once its name is refused', async () => {
    await failOver();
    let asked = 0;
    lab.hooks.after = ({ operation }) => {
      if (operation === 'CreateDBInstanceReadReplica') throw new LoseAnswer();
    };
    lab.hooks.before = ({ operation, region }, input) => {
      if (operation === 'CreateDBInstanceReadReplica') asked += 1;
      const { DBInstanceIdentifier: id } = input as { DBInstanceIdentifier?: string };
      if (operation === 'DescribeDBInstances' && region === active.region && id === 'orders-db' && asked === 1) {
        throw new AwsError('DBInstanceNotFound', 'not yet', 404);
      }
    };
    const journal = await doStep(replica());
    expect(asked).toBe(2);
    expect(journal.parts.get('replica')!.found).toMatchObject({
      arn: (await describeDb(lab, active)).DBInstanceArn,
    });
  });

  test('does not take a stranger of that name for its own', async () => {
    await doStep(setUp(lab, targets, promoteReplica, { replica: 'passive' }, 'promote'));
    const journal = new Journal();
    await expect(doStep(replica(), journal)).rejects.toMatchObject({ code: 'name-taken' });
    expect([...journal.parts.keys()]).not.toContain('replica');
  });

  test('lifts a read-only fence that its parameter group still holds', async () => {
    await doStep(setUp(lab, targets, fencePrimary, { database: 'active', mode: 'read-only' }, 'stop-writes'));
    await failOver();
    await doStep(replica());
    expect(await readOnlyIn(lab, active)).toBeUndefined();
  });
});

describe('a throwaway replica', () => {
  const throwaway = (): ResolvedTarget => ({
    ...targets.passive,
    name: 'throwaway',
    select: { id: 'orders-db-drill' },
    items: [],
  });
  const setUpOn = (action: Action, params: Record<string, unknown>, stepId: string): StepSetup => {
    const setup = setUp(lab, targets, action, params, stepId);
    return { ...setup, targets: { ...setup.targets, throwaway: throwaway() } };
  };

  test('is made like the one beside it, can be promoted, and is deleted by the undo', async () => {
    const created = setUpOn(createReplica, { source: 'active', as: 'throwaway' }, 'create');
    const journal = await doStep(created);
    expect([...journal.parts.keys()]).toEqual(['replica']);
    const [neighbour, made] = [await describeDb(lab, passive), await describeDb(lab, passive, 'orders-db-drill')];
    expect(made.DBSubnetGroup).toEqual(neighbour.DBSubnetGroup);
    expect(made.VpcSecurityGroups).toEqual(neighbour.VpcSecurityGroups);

    const promoted = setUpOn(promoteReplica, { replica: 'throwaway' }, 'promote');
    await undoStep(promoted, await doStep(promoted));
    await undoStep(created, journal);
    await expect(describeDb(lab, passive, 'orders-db-drill')).rejects.toMatchObject({ code: 'aws-not-found' });
    expect((await describeDb(lab, passive)).ReadReplicaSourceDBInstanceIdentifier).toBeDefined();
  });
});

test('fence, fail over and back: the estate is as before, the old databases are kept and closed', async () => {
  const view = async () =>
    Promise.all(
      [active, passive].map(async (place) => {
        const { DBInstanceIdentifier, DBInstanceClass, MultiAZ, Endpoint, BackupRetentionPeriod, ...found } =
          await describeDb(lab, place);
        const source = found.ReadReplicaSourceDBInstanceIdentifier;
        const groups = found.VpcSecurityGroups;
        return { DBInstanceIdentifier, DBInstanceClass, MultiAZ, Endpoint, BackupRetentionPeriod, source, groups };
      }),
    );
  const before = await view();
  const step = (stepId: string, action: Action, params: Record<string, unknown>) =>
    doStep(setUp(lab, targets, action, params, stepId));
  await step('fence', fencePrimary, { database: 'active', mode: 'no-access', ifUnconfirmed: 'proceed' });
  await step('promote', promoteReplica, { replica: 'passive' });
  await step('fence-old', fencePrimary, { database: 'active', mode: 'no-access' });
  await step('keep-old', setAside, { database: 'active' });
  await step('rebuild', createReplica, { source: 'passive', as: 'active' });
  await step('stop-writes', fencePrimary, { database: 'passive', mode: 'read-only' });
  await step('promote-back', promoteReplica, { replica: 'active' });
  await step('keep-passive', setAside, { database: 'passive' });
  await step('rebuild-passive', createReplica, { source: 'active', as: 'passive' });
  expect(await view()).toEqual(before);
  expect(await readOnlyIn(lab, passive)).toBeUndefined();
  for (const place of [active, passive]) {
    const kept = await describeDb(lab, place, 'orders-db-kept-r1');
    expect(kept.ReadReplicaSourceDBInstanceIdentifier).toBeUndefined();
    const [group] = kept.VpcSecurityGroups!;
    const { SecurityGroups = [] } = await lab.aws
      .in(place)
      .ec2.describeSecurityGroups({ GroupIds: [group!.VpcSecurityGroupId!] });
    expect(SecurityGroups[0]!.IpPermissions).toEqual([]);
  }
});

describe('the security group of a fence', () => {
  const fence = () => setUp(lab, targets, fencePrimary, { database: 'active', mode: 'no-access' });
  const name = 'firedrill-fence-orders-db-r1-s1';
  const named = async () => {
    const { ec2 } = lab.aws.in(active);
    return (await ec2.describeSecurityGroups({ Filters: [{ Name: 'group-name', Values: [name] }] })).SecurityGroups!;
  };
  const makeOne = (VpcId: string) =>
    lab.aws.in(active).ec2.createSecurityGroup({ GroupName: name, Description: 'of a stranger', VpcId });
  const vpcId = () => textOf(targets.active.items[0]!.facts['vpcId']);

  test('is not a stranger’s of the same name, which stays', async () => {
    const before = await groupsOf(lab);
    await makeOne(vpcId());
    const journal = new Journal();
    await expect(doStep(fence(), journal)).rejects.toMatchObject({ code: 'name-taken' });
    expect(journal.parts.size).toBe(0);
    await undoStep(fence(), journal);
    expect(await named()).toHaveLength(1);
    expect(await groupsOf(lab)).toEqual(before);
  });

  test('is found again when the answer to its creation was lost', async () => {
    lab.hooks.after = ({ operation }) => {
      if (operation === 'CreateSecurityGroup') throw new LoseAnswer();
    };
    const journal = await doStep(fence());
    expect(await groupsOf(lab)).toEqual([(await named())[0]!.GroupId]);
    await undoStep(fence(), journal);
    expect(await named()).toEqual([]);
  });

  test('is waited for where EC2 does not show it at once', async () => {
    let hidden = 0;
    lab.hooks.after = ({ operation }, _input, output) => {
      if (operation === 'CreateSecurityGroup') hidden = 3;
      if (operation !== 'DescribeSecurityGroups' || (hidden -= 1) < 0) return;
      (output as { SecurityGroups: unknown[] }).SecurityGroups.length = 0;
    };
    await doStep(fence());
    expect(await groupsOf(lab)).toEqual([(await named())[0]!.GroupId]);
  });
});

describe('a crash around any write', () => {
  const crash = (action: Action, params: Record<string, unknown>, before?: (setup: StepSetup) => Promise<unknown>) =>
    crashEverywhere(
      async () => {
        const own = await openTestLab(build);
        const setup = setUp(own, await databases(own), action, params);
        await before?.(setup);
        return setup;
      },
      async (setup, journal) => {
        expect([...journal.parts.values()].every((part) => part.state === 'settled')).toBe(true);
        if (action !== promoteReplica) await undoStep(setup, journal);
        const names = (await setup.lab.aws.in(active).rds.describeDBInstances({})).DBInstances!;
        expect(names).toHaveLength(1);
      },
    );

  test('of a promotion is recovered from', async () => {
    expect(await crash(promoteReplica, { replica: 'passive' })).toBe(3);
  });

  test('of a fence is recovered from and undone', async () => {
    // A reboot that was over before anybody looked is asked for once more.
    expect(await crash(fencePrimary, { database: 'active', mode: 'no-access' })).toBeGreaterThanOrEqual(9);
  });

  test('of setting aside is recovered from and undone', async () => {
    expect(await crash(setAside, { database: 'active' })).toBe(9);
  });

  test('of creating a replica is recovered from and undone', async () => {
    const failOver = async ({ lab, targets }: StepSetup) => {
      await doStep(setUp(lab, targets as Databases, promoteReplica, { replica: 'passive' }, 'promote'));
      await doStep(setUp(lab, targets as Databases, setAside, { database: 'active' }, 'keep'));
    };
    // What was set aside and the replica: one of them is gone after the undo.
    expect(await crash(createReplica, { source: 'passive', as: 'active' }, failOver)).toBe(6);
  });
});
