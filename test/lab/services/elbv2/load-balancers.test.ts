import {
  DeregisterTargetsCommand,
  DescribeListenersCommand,
  DescribeLoadBalancerAttributesCommand,
  DescribeLoadBalancersCommand,
  DescribeTagsCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { autoScalingState } from '../../../../src/lab/world/autoscaling.ts';
import { ec2State } from '../../../../src/lab/world/ec2.ts';
import { stop } from '../../../../src/lab/world/instances.ts';
import { createTargetGroup } from '../../../../src/lab/world/seed.ts';
import { active, openTestLab, type TestLab } from '../../world/test-lab.ts';

let lab: TestLab;
let elb: ElasticLoadBalancingV2Client;
let TargetGroupArn: string;
beforeEach(async () => {
  lab = await openTestLab();
  elb = new ElasticLoadBalancingV2Client(lab.config());
  // The group must not repair here what tests do.
  for (const group of Object.values(autoScalingState(lab.world, active).groups)) group.suspended = ['HealthCheck'];
  const { TargetGroups } = await elb.send(new DescribeTargetGroupsCommand({ Names: ['orders-web'] }));
  TargetGroupArn = TargetGroups?.[0]?.TargetGroupArn ?? '';
});
afterEach(async () => {
  elb.destroy();
  await lab.close();
});

const health = async (Id?: string) => {
  const Targets = Id === undefined ? undefined : [{ Id }];
  const { TargetHealthDescriptions } = await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn, Targets }));
  return TargetHealthDescriptions ?? [];
};
const summary = async (Id?: string) =>
  (await health(Id)).map(({ TargetHealth }) => [TargetHealth?.State, TargetHealth?.Reason].filter(Boolean).join(' '));
const target = (n = 0) => Object.keys(ec2State(lab.world, active).instances)[n] ?? '';

describe('load balancers', () => {
  it('are found by name or ARN, with their zones, listener, target group, tags and attributes', async () => {
    const { LoadBalancers } = await elb.send(new DescribeLoadBalancersCommand({ Names: ['orders'] }));
    const LoadBalancerArn = LoadBalancers?.[0]?.LoadBalancerArn;
    expect(LoadBalancers?.[0]).toMatchObject({
      DNSName: expect.stringMatching(/^orders-\d+\.eu-central-1\.elb\.amazonaws\.com$/),
      LoadBalancerArn: expect.stringMatching(
        /^arn:aws:elasticloadbalancing:eu-central-1:111122223333:loadbalancer\/app\/orders\/[0-9a-f]{16}$/,
      ),
      State: { Code: 'active' },
      AvailabilityZones: ['a', 'b', 'c'].map((letter) => ({ ZoneName: `eu-central-1${letter}` })),
    });
    const { Listeners } = await elb.send(new DescribeListenersCommand({ LoadBalancerArn }));
    expect(Listeners).toMatchObject([{ Port: 8080, DefaultActions: [{ Type: 'forward', TargetGroupArn }] }]);
    const { TargetGroups } = await elb.send(new DescribeTargetGroupsCommand({ LoadBalancerArn }));
    expect(TargetGroups).toMatchObject([{ TargetGroupArn, LoadBalancerArns: [LoadBalancerArn] }]);
    const ResourceArns = [LoadBalancerArn ?? '', TargetGroupArn];
    const { TagDescriptions } = await elb.send(new DescribeTagsCommand({ ResourceArns }));
    expect(TagDescriptions?.map(({ Tags }) => Tags)).toEqual([
      [{ Key: 'app', Value: 'orders' }],
      [{ Key: 'app', Value: 'orders' }],
    ]);
    const { Attributes } = await elb.send(new DescribeLoadBalancerAttributesCommand({ LoadBalancerArn }));
    expect(Attributes).toContainEqual({ Key: 'load_balancing.cross_zone.enabled', Value: 'true' });
  });

  it('that are not there are errors', async () => {
    await expect(elb.send(new DescribeLoadBalancersCommand({ Names: ['other'] }))).rejects.toMatchObject({
      name: 'LoadBalancerNotFoundException',
    });
    await expect(elb.send(new DescribeTargetGroupsCommand({ Names: ['other'] }))).rejects.toMatchObject({
      name: 'TargetGroupNotFoundException',
    });
    await expect(elb.send(new DescribeListenersCommand({}))).rejects.toMatchObject({ name: 'ValidationError' });
  });
});

