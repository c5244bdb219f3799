import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { awaitCapacity } from '../../../src/actions/autoscaling/await-capacity.ts';
import { setCapacity } from '../../../src/actions/autoscaling/set-capacity.ts';
import { stopInstances } from '../../../src/actions/ec2/stop-instances.ts';
import { multiRegion } from '../../../src/lab/estates/multi-region.ts';
import type { TestLab } from '../support/lab.ts';
import { active, openTestLab } from '../support/lab.ts';
import type { StepSetup } from '../support/step.ts';
import { doStep, inputFor, lookOnce, undoStep } from '../support/step.ts';

let lab: TestLab;
beforeEach(async () => {
  lab = await openTestLab((world) => multiRegion.build(world, { replicaLagMs: 0, origin: 'http://lab' }));
});
afterEach(() => lab.close());

const group = () => lab.resolve('autoscaling/group', active, { id: 'orders-web' });
const capacity = async (): Promise<unknown> => {
  const { facts } = (await group()).items[0]!;
  return [facts['min'], facts['desired'], facts['max']];
};

describe('setting capacity', () => {
  const setUp = async (params: Record<string, string>): Promise<StepSetup> => ({
    lab,
    action: setCapacity,
    params: { group: 'web', ...params },
    targets: { web: await group() },
  });

  test('widens the bounds where they stand in the way, and the undo restores all three', async () => {
    const setup = await setUp({ desired: '10' });
    const journal = await doStep(setup);
    expect(await capacity()).toEqual([6, 10, 10]);
    await undoStep(setup, journal);
    expect(await capacity()).toEqual([6, 6, 9]);
  });

  test("leaves someone else's change of capacity alone", async () => {
    const setup = await setUp({ desired: '7' });
    const journal = await doStep(setup);
    await lab.aws
      .in(active)
      .autoscaling.updateAutoScalingGroup({ AutoScalingGroupName: 'orders-web', DesiredCapacity: 8 });
    await expect(undoStep(setup, journal)).rejects.toMatchObject({ code: 'changed-by-someone-else' });
    expect(await capacity()).toEqual([6, 8, 9]);
  });
});

describe('awaiting capacity', () => {
  const setUp = async (params: Record<string, string> = {}): Promise<StepSetup> => ({
    lab,
    action: awaitCapacity,
    params: { group: 'web', ...params },
    targets: { web: await group() },
  });

  test('ends when the balancers have the whole capacity', async () => {
    expect((await doStep(await setUp())).outputs).toEqual({ inService: 6 });
  });

  test('waits while fewer are in service than wanted', async () => {
    const setup = await setUp({ atLeast: '7' });
    const progress = await lookOnce(awaitCapacity, inputFor(setup));
    expect(progress).toEqual({ done: false, saw: expect.stringMatching(/^\d of 7 instances/) as string });
  });
});

test('stopped members are replaced by Auto Scaling: the undo restores capacity, not instances', async () => {
  const instances = await lab.resolve('ec2/instances', active, {
    tags: { app: 'orders' },
    az: 'eu-central-1a',
    max: '2',
  });
  expect(instances.items).toHaveLength(2);
  const setup: StepSetup = {
    lab,
    action: stopInstances,
    params: { instances: 'some' },
    targets: { some: instances },
  };
  const journal = await doStep(setup);
  await undoStep(setup, journal);
  const { AutoScalingGroups } = await lab.aws
    .in(active)
    .autoscaling.describeAutoScalingGroups({ AutoScalingGroupNames: ['orders-web'] });
  expect(AutoScalingGroups![0]!.Instances!.filter((member) => member.LifecycleState === 'InService')).toHaveLength(6);
});

test('an instance of no group is started again', async () => {
  const { Instances } = await lab.aws.in(active).ec2.runInstances({
    MinCount: 1,
    MaxCount: 1,
    LaunchTemplate: { LaunchTemplateName: 'orders-web' },
    SubnetId: (await lab.resolve('ec2/subnets', active, { tags: { tier: 'app' }, az: 'eu-central-1a', max: '1' }))
      .items[0]!.id,
  });
  const id = Instances![0]!.InstanceId!;
  const some = await lab.resolve('ec2/instances', active, { id });
  const setup: StepSetup = { lab, action: stopInstances, params: { instances: 'some' }, targets: { some } };
  const state = async () =>
    (await lab.aws.in(active).ec2.describeInstances({ InstanceIds: [id] })).Reservations![0]!.Instances![0]!.State!
      .Name;
  const journal = await doStep(setup);
  expect(await state()).toBe('stopped');
  await undoStep(setup, journal);
  expect(await state()).toBe('running');
});
