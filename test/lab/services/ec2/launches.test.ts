import {
  AuthorizeSecurityGroupEgressCommand,
  CreateSecurityGroupCommand,
  DescribeImagesCommand,
  DescribeInstanceAttributeCommand,
  DescribeInstancesCommand,
  DescribeInstanceStatusCommand,
  DescribeLaunchTemplateVersionsCommand,
  DescribeManagedPrefixListsCommand,
  DescribePrefixListsCommand,
  DescribeSecurityGroupsCommand,
  EC2Client,
  RevokeSecurityGroupEgressCommand,
  RunInstancesCommand,
  type RunInstancesCommandInput,
} from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ec2State } from '../../../../src/lab/world/ec2.ts';
import { createLaunchTemplate, createSecurityGroup, createSubnet } from '../../../../src/lab/world/seed.ts';
import { active, openTestLab, type TestLab } from '../../world/test-lab.ts';

let lab: TestLab;
let ec2: EC2Client;
let template: { id: string; imageId: string };
let restoreGroup: string;
let subnet: { id: string; vpcId: string };
beforeEach(async () => {
  lab = await openTestLab();
  ec2 = new EC2Client(lab.config());
  const state = ec2State(lab.world, active);
  subnet = Object.values(state.subnets)[0] ?? { id: '', vpcId: '' };
  const { vpcId } = subnet;
  restoreGroup = createSecurityGroup(lab.world, active, { vpcId, name: 'orders-restore', ingress: [] });
  template = createLaunchTemplate(lab.world, active, {
    name: 'orders-restore',
    groups: [restoreGroup],
    program: 'restore-image',
    port: 5432,
    furtherPorts: [8080],
    instanceProfile: 'orders-restore',
    userData: '#!/bin/sh\necho from the template\n',
    tags: { Name: 'orders-restore' },
  });
});
afterEach(async () => {
  ec2.destroy();
  await lab.close();
});

const base64 = (text: string) => Buffer.from(text).toString('base64');
const run = (more: Partial<RunInstancesCommandInput> = {}) =>
  ec2.send(
    new RunInstancesCommand({
      LaunchTemplate: { LaunchTemplateName: 'orders-restore', Version: '$Default' },
      MinCount: 1,
      MaxCount: 1,
      SubnetId: subnet.id,
      ...more,
    }),
  );
const launch = async (more: Partial<RunInstancesCommandInput> = {}) => (await run(more)).Instances?.[0];
const userDataOf = async (InstanceId = '') => {
  const { UserData } = await ec2.send(new DescribeInstanceAttributeCommand({ InstanceId, Attribute: 'userData' }));
  return Buffer.from(UserData?.Value ?? '', 'base64').toString();
};