describe('target health', () => {
  it('is as the nodes see it, each target in its zone', async () => {
    expect(await summary()).toEqual(Array.from({ length: 6 }, () => 'healthy'));
    const zones = (await health()).map(({ Target }) => Target?.AvailabilityZone?.slice(-1)).sort();
    expect(zones.join('')).toBe('aabbcc');
  });

  it('has a reason when it is bad: refused, not reached in time, stopped', async () => {
    await lab.machines.killInstance(target());
    expect(await summary(target())).toEqual(['unhealthy Target.FailedHealthChecks']);
    const subnets = [
      ...new Set(Object.values(lab.machines.state.instances).map(({ address }) => address.replace(/\.\d+$/, ''))),
    ];
    lab.machines.setNetwork({ cutSubnets: subnets, noIngress: [], replicationSurvives: false });
    expect(await summary(target(1))).toEqual(['unhealthy Target.Timeout']);
    const instance = ec2State(lab.world, active).instances[target(2)];
    if (instance) stop(lab.world, active, instance);
    await lab.pass(1_000);
    expect(await summary(target(2))).toEqual(['unused Target.InvalidState']);
    expect(await summary('i-0')).toEqual(['unused Target.NotRegistered']);
  });

  it('is unused in a group without a balancer', async () => {
    const vpcId = Object.keys(ec2State(lab.world, active).vpcs)[0] ?? '';
    const idle = createTargetGroup(lab.world, active, { name: 'idle', vpcId, port: 80, path: '/' });
    await elb.send(new RegisterTargetsCommand({ TargetGroupArn: idle.arn, Targets: [{ Id: target(), Port: 8080 }] }));
    TargetGroupArn = idle.arn;
    expect(await summary()).toEqual(['unused Target.NotInUse']);
  });
});

describe('deregistering a target', () => {
  it('takes it from the balancer at once, drains it, forgets it; registering brings it back', async () => {
    const Targets = [{ Id: target() }];
    const served = () =>
      Object.values(lab.machines.state.balancers).flatMap(({ targets }) => targets.map(({ id }) => id));
    await elb.send(new DeregisterTargetsCommand({ TargetGroupArn, Targets }));
    await lab.pass(1);
    expect(served()).not.toContain(target());
    expect(await summary(target())).toEqual(['draining Target.DeregistrationInProgress']);
    await lab.pass(1_500);
    expect(await summary(target())).toEqual(['unused Target.NotRegistered']);
    await elb.send(new RegisterTargetsCommand({ TargetGroupArn, Targets }));
    await lab.pass(1);
    expect(served()).toContain(target());
    expect(await summary(target())).toEqual(['healthy']);
  });

  it('and registering again keeps it, and a second draining lasts as long as the first', async () => {
    const Targets = [{ Id: target() }];
    await elb.send(new DeregisterTargetsCommand({ TargetGroupArn, Targets }));
    await lab.pass(600);
    await elb.send(new RegisterTargetsCommand({ TargetGroupArn, Targets }));
    expect(await summary(target())).toEqual(['initial Elb.InitialHealthChecking']);
    await elb.send(new DeregisterTargetsCommand({ TargetGroupArn, Targets }));
    await lab.pass(600);
    expect(await summary(target())).toEqual(['draining Target.DeregistrationInProgress']);
    await elb.send(new RegisterTargetsCommand({ TargetGroupArn, Targets }));
    await lab.pass(2_000);
    expect(await summary(target())).toEqual(['healthy']);
  });

  it('refuses to register what does not run or is not there', async () => {
    const instance = ec2State(lab.world, active).instances[target()];
    if (instance) stop(lab.world, active, instance);
    for (const Id of [target(), 'i-00000000000000000'])
      await expect(elb.send(new RegisterTargetsCommand({ TargetGroupArn, Targets: [{ Id }] }))).rejects.toMatchObject({
        name: 'InvalidTargetException',
      });
  });
});
