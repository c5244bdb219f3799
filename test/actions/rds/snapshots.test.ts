/** Taking and copying snapshots of RDS instances, step by step, against the control plane of a lab. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Action } from '../../../src/actions/action.ts';
import { copySnapshot } from '../../../src/actions/rds/copy-snapshot.ts';
import { createSnapshot } from '../../../src/actions/rds/create-snapshot.ts';
import { keyArn } from '../../../src/actions/rds/keys.ts';
import { madeSnapshotId } from '../../../src/actions/rds/snapshots.ts';
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

const targetsOf = async (lab: TestLab): Promise<Record<string, ResolvedTarget>> => ({
  newest: await lab.resolve('rds/snapshot', active, { of: 'orders-db', kind: 'automated' }),
  original: await lab.resolve('rds/instance', active, { id: 'orders-db' }),
});

let lab: TestLab;
let targets: Record<string, ResolvedTarget>;
beforeEach(async () => {
  lab = await openTestLab(build);
  targets = await targetsOf(lab);
});
afterEach(() => lab.close());

const made = 'firedrill-r1-s1';
const setUp = (action: Action, params: Record<string, unknown>, more: StepSetup['more'] = {}): StepSetup => ({
  lab,
  action,
  params,
  targets,
  more,
});
const take = (more: StepSetup['more'] = {}) => setUp(createSnapshot, { database: 'original' }, more);
const copy = (params: Record<string, unknown> = {}) =>
  setUp(copySnapshot, { snapshot: 'newest', to: 'passive', kmsKey: 'alias/aws/rds', ...params });
const shapes: [string, () => StepSetup, typeof active][] = [
  ['taking a snapshot', take, active],
  ['copying one to another region', copy, passive],
];

const snapshotsIn = (place: typeof active, of = lab) =>
  Object.values(rdsState(of.world, { account, region: place.region }).snapshots);
const manual = (place: typeof active, of = lab) =>
  snapshotsIn(place, of).flatMap(({ type, identifier }) => (type === 'manual' ? [identifier] : []));
const codes = async (setup: StepSetup) =>
  (await setup.action.preview!(inputFor(setup))).findings.map(({ code, severity }) => `${severity} ${code}`);

describe.each(shapes)('%s', (_name, setup, place) => {
  test('gives it to later steps once it can be used, and the undo deletes it', async () => {
    const journal = await doStep(setup());
    const { snapshot, recoveryPointAt } = journal.outputs as unknown as {
      snapshot: ResolvedTarget;
      recoveryPointAt: string;
    };
    expect(snapshot).toMatchObject({ type: 'rds/snapshot', region: place.region, location: place.name });
    expect(snapshot.items[0]).toMatchObject({
      id: made,
      arn: `arn:aws:rds:${place.region}:${account}:snapshot:${made}`,
      facts: { source: 'orders-db', engine: 'postgres', status: 'available', createdAt: recoveryPointAt },
    });
    expect(manual(place)).toEqual([made]);
    await undoStep(setup(), journal);
    expect(manual(place)).toEqual([]);
    expect(snapshotsIn(active)).toHaveLength(1);
  });

  test('makes one, although the answer is lost', async () => {
    let asked = 0;
    lab.hooks.after = ({ operation }) => {
      if (/^(Create|Copy)DBSnapshot$/.test(operation) && (asked += 1) === 1) throw new LoseAnswer();
    };
    const journal = await doStep(setup());
    expect(manual(place)).toEqual([made]);
    await undoStep(setup(), journal);
    expect(manual(place)).toEqual([]);
  });

  test('takes one for its own that shows only when its name is refused', async () => {
    let asked = 0;
    lab.hooks.after = ({ operation }) => {
      if (/^(Create|Copy)DBSnapshot$/.test(operation)) throw new LoseAnswer();
    };
    lab.hooks.before = ({ operation }, input) => {
      if (/^(Create|Copy)DBSnapshot$/.test(operation)) asked += 1;
      const { DBSnapshotIdentifier: id } = input as { DBSnapshotIdentifier?: string };
      if (operation === 'DescribeDBSnapshots' && id === made && asked === 1) {
        throw new AwsError('DBSnapshotNotFound', 'not yet', 404);
      }
    };
    await doStep(setup());
    expect(asked).toBe(2);
    expect(manual(place)).toEqual([made]);
  });

  test('waits to delete one that is still being made', async () => {
    const journal = new Journal();
    lab.onCall.after = ({ operation }) => {
      if (/^(Create|Copy)DBSnapshot$/.test(operation)) throw new Error('crash');
    };
    await expect(doStep(setup(), journal)).rejects.toThrow('crash');
    lab.onCall.after = undefined;
    let asked = 0;
    lab.hooks.before = ({ operation }) => {
      if (operation !== 'DeleteDBSnapshot') return;
      const half = snapshotsIn(place).find(({ type }) => type === 'manual')!;
      half.status = (asked += 1) <= 2 ? 'creating' : 'available';
    };
    await undoStep(setup(), journal);
    expect(asked).toBe(3);
    expect(manual(place)).toEqual([]);
  });

  test('ends at once when it fails, and deletes what there is of it', async () => {
    const journal = new Journal();
    lab.hooks.after = ({ operation }, _input, output) => {
      if (operation !== 'DescribeDBSnapshots') return;
      const { DBSnapshots } = output as { DBSnapshots: { DBSnapshotIdentifier: string; Status: string }[] };
      for (const each of DBSnapshots) if (each.DBSnapshotIdentifier === made) each.Status = 'failed';
    };
    await expect(doStep(setup(), journal)).rejects.toMatchObject({ code: 'snapshot-failed' });
    await undoStep(setup(), journal);
    expect(manual(place)).toEqual([]);
  });

  test('leaves one of that name alone which is somebody else’s', async () => {
    const [original] = snapshotsIn(active);
    const state = rdsState(lab.world, { account, region: place.region });
    state.snapshots['other'] = {
      ...structuredClone(original!),
      id: 'other',
      identifier: made,
      type: 'manual',
      tags: {},
    };
    const journal = new Journal();
    await expect(doStep(setup(), journal)).rejects.toMatchObject({ code: 'name-taken', provesNothing: true });
    expect(journal.parts.size).toBe(0);
    await undoStep(setup(), journal);
    expect(manual(place)).toEqual([made]);
  });

  test('leaves one to a person that has lost its tags since', async () => {
    const journal = await doStep(setup());
    for (const snapshot of snapshotsIn(place)) snapshot.tags = {};
    await expect(undoStep(setup(), journal)).rejects.toMatchObject({ code: 'tags-lost' });
    expect(manual(place)).toEqual([made]);
  });

  test('says that there are as many as the account may have', async () => {
    lab.hooks.before = ({ operation }) => {
      if (/^(Create|Copy)DBSnapshot$/.test(operation)) throw new AwsError('SnapshotQuotaExceeded', 'too many');
    };
    await expect(doStep(setup())).rejects.toMatchObject({ code: 'aws-quota' });
  });
});

describe.each(shapes)('a crash while %s', (_name, setup, place) => {
  test('leaves one snapshot, known to the journal, that the undo removes', async () => {
    const crashes = await crashEverywhere(
      async () => {
        const own = await openTestLab(build);
        return { ...setup(), lab: own, targets: await targetsOf(own) };
      },
      async (crashed, journal) => {
        expect(manual(place, crashed.lab)).toEqual([made]);
        await undoStep(crashed, journal);
        expect(manual(place, crashed.lab)).toEqual([]);
      },
    );
    expect(crashes).toBeGreaterThanOrEqual(3);
  });
});

describe('a copy', () => {
  test('is work of the restore, and no finding', () => {
    expect(copySnapshot.spec.portion).toBe('restore');
  });

  test('is as old as its original, and encrypted with the key of the other region', async () => {
    const { outputs } = await doStep(copy());
    const { facts } = targets['newest']!.items[0]!;
    expect(outputs['recoveryPointAt']).toBe(facts['createdAt']);
    const copied = outputs['snapshot'] as unknown as ResolvedTarget;
    expect(copied.items[0]!.facts['kmsKeyId']).toMatch(/^arn:aws:kms:eu-west-1:/);
  });

  test('is refused in the plan where RDS would refuse it later', async () => {
    expect(await codes(copy())).toEqual(['note copy-cost', 'note snapshot-found']);
    expect(await codes(copy({ kmsKey: undefined }))).toContain('refuse no-key');
    expect(await codes(copy({ kmsKey: undefined, to: 'active' }))).not.toContain('refuse no-key');
    const [item] = targets['newest']!.items;
    const withFacts = (facts: object) => {
      targets['newest'] = { ...targets['newest']!, items: [{ ...item!, facts: { ...item!.facts, ...facts } }] };
    };
    withFacts({ status: 'creating' });
    expect(await codes(copy())).toContain('refuse snapshot-not-available');
    withFacts({ optionGroup: 'orders-tde' });
    expect(await codes(copy())).toContain('warn option-group-stays');
    expect(await codes(copy({ optionGroup: 'orders-tde-away' }))).not.toContain('warn option-group-stays');
    targets['newest'] = { ...targets['newest']!, account: '111122223333' };
    expect(await codes(copy())).toContain('warn other-account');
  });

  test('does not begin while the original is still being made', async () => {
    snapshotsIn(active)[0]!.status = 'creating';
    await expect(doStep(copy())).rejects.toMatchObject({ code: 'snapshot-not-available' });
    expect(manual(passive)).toEqual([]);
  });

  test('asks for permissions on both snapshots and both keys', async () => {
    const { permissions } = await copySnapshot.preview!(inputFor(copy()));
    const resources = (action: string) =>
      permissions.filter((each) => each.action === action).flatMap((p) => p.resources);
    const [item] = targets['newest']!.items;
    expect(resources('rds:CopyDBSnapshot')).toEqual([item!.arn, `arn:aws:rds:eu-west-1:${account}:snapshot:${made}`]);
    expect(resources('kms:CreateGrant')).toEqual([item!.facts['kmsKeyId'], `arn:aws:kms:eu-west-1:${account}:key/*`]);
  });
});

describe('what a drill makes', () => {
  test('has a name that RDS takes, whatever the step is called', () => {
    expect(madeSnapshotId({ runId: 'r20260131-142501-k3x9', stepId: 'Take_it--now_' })).toBe(
      'firedrill-r20260131-142501-k3x9-take-it-now',
    );
  });

  test('needs a key by its id, or any of its place where that is not known', () => {
    const place = { account, region: 'eu-west-1' };
    const id = '8f1b7a52-6d3c-4c1e-9a44-2f0e5b7c9d10';
    const arn = `arn:aws:kms:eu-west-1:${account}:key/${id}`;
    expect(keyArn(place, arn)).toBe(arn);
    expect(keyArn(place, id)).toBe(arn);
    expect(keyArn(place, 'alias/shop')).toBe(`arn:aws:kms:eu-west-1:${account}:key/*`);
    expect(keyArn(place, '')).toBe(`arn:aws:kms:eu-west-1:${account}:key/*`);
  });
});
