import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { launchInstance } from '../../../src/actions/ec2/launch-instance.ts';
import type { TestLab } from '../support/lab.ts';
import { active } from '../support/lab.ts';
import type { StepSetup } from '../support/step.ts';
import { doStep, inputFor, undoStep } from '../support/step.ts';
import type { Changed } from './restore-estate.ts';
import { instancesIn, launchSetUp, openRestoreLab, signalsIn } from './restore-estate.ts';

let lab: TestLab;
beforeEach(async () => {
  lab = await openRestoreLab();
});
afterEach(() => lab.close());

/** The drill says only what is launched: the rest is its template's. */
const launched = async (template: string, { params, targets }: Changed = {}): Promise<StepSetup> => {
  const found = await lab.resolve('ec2/launch-template', active, { id: template });
  return launchSetUp(lab, {
    params: { subnet: undefined, securityGroup: undefined, signal: undefined, ...params },
    targets: { template: found, ...targets },
  });
};

const planned = async (template: string, changed: Changed = {}) => {
  const { findings, touches } = await launchInstance.preview!(inputFor(await launched(template, changed)));
  return { touches, findings: findings.filter(({ code }) => code !== 'instance-cost') };
};

describe('a launch of which the drill says no more than the template', () => {
  test('stands in the template’s subnet and groups, and is undone without a trace', async () => {
    const setup = await launched('with-room');
    const { subnet, group } = setup.targets;
    const journal = await doStep(setup);
    expect(instancesIn(lab)).toMatchObject([{ subnetId: subnet!.items[0]!.id, groups: [group!.items[0]!.id] }]);
    expect(await signalsIn(lab)).toMatchObject([{ Key: 'firedrill/r1-s1.json' }]);
    await undoStep(setup, journal);
    expect(instancesIn(lab)).toEqual([]);
    expect(await signalsIn(lab)).toEqual([]);
  });

  test('is planned with where it stands and reports', async () => {
    const { touches, findings } = await planned('with-room');
    expect(findings).toEqual([]);
    expect(touches).toEqual([
      expect.stringMatching(/^a new instance of with-room in subnet-/),
      's3://signals/firedrill/r1-s1.json',
    ]);
  });

  test('is refused when any of the template’s groups has a way out', async () => {
    const { findings } = await planned('with-open-room');
    expect(findings).toMatchObject([{ severity: 'refuse', code: 'copy-may-act' }]);
    const { findings: allowed } = await planned('with-open-room', { params: { securityGroup: 'group' } });
    expect(allowed).toEqual([]);
  });

  test('stands in what the drill says where it says it', async () => {
    const other = await lab.resolve('ec2/subnets', active, { tags: { app: 'orders' }, az: 'eu-central-1b', max: '1' });
    await doStep(await launched('with-room', { params: { subnet: 'other' }, targets: { other } }));
    expect(instancesIn(lab)).toMatchObject([{ subnetId: other.items[0]!.id }]);
  });

  test('is refused when the template says no subnet: EC2’s default is not taken', async () => {
    const { findings } = await planned('restore');
    expect(findings).toMatchObject([
      { severity: 'refuse', code: 'launch-unplaced', message: expect.stringContaining('says a subnet') as string },
    ]);
    await expect(doStep(await launched('restore'))).rejects.toMatchObject({ code: 'launch-unplaced' });
    expect(instancesIn(lab)).toEqual([]);
  });

  test('from an image is refused while the definition is read', async () => {
    const { params } = await launchSetUp(lab, {
      params: { template: undefined, image: 'image', instanceType: 't3.large', subnet: undefined },
    });
    expect(launchInstance.spec.params.safeParse(params).error?.issues[0]?.message).toBe(
      'an image says nothing of where it is launched: say subnet and securityGroup',
    );
  });
});

describe('a launch whose drill says no place for the signal', () => {
  const refused = [{ severity: 'refuse', code: 'signal-place', remedy: expect.stringContaining('signal') as string }];
  const dumps = (prefix: string) => lab.resolve('s3/objects', active, { bucket: 'signals', prefix });

  test('is refused where the drill knows several buckets', async () => {
    const elsewhere = await lab.resolve('s3/objects', active, { bucket: 'dumps', prefix: 'nightly/' });
    expect((await planned('with-room', { targets: { elsewhere } })).findings).toMatchObject(refused);
  });

  test('is refused where the signal would lie among the backups', async () => {
    const everything = { ...(await dumps('fire')), name: 'everything' };
    expect((await planned('with-room', { targets: { everything } })).findings).toMatchObject(refused);
    const nightly = { ...(await dumps('nightly/')), name: 'nightly' };
    expect((await planned('with-room', { targets: { nightly } })).findings).toEqual([]);
  });
});
