/** Answers that a lab does not give. */
import { EC2Client } from '@aws-sdk/client-ec2';
import { RDSClient } from '@aws-sdk/client-rds';
import { Route53Client } from '@aws-sdk/client-route-53';
import { STSClient } from '@aws-sdk/client-sts';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, afterEach, expect, test } from 'vitest';
import { createAws } from '../../../src/aws/funnel.ts';
import type { Target } from '../../../src/domain/drill.ts';
import { targetTypes } from '../../../src/plan/targets/index.ts';
import { active } from '../../actions/support/lab.ts';
import { optionsFor } from '../../aws/endpoint.ts';

const mocks = [mockClient(RDSClient), mockClient(Route53Client), mockClient(STSClient), mockClient(EC2Client)] as const;
const [rds, route53, sts, ec2] = mocks;
afterEach(() => {
  for (const mock of mocks) mock.reset();
});
afterAll(() => {
  for (const mock of mocks) mock.restore();
});

async function resolve(type: string, select: Target['select']) {
  sts.onAnyCommand().resolves({ Account: active.account });
  const target: Target = { name: 't', type, location: 'active', select, mayBeEmpty: false };
  const found = targetTypes.find((known) => known.spec.type === type)!;
  return found.resolve(createAws(optionsFor('http://127.0.0.1:9')), target, active);
}

test('Aurora is refused by name', async () => {
  rds.onAnyCommand().resolves({ DBInstances: [{ Engine: 'aurora-postgresql', DBClusterIdentifier: 'c' }] });
  await expect(resolve('rds/instance', { id: 'x' })).rejects.toMatchObject({ code: 'aurora-unsupported' });
});

test('several records of one name must be told apart, and a private zone is not what users see', async () => {
  const set = (SetIdentifier: string) => ({ Name: 'www.a.test.', Type: 'A', SetIdentifier, Weight: 1 });
  route53.onAnyCommand().callsFake(async (input: { DNSName?: string }) =>
    input.DNSName === undefined
      ? { ResourceRecordSets: [set('one'), set('two')] }
      : {
          HostedZones: [
            { Id: '/hostedzone/PRIVATE', Name: 'a.test.', Config: { PrivateZone: true } },
            { Id: '/hostedzone/PUBLIC', Name: 'a.test.', Config: { PrivateZone: false } },
          ],
        },
  );
  await expect(resolve('route53/record', { name: 'www.a.test' })).rejects.toMatchObject({
    code: 'record-ambiguous',
    found: 'A one, A two',
  });
  const [item] = await resolve('route53/record', { name: 'www.a.test', setIdentifier: 'two' });
  expect(item).toMatchObject({ facts: { zoneId: 'PUBLIC', setIdentifier: 'two', weight: 1 } });
});

test('security groups of one name in several VPCs must be told apart', async () => {
  ec2.onAnyCommand().resolves({
    SecurityGroups: [
      { GroupId: 'sg-1', VpcId: 'vpc-1' },
      { GroupId: 'sg-2', VpcId: 'vpc-2' },
    ],
  });
  await expect(resolve('ec2/security-group', { id: 'default' })).rejects.toMatchObject({
    code: 'security-group-ambiguous',
    found: 'sg-1 in vpc-1, sg-2 in vpc-2',
  });
});

test('a security group tells every peer that it lets its members connect to', async () => {
  ec2.onAnyCommand().resolves({
    SecurityGroups: [
      {
        GroupId: 'sg-1',
        IpPermissionsEgress: [
          { IpProtocol: '-1', IpRanges: [{ CidrIp: '10.0.0.0/8' }], Ipv6Ranges: [{ CidrIpv6: '::/0' }] },
          { IpProtocol: 'tcp', FromPort: 443, ToPort: 443, PrefixListIds: [{ PrefixListId: 'pl-1' }] },
          { IpProtocol: 'tcp', FromPort: 5432, ToPort: 5432, UserIdGroupPairs: [{ GroupId: 'sg-9' }] },
        ],
      },
    ],
  });
  const [group] = await resolve('ec2/security-group', { id: 'sg-1' });
  expect(group!.facts['egress']).toMatchObject([
    { protocol: '-1', cidr: '10.0.0.0/8' },
    { protocol: '-1', cidr: '::/0' },
    { protocol: 'tcp', fromPort: 443, toPort: 443, prefixList: 'pl-1' },
    { protocol: 'tcp', fromPort: 5432, toPort: 5432, group: 'sg-9' },
  ]);
});

