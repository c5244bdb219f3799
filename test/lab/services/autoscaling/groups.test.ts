import {
  AutoScalingClient,
  CreateOrUpdateTagsCommand,
  DeleteTagsCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeAutoScalingInstancesCommand,
  DescribeScalingActivitiesCommand,
  DescribeTagsCommand,
  ResumeProcessesCommand,
  SetDesiredCapacityCommand,
  SuspendProcessesCommand,
  TerminateInstanceInAutoScalingGroupCommand,
  UpdateAutoScalingGroupCommand,
  type AutoScalingGroup,
} from '@aws-sdk/client-auto-scaling';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ec2State } from '../../../../src/lab/world/ec2.ts';
import { elbv2State } from '../../../../src/lab/world/elbv2.ts';
import { stop, terminate } from '../../../../src/lab/world/instances.ts';
import { active, openTestLab, type TestLab } from '../../world/test-lab.ts';

let lab: TestLab;
let scaling: AutoScalingClient;
beforeEach(async () => {
  lab = await openTestLab();
  scaling = new AutoScalingClient(lab.config());
});
afterEach(async () => {
  scaling.destroy();
  await lab.close();
});

const name = { AutoScalingGroupName: 'orders-web' };
const group = async (): Promise<Partial<AutoScalingGroup>> => {
  const { AutoScalingGroups } = await scaling.send(
    new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: ['orders-web'] }),
  );
  return AutoScalingGroups?.[0] ?? {};
};
const members = async () => (await group()).Instances ?? [];
const inService = async () => (await members()).filter(({ LifecycleState }) => LifecycleState === 'InService');
const zonesInService = async () =>
  (await inService())
    .map((each) => each.AvailabilityZone?.slice(-1))
    .sort()
    .join('');
const instance = (id: string | undefined) => {
  const found = ec2State(lab.world, active).instances[id ?? ''];
  if (found === undefined) throw new Error(`no instance ${id}`);
  return found;
};
const suspend = (...ScalingProcesses: string[]) =>
  scaling.send(new SuspendProcessesCommand({ ...name, ScalingProcesses }));
const registered = () =>
  Object.values(elbv2State(lab.world, active).targetGroups)
    .flatMap(({ targets }) => targets)
    .filter(({ state }) => state === 'registered')
    .map(({ instanceId }) => instanceId)
    .sort();

describe('a group whose member is lost', () => {
  it.each([
    ['terminated', terminate],
    ['stopped', stop],
  ])('replaces it when it was %s, in the same zone, and registers the new one', async (_how, lose) => {
    const [lost] = await inService();
    lose(lab.world, active, instance(lost?.InstanceId));
    await lab.pass(600);
    expect((await inService()).map(({ InstanceId }) => InstanceId)).not.toContain(lost?.InstanceId);
    await lab.pass(4_000);
    expect(await zonesInService()).toBe('aabbcc');
    expect(await members()).toHaveLength(6);
    expect(registered()).toEqual((await inService()).map(({ InstanceId }) => InstanceId).sort());
    const { Activities } = await scaling.send(new DescribeScalingActivitiesCommand(name));
    expect(Activities?.map(({ StatusCode }) => StatusCode)).toEqual(['Successful', 'Successful']);
    expect(Activities?.[1]?.Cause).toContain(
      'in response to an EC2 health check indicating it has been terminated or stopped',
    );
    expect(Activities?.[0]?.Description).toMatch(/^Launching a new EC2 instance: i-0/);
  });

  it('replaces one that its balancer finds unhealthy, but not within the grace period', async () => {
    const [lost] = await inService();
    await lab.machines.killInstance(lost?.InstanceId ?? '');
    await lab.pass(2_000);
    expect((await inService()).map(({ InstanceId }) => InstanceId)).toContain(lost?.InstanceId);
    await lab.pass(6_000);
    expect((await members()).map(({ InstanceId }) => InstanceId)).not.toContain(lost?.InstanceId);
    expect(await zonesInService()).toBe('aabbcc');
  });

  it('ends it but launches nothing while Launch is suspended', async () => {
    await suspend('Launch');
    const [lost] = await inService();
    terminate(lab.world, active, instance(lost?.InstanceId));
    await lab.pass(5_000);
    expect(await members()).toHaveLength(5);
    await scaling.send(new ResumeProcessesCommand({ ...name, ScalingProcesses: ['Launch'] }));
    await lab.pass(3_000);
    expect(await inService()).toHaveLength(6);
  });

  it('keeps it while ReplaceUnhealthy is suspended', async () => {
    await suspend('ReplaceUnhealthy', 'Launch');
    const [lost] = await inService();
    stop(lab.world, active, instance(lost?.InstanceId));
    await lab.pass(3_000);
    expect((await members()).find(({ InstanceId }) => InstanceId === lost?.InstanceId)).toMatchObject({
      HealthStatus: 'Unhealthy',
      LifecycleState: 'InService',
    });
  });
});