describe('an instance of a launch template', () => {
  it('has what the template says where the call says nothing', async () => {
    const instance = await launch();
    expect(instance).toMatchObject({
      ImageId: template.imageId,
      InstanceType: 't3.small',
      SubnetId: subnet.id,
      SecurityGroups: [{ GroupId: restoreGroup }],
      IamInstanceProfile: { Arn: expect.stringMatching(/:instance-profile\/orders-restore$/) },
      MetadataOptions: { HttpTokens: 'optional' },
      Tags: [{ Key: 'Name', Value: 'orders-restore' }],
    });
    expect(await userDataOf(instance?.InstanceId)).toBe('#!/bin/sh\necho from the template\n');
  });

  it('has what the call says, at its only network interface too', async () => {
    const groups = Object.keys(ec2State(lab.world, active).groups).slice(0, 1);
    const instance = await launch({
      SubnetId: undefined,
      InstanceType: 'm7g.large',
      NetworkInterfaces: [
        {
          DeviceIndex: 0,
          SubnetId: subnet.id,
          Groups: groups,
          AssociatePublicIpAddress: false,
          DeleteOnTermination: true,
        },
      ],
      IamInstanceProfile: { Name: 'other' },
      MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 1 },
      InstanceInitiatedShutdownBehavior: 'terminate',
      UserData: base64('#!/bin/sh\necho from the call\n'),
      TagSpecifications: [
        { ResourceType: 'instance', Tags: [{ Key: 'firedrill:run', Value: 'r1' }] },
        { ResourceType: 'volume', Tags: [{ Key: 'firedrill:run', Value: 'r1' }] },
      ],
    });
    expect(instance).toMatchObject({
      InstanceType: 'm7g.large',
      SubnetId: subnet.id,
      SecurityGroups: [{ GroupId: groups[0] }],
      IamInstanceProfile: { Arn: expect.stringMatching(/\/other$/) },
      MetadataOptions: { HttpTokens: 'required' },
    });
    expect(await userDataOf(instance?.InstanceId)).toBe('#!/bin/sh\necho from the call\n');
    const Filters = [{ Name: 'tag:firedrill:run', Values: ['r1'] }];
    const { Reservations } = await ec2.send(new DescribeInstancesCommand({ Filters }));
    expect(Reservations?.[0]?.Instances?.[0]?.InstanceId).toBe(instance?.InstanceId);
  });

  it('stands where the template says in its interface, and a call says so there, too', async () => {
    const { vpcId } = subnet;
    const other = createSubnet(lab.world, active, { vpcId, zone: 'eu-central-1b' });
    const room = { subnetId: other, groups: [restoreGroup], program: 'restore-image', port: 5432 };
    createLaunchTemplate(lab.world, active, { name: 'with-room', ...room });
    const LaunchTemplate = { LaunchTemplateName: 'with-room' };
    const { Instances: own } = await run({ LaunchTemplate, SubnetId: undefined });
    expect(own).toMatchObject([{ SubnetId: other, SecurityGroups: [{ GroupId: restoreGroup }] }]);
    const NetworkInterfaces = [{ DeviceIndex: 0, SubnetId: subnet.id, Groups: [restoreGroup] }];
    const { Instances: said } = await run({ LaunchTemplate, SubnetId: undefined, NetworkInterfaces });
    expect(said).toMatchObject([{ SubnetId: subnet.id }]);
    await expect(run({ LaunchTemplate })).rejects.toMatchObject({ name: 'InvalidParameterCombination' });
  });

  it.each<[string, Partial<RunInstancesCommandInput>, string]>([
    [
      'subnet at the call and at an interface',
      { NetworkInterfaces: [{ DeviceIndex: 0 }] },
      'InvalidParameterCombination',
    ],
    [
      'groups at the call and at an interface',
      { SubnetId: undefined, NetworkInterfaces: [{ DeviceIndex: 0 }], SecurityGroupIds: ['sg-1'] },
      'InvalidParameterCombination',
    ],
    ['a group that is not there', { SecurityGroupIds: ['sg-00000000000000000'] }, 'InvalidGroup.NotFound'],
    ['an image that is not there', { ImageId: 'ami-00000000000000000' }, 'InvalidAMIID.NotFound'],
    [
      'a version that is not there',
      { LaunchTemplate: { LaunchTemplateName: 'orders-restore', Version: '7' } },
      'InvalidLaunchTemplateId.VersionNotFound',
    ],
    ['user data beyond 16 KB', { UserData: base64('x'.repeat(16_385)) }, 'InvalidParameterValue'],
    ['user data that is no base64', { UserData: '#!/bin/sh' }, 'InvalidUserData.Malformed'],
    [
      'a profile of another account',
      { IamInstanceProfile: { Arn: 'arn:aws:iam::999999999999:instance-profile/x' } },
      'InvalidParameterValue',
    ],
  ])('is refused for %s', async (_what, more, name) => {
    await expect(run(more)).rejects.toMatchObject({ name });
  });

  it('may have 16 KB of user data', async () => {
    const instance = await launch({ UserData: base64('x'.repeat(16_384)) });
    expect(await userDataOf(instance?.InstanceId)).toHaveLength(16_384);
  });
});

describe('a client token', () => {
  it('launches once, is found by, and refuses other parameters', async () => {
    const first = await launch({ ClientToken: 'run-1-launch', UserData: base64('one') });
    const again = await launch({ ClientToken: 'run-1-launch', UserData: base64('one') });
    expect(again?.InstanceId).toBe(first?.InstanceId);
    const other = run({ ClientToken: 'run-1-launch', UserData: base64('two') });
    await expect(other).rejects.toMatchObject({ name: 'IdempotentParameterMismatch' });
    const Filters = [{ Name: 'client-token', Values: ['run-1-launch'] }];
    const { Reservations } = await ec2.send(new DescribeInstancesCommand({ Filters }));
    expect(Reservations?.flatMap(({ Instances }) => Instances?.map((each) => each.InstanceId))).toEqual([
      first?.InstanceId,
    ]);
  });
});

describe('an image', () => {
  it('is launched without a template, into the default group', async () => {
    const { Images } = await ec2.send(new DescribeImagesCommand({ ImageIds: [template.imageId], Owners: ['self'] }));
    expect(Images).toMatchObject([{ Name: 'orders-restore', State: 'available' }]);
    const instance = await launch({ LaunchTemplate: undefined, ImageId: template.imageId, InstanceType: 't3.large' });
    expect(instance).toMatchObject({
      ImageId: template.imageId,
      InstanceType: 't3.large',
      SecurityGroups: [{ GroupName: 'default' }],
    });
    expect(instance?.IamInstanceProfile).toBeUndefined();
    const launched = ec2State(lab.world, active).instances[instance?.InstanceId ?? ''];
    expect(launched).toMatchObject({ program: 'restore-image', port: 5432, furtherPorts: [8080] });
  });
});

