import {
  CreateTagsCommand,
  DeleteTagsCommand,
  DescribeAvailabilityZonesCommand,
  DescribeInstancesCommand,
  DescribeLaunchTemplatesCommand,
  DescribeSubnetsCommand,
  DescribeTagsCommand,
  EC2Client,
  RunInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { autoScalingState } from '../../../../src/lab/world/autoscaling.ts';
import { ec2State } from '../../../../src/lab/world/ec2.ts';
import { createInstance } from '../../../../src/lab/world/seed.ts';
import { active, openTestLab, type TestLab } from '../../world/test-lab.ts';

let lab: TestLab;
let ec2: EC2Client;
let ids: string[];
beforeEach(async () => {
  lab = await openTestLab();
  ec2 = new EC2Client(lab.config());
  // The group must not repair here what tests do.
  for (const group of Object.values(autoScalingState(lab.world, active).groups)) group.suspended = ['HealthCheck'];
  ids = (await instances()).map(({ InstanceId = '' }) => InstanceId);
});
afterEach(async () => {
  ec2.destroy();
  await lab.close();
});

const instances = async (InstanceIds?: string[]) => {
  const { Reservations } = await ec2.send(new DescribeInstancesCommand({ InstanceIds }));
  return (Reservations ?? []).flatMap(({ Instances }) => Instances ?? []);
};
const stateOf = async (id: string) => (await instances([id]))[0]?.State?.Name;
const first = () => ids[0] ?? '';
const isAlive = (id: string) => lab.machines.state.instances[id]?.alive;

describe('instances', () => {
  it('stop: the machine dies at once, the state follows; they start again where they were', async () => {
    const before = (await instances([first()]))[0];
    const { StoppingInstances } = await ec2.send(new StopInstancesCommand({ InstanceIds: [first()] }));
    expect(StoppingInstances?.[0]).toMatchObject({
      PreviousState: { Code: 16, Name: 'running' },
      CurrentState: { Code: 64, Name: 'stopping' },
    });
    await lab.pass(1);
    expect(isAlive(first())).toBe(false);
    await lab.pass(600);
    expect(await stateOf(first())).toBe('stopped');
    await ec2.send(new StartInstancesCommand({ InstanceIds: [first()] }));
    expect(await stateOf(first())).toBe('pending');
    await lab.pass(1_000);
    expect((await instances([first()]))[0]).toMatchObject({
      State: { Name: 'running' },
      PrivateIpAddress: before?.PrivateIpAddress,
    });
    expect(isAlive(first())).toBe(true);
  });

  it('terminate for ever, stay visible for a while, and leave their address', async () => {
    await ec2.send(new TerminateInstancesCommand({ InstanceIds: [first()] }));
    await lab.pass(1_000);
    const gone = (await instances([first()]))[0];
    expect(gone?.State?.Name).toBe('terminated');
    expect(gone?.PrivateIpAddress).toBeUndefined();
    await expect(ec2.send(new StartInstancesCommand({ InstanceIds: [first()] }))).rejects.toMatchObject({
      name: 'IncorrectInstanceState',
    });
    await lab.pass(61_000);
    await expect(instances([first()])).rejects.toMatchObject({ name: 'InvalidInstanceID.NotFound' });
  });

  it('can stand alone, in no group', async () => {
    const [template] = Object.values(ec2State(lab.world, active).templates);
    const [subnetId] = Object.keys(ec2State(lab.world, active).subnets);
    if (template === undefined || subnetId === undefined) throw new Error('the estate has no template or subnet');
    const alone = await createInstance(lab.world, active, { template, subnetId, tags: { app: 'alone' } });
    expect(isAlive(alone.id)).toBe(true);
    const Filters = [{ Name: 'tag:app', Values: ['alone'] }];
    const { Reservations } = await ec2.send(new DescribeInstancesCommand({ Filters }));
    expect(Reservations?.[0]?.Instances).toMatchObject([{ InstanceId: alone.id, State: { Name: 'running' } }]);
  });

  it('are all there or the call fails', async () => {
    const missing = 'i-00000000000000000';
    await expect(ec2.send(new StopInstancesCommand({ InstanceIds: [first(), missing] }))).rejects.toMatchObject({
      name: 'InvalidInstanceID.NotFound',
      message: `The instance ID '${missing}' does not exist`,
    });
    expect(await stateOf(first())).toBe('running');
    await expect(instances(['web-1'])).rejects.toMatchObject({ name: 'InvalidInstanceID.Malformed' });
  });

  it('are found by filters, all of which must match, with wildcards', async () => {
    const find = async (...filters: [string, ...string[]][]) => {
      const Filters = filters.map(([Name, ...Values]) => ({ Name, Values }));
      const { Reservations } = await ec2.send(new DescribeInstancesCommand({ Filters }));
      return (Reservations ?? []).length;
    };
    expect(await find(['tag:app', 'orders'], ['availability-zone', 'eu-central-1a'])).toBe(2);
    expect(await find(['tag:Name', 'orders-*'], ['instance-state-name', 'running', 'pending'])).toBe(6);
    expect(await find(['tag:Name', 'orders?web']), 'a question mark is one character').toBe(6);
    expect(await find(['tag:app', 'other'])).toBe(0);
    await expect(find(['colour', 'red'])).rejects.toMatchObject({ message: "The filter 'colour' is invalid" });
  });

  it('come in pages', async () => {
    const page = await ec2.send(new DescribeInstancesCommand({ MaxResults: 5 }));
    const rest = await ec2.send(new DescribeInstancesCommand({ MaxResults: 5, NextToken: page.NextToken }));
    expect([page.Reservations?.length, rest.Reservations?.length, rest.NextToken]).toEqual([5, 1, undefined]);
  });
});

describe('RunInstances from a launch template', () => {
  it('launches once for one client token, with user data and tags', async () => {
    const { LaunchTemplates } = await ec2.send(
      new DescribeLaunchTemplatesCommand({ LaunchTemplateNames: ['orders-web'] }),
    );
    const { Subnets } = await ec2.send(new DescribeSubnetsCommand({}));
    const launch = new RunInstancesCommand({
      LaunchTemplate: { LaunchTemplateId: LaunchTemplates?.[0]?.LaunchTemplateId },
      SubnetId: Subnets?.[0]?.SubnetId,
      MinCount: 1,
      MaxCount: 1,
      ClientToken: 'run-1:launch',
      UserData: Buffer.from('#!/bin/sh\ntrue\n').toString('base64'),
      TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'firedrill', Value: 'run-1' }] }],
    });
    const made = (await ec2.send(launch)).Instances?.[0];
    expect(made).toMatchObject({ State: { Name: 'pending' }, SubnetId: Subnets?.[0]?.SubnetId });
    expect((await ec2.send(launch)).Instances?.[0]?.InstanceId).toBe(made?.InstanceId);
    await lab.pass(1_000);
    expect(await stateOf(made?.InstanceId ?? '')).toBe('running');
    expect((await instances([made?.InstanceId ?? '']))[0]?.Tags).toContainEqual({ Key: 'firedrill', Value: 'run-1' });
  });

  it('refuses templates that are not there and user data that is not base64', async () => {
    const launch = (LaunchTemplateName: string, UserData?: string) =>
      ec2.send(new RunInstancesCommand({ LaunchTemplate: { LaunchTemplateName }, MinCount: 1, MaxCount: 1, UserData }));
    await expect(launch('other')).rejects.toMatchObject({ name: 'InvalidLaunchTemplateName.NotFoundException' });
    await expect(launch('orders-web', '#!/bin/sh')).rejects.toMatchObject({ name: 'InvalidUserData.Malformed' });
  });
});