describe('the desired capacity', () => {
  it('is reached, upwards and downwards, over the zones', async () => {
    await scaling.send(new SetDesiredCapacityCommand({ ...name, DesiredCapacity: 9 }));
    await lab.pass(3_000);
    expect(await zonesInService()).toBe('aaabbbccc');
    await scaling.send(new SetDesiredCapacityCommand({ ...name, DesiredCapacity: 6 }));
    await lab.pass(5_000);
    expect(await zonesInService()).toBe('aabbcc');
    expect(registered()).toHaveLength(6);
  });

  it('stays within bounds, which move it when they change', async () => {
    const desired = async () => (await group()).DesiredCapacity;
    await expect(scaling.send(new SetDesiredCapacityCommand({ ...name, DesiredCapacity: 10 }))).rejects.toMatchObject({
      name: 'ValidationError',
      message: 'New SetDesiredCapacity value 10 is above max value 9 for the AutoScalingGroup.',
    });
    const update = (more: object) => scaling.send(new UpdateAutoScalingGroupCommand({ ...name, ...more }));
    await expect(update({ DesiredCapacity: 1 })).rejects.toThrow(
      'Desired capacity:1 must be between the specified min size:6 and max size:9',
    );
    await update({ MinSize: 7 });
    expect(await desired()).toBe(7);
    await update({ MinSize: 0, MaxSize: 3 });
    expect(await desired()).toBe(3);
    await expect(update({ MinSize: 4, MaxSize: 3 })).rejects.toMatchObject({ name: 'ValidationError' });
  });
});

describe('a group that leaves a zone', () => {
  it('moves its members over, one after another, and back when the zone returns', async () => {
    const all = (await group()).VPCZoneIdentifier ?? '';
    const subnets = ec2State(lab.world, active).subnets;
    const others = all.split(',').filter((id) => subnets[id]?.zone !== 'eu-central-1a');
    const update = (VPCZoneIdentifier: string) =>
      scaling.send(new UpdateAutoScalingGroupCommand({ ...name, VPCZoneIdentifier }));
    await update(others.join(','));
    expect((await group()).AvailabilityZones).toEqual(['eu-central-1b', 'eu-central-1c']);
    for (let passed = 0; passed < 8_000; passed += 250) {
      await lab.pass(250);
      expect((await inService()).length).toBeGreaterThanOrEqual(6);
    }
    expect(await zonesInService()).toBe('bbbccc');
    await update(all);
    await lab.pass(10_000);
    expect(await zonesInService()).toBe('aabbcc');
  });

  it('refuses subnets that are not there, and zones without one', async () => {
    const update = (more: object) => scaling.send(new UpdateAutoScalingGroupCommand({ ...name, ...more }));
    await expect(update({ VPCZoneIdentifier: 'subnet-0' })).rejects.toMatchObject({ name: 'ValidationError' });
    const [one = ''] = ((await group()).VPCZoneIdentifier ?? '').split(',');
    await expect(update({ VPCZoneIdentifier: one, AvailabilityZones: ['eu-central-1c'] })).rejects.toMatchObject({
      name: 'ValidationError',
    });
  });
});

describe('TerminateInstanceInAutoScalingGroup', () => {
  const end = (InstanceId: string | undefined, ShouldDecrementDesiredCapacity: boolean) =>
    scaling.send(new TerminateInstanceInAutoScalingGroupCommand({ InstanceId, ShouldDecrementDesiredCapacity }));

  it('replaces the instance unless the capacity goes down with it', async () => {
    const [first] = await inService();
    await end(first?.InstanceId, false);
    await lab.pass(6_000);
    expect(await inService()).toHaveLength(6);
    await expect(end((await inService())[0]?.InstanceId, true)).rejects.toThrow('desiredSize equals minSize (6)');
    await scaling.send(new UpdateAutoScalingGroupCommand({ ...name, MinSize: 5 }));
    await end((await inService())[0]?.InstanceId, true);
    await lab.pass(6_000);
    expect(await inService()).toHaveLength(5);
  });

  it('refuses instances that no group manages', async () => {
    await expect(end('i-00000000000000000', false)).rejects.toThrow(
      'No managed instance found for instance ID: i-00000000000000000',
    );
  });
});

describe('processes and tags', () => {
  it('are suspended and resumed by name, or all together', async () => {
    const suspended = async () => (await group()).SuspendedProcesses?.map(({ ProcessName }) => ProcessName);
    await suspend('Launch', 'Launch', 'AZRebalance');
    expect(await suspended()).toEqual(['Launch', 'AZRebalance']);
    await scaling.send(new ResumeProcessesCommand({ ...name, ScalingProcesses: ['Launch'] }));
    expect(await suspended()).toEqual(['AZRebalance']);
    await suspend();
    expect(await suspended()).toHaveLength(9);
    await expect(suspend('Lunch')).rejects.toThrow('Invalid process type: Lunch');
  });

  it('are set, filtered by and removed', async () => {
    const tag = { ResourceId: 'orders-web', ResourceType: 'auto-scaling-group', Key: 'drill' };
    await scaling.send(new CreateOrUpdateTagsCommand({ Tags: [{ ...tag, Value: 'run-1', PropagateAtLaunch: false }] }));
    const found = async (Value: string) => {
      const Filters = [{ Name: 'tag:drill', Values: [Value] }];
      return (await scaling.send(new DescribeAutoScalingGroupsCommand({ Filters }))).AutoScalingGroups?.length;
    };
    expect([await found('run-1'), await found('run-2')]).toEqual([1, 0]);
    await scaling.send(new DeleteTagsCommand({ Tags: [tag] }));
    const { Tags } = await scaling.send(new DescribeTagsCommand({}));
    expect(Tags?.map(({ Key }) => Key)).toEqual(['app']);
  });

  it('list the instances of all groups', async () => {
    const { AutoScalingInstances } = await scaling.send(new DescribeAutoScalingInstancesCommand({ MaxRecords: 50 }));
    expect(AutoScalingInstances).toHaveLength(6);
    expect(AutoScalingInstances?.[0]).toMatchObject({ AutoScalingGroupName: 'orders-web', HealthStatus: 'HEALTHY' });
  });
});