describe('status checks', () => {
  it('begin when an instance runs and are passed a while later', async () => {
    const InstanceId = (await launch())?.InstanceId ?? '';
    const status = async (IncludeAllInstances = false) => {
      const command = new DescribeInstanceStatusCommand({ InstanceIds: [InstanceId], IncludeAllInstances });
      return (await ec2.send(command)).InstanceStatuses;
    };
    expect(await status()).toEqual([]);
    expect(await status(true)).toMatchObject([
      { InstanceState: { Name: 'pending' }, InstanceStatus: { Status: 'not-applicable' } },
    ]);
    await lab.pass(1_000);
    expect(await status()).toMatchObject([
      { InstanceState: { Name: 'running' }, InstanceStatus: { Status: 'initializing' } },
    ]);
    await lab.pass(2_000);
    expect(await status()).toMatchObject([{ InstanceStatus: { Status: 'ok' }, SystemStatus: { Status: 'ok' } }]);
  });
});

describe('the versions of a launch template', () => {
  it('tell what it launches', async () => {
    for (const Versions of [['$Default'], ['$Latest'], ['1'], undefined]) {
      const command = new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId: template.id, Versions });
      expect((await ec2.send(command)).LaunchTemplateVersions).toMatchObject([
        {
          LaunchTemplateName: 'orders-restore',
          VersionNumber: 1,
          DefaultVersion: true,
          LaunchTemplateData: {
            ImageId: template.imageId,
            InstanceType: 't3.small',
            SecurityGroupIds: [restoreGroup],
            IamInstanceProfile: { Name: 'orders-restore' },
            UserData: base64('#!/bin/sh\necho from the template\n'),
          },
        },
      ]);
    }
    const wrong = new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId: template.id, Versions: ['2'] });
    await expect(ec2.send(wrong)).rejects.toMatchObject({ name: 'InvalidLaunchTemplateId.VersionNotFound' });
  });
});

describe("S3's prefix list", () => {
  const s3List = async () => {
    const Filters = [{ Name: 'prefix-list-name', Values: ['com.amazonaws.eu-central-1.s3'] }];
    const { PrefixLists } = await ec2.send(new DescribeManagedPrefixListsCommand({ Filters }));
    return PrefixLists?.[0];
  };

  it('is told by name and id, and belongs to AWS', async () => {
    const list = await s3List();
    expect(list).toMatchObject({ OwnerId: 'AWS', PrefixListId: expect.stringMatching(/^pl-[0-9a-f]{8}$/) });
    const PrefixListIds = [list?.PrefixListId ?? ''];
    const { PrefixLists } = await ec2.send(new DescribePrefixListsCommand({ PrefixListIds }));
    expect(PrefixLists).toMatchObject([{ PrefixListName: 'com.amazonaws.eu-central-1.s3', Cidrs: expect.any(Array) }]);
    const unknown = ec2.send(new DescribePrefixListsCommand({ PrefixListIds: ['pl-00000000'] }));
    await expect(unknown).rejects.toMatchObject({ name: 'InvalidPrefixListID.NotFound' });
  });

  it('may be all that a security group lets out', async () => {
    const { GroupId } = await ec2.send(
      new CreateSecurityGroupCommand({ GroupName: 'copies', Description: 'copies', VpcId: subnet.vpcId }),
    );
    const all = { IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] };
    await ec2.send(new RevokeSecurityGroupEgressCommand({ GroupId, IpPermissions: [all] }));
    const PrefixListId = (await s3List())?.PrefixListId;
    const toS3 = {
      IpProtocol: 'tcp',
      FromPort: 443,
      ToPort: 443,
      PrefixListIds: [{ PrefixListId, Description: 'dumps' }],
    };
    const { SecurityGroupRules } = await ec2.send(
      new AuthorizeSecurityGroupEgressCommand({ GroupId, IpPermissions: [toS3] }),
    );
    expect(SecurityGroupRules).toMatchObject([{ IsEgress: true, PrefixListId }]);
    const { SecurityGroups } = await ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [GroupId ?? ''] }));
    expect(SecurityGroups?.[0]?.IpPermissionsEgress).toMatchObject([{ ...toS3, IpRanges: [] }]);
    const twice = ec2.send(new AuthorizeSecurityGroupEgressCommand({ GroupId, IpPermissions: [toS3] }));
    await expect(twice).rejects.toMatchObject({ name: 'InvalidPermission.Duplicate' });
    const nowhere = { IpProtocol: '-1', PrefixListIds: [{ PrefixListId: 'pl-00000000' }] };
    const unknown = ec2.send(new AuthorizeSecurityGroupEgressCommand({ GroupId, IpPermissions: [nowhere] }));
    await expect(unknown).rejects.toMatchObject({ name: 'InvalidPrefixListID.NotFound' });
  });
});