describe('tags', () => {
  it('are set, listed and removed, with a value only if it matches', async () => {
    const Resources = [first()];
    const tags = async () => {
      const Filters = [{ Name: 'resource-id', Values: Resources }];
      const { Tags } = await ec2.send(new DescribeTagsCommand({ Filters }));
      return Object.fromEntries((Tags ?? []).map(({ Key = '', Value }) => [Key, Value]));
    };
    await ec2.send(new CreateTagsCommand({ Resources, Tags: [{ Key: 'firedrill', Value: 'run-1' }] }));
    expect(await tags()).toMatchObject({ app: 'orders', firedrill: 'run-1' });
    await ec2.send(new DeleteTagsCommand({ Resources, Tags: [{ Key: 'firedrill', Value: 'run-2' }] }));
    expect(await tags()).toHaveProperty('firedrill');
    await ec2.send(new DeleteTagsCommand({ Resources, Tags: [{ Key: 'firedrill' }] }));
    expect(await tags()).not.toHaveProperty('firedrill');
  });

  it('are refused on what is not there and under the names of AWS', async () => {
    const set = (id: string, Key: string) =>
      ec2.send(new CreateTagsCommand({ Resources: [id], Tags: [{ Key, Value: '' }] }));
    await expect(set('i-00000000000000000', 'a')).rejects.toMatchObject({ name: 'InvalidID' });
    await expect(set(first(), 'aws:mine')).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  });
});

describe('DescribeAvailabilityZones', () => {
  it('shows three zones with the ids that they have in every account', async () => {
    const { AvailabilityZones } = await ec2.send(new DescribeAvailabilityZonesCommand({}));
    expect(AvailabilityZones?.map(({ ZoneName, ZoneId }) => `${ZoneName} ${ZoneId}`)).toEqual([
      'eu-central-1a euc1-az1',
      'eu-central-1b euc1-az2',
      'eu-central-1c euc1-az3',
    ]);
  });
});