test('a launch template tells what its instances are given, whatever way it says so', async () => {
  ec2.onAnyCommand().resolves({
    LaunchTemplateVersions: [
      {
        LaunchTemplateId: 'lt-1',
        LaunchTemplateName: 'restore',
        VersionNumber: 7,
        LaunchTemplateData: {
          ImageId: 'ami-1',
          NetworkInterfaces: [{ SubnetId: 'subnet-1', Groups: ['sg-2', 'sg-1'] }],
          IamInstanceProfile: { Name: 'app' },
          BlockDeviceMappings: [
            { DeviceName: '/dev/xvda', Ebs: { DeleteOnTermination: true } },
            { DeviceName: '/dev/xvdb', Ebs: { DeleteOnTermination: false } },
          ],
          InstanceMarketOptions: { SpotOptions: { SpotInstanceType: 'persistent' } },
        },
      },
    ],
    Subnets: [{ SubnetId: 'subnet-1', AvailabilityZone: 'eu-central-1a', VpcId: 'vpc-1' }],
    SecurityGroups: [
      { GroupId: 'sg-2', GroupName: 'two', VpcId: 'vpc-1' },
      { GroupId: 'sg-1', GroupName: 'one', VpcId: 'vpc-1', IpPermissionsEgress: [] },
    ],
    // Of the image: one device that the template speaks of too, and one that it doesn't.
    Images: [
      {
        BlockDeviceMappings: [
          { DeviceName: '/dev/xvda', Ebs: { DeleteOnTermination: false } },
          { DeviceName: '/dev/xvdc', Ebs: { DeleteOnTermination: false } },
        ],
      },
    ],
  });
  const [template] = await resolve('ec2/launch-template', { id: 'restore', version: '$Latest' });
  expect(template).toEqual({
    id: 'lt-1',
    arn: 'arn:aws:ec2:eu-central-1:000000000000:launch-template/lt-1',
    facts: {
      templateId: 'lt-1',
      name: 'restore',
      version: '7',
      imageId: 'ami-1',
      instanceType: undefined,
      instanceProfile: 'app',
      hasInterfaces: true,
      keptVolumes: ['/dev/xvdb', '/dev/xvdc'],
      persistentSpot: true,
      subnets: [
        {
          id: 'subnet-1',
          arn: 'arn:aws:ec2:eu-central-1:000000000000:subnet/subnet-1',
          facts: { az: 'eu-central-1a', vpcId: 'vpc-1' },
        },
      ],
      groups: [
        {
          id: 'sg-2',
          arn: 'arn:aws:ec2:eu-central-1:000000000000:security-group/sg-2',
          facts: { groupId: 'sg-2', name: 'two', vpcId: 'vpc-1', egress: [] },
        },
        {
          id: 'sg-1',
          arn: 'arn:aws:ec2:eu-central-1:000000000000:security-group/sg-1',
          facts: { groupId: 'sg-1', name: 'one', vpcId: 'vpc-1', egress: [] },
        },
      ],
    },
  });
  expect(ec2.calls()[0]!.args[0].input).toMatchObject({ LaunchTemplateName: 'restore', Versions: ['$Latest'] });
});

test('the newest image of a name is taken, with the volumes that would outlive an instance', async () => {
  const image = (ImageId: string, CreationDate: string) => ({ ImageId, Name: `restore-${ImageId}`, CreationDate });
  const kept = [
    { DeviceName: '/dev/xvdb', Ebs: { DeleteOnTermination: false } },
    { DeviceName: '/dev/xvda', Ebs: { DeleteOnTermination: true } },
    { DeviceName: '/dev/xvdc', VirtualName: 'ephemeral0' },
  ];
  ec2
    .onAnyCommand({ NextToken: 'more' })
    .resolves({ Images: [{ ...image('ami-2', '2026-11-02T00:00:00.000Z'), BlockDeviceMappings: kept }] })
    .onAnyCommand({ NextToken: undefined })
    .resolves({ Images: [image('ami-1', '2026-11-01T00:00:00.000Z')], NextToken: 'more' });
  const found = await resolve('ec2/image', { name: 'restore-*', owner: 'amazon' });
  expect(found).toMatchObject([
    { id: 'ami-2', arn: 'arn:aws:ec2:eu-central-1::image/ami-2', facts: { keptVolumes: ['/dev/xvdb'] } },
  ]);
  const filters = [
    { Name: 'name', Values: ['restore-*'] },
    { Name: 'state', Values: ['available'] },
  ];
  expect(ec2.calls()[0]!.args[0].input).toMatchObject({ Owners: ['amazon'], Filters: filters });
});

test.each([
  [{}, /say either id or name/],
  [{ id: 'ami-1', name: 'restore-*' }, /say either id or name/],
  [{ id: 'ami-1', owner: 'self' }, /owner goes with name/],
])('an image is not selected by %o', async (select, says) => {
  await expect(resolve('ec2/image', select)).rejects.toThrow(says);
});
