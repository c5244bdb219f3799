import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DeleteSecurityGroupCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupsCommand,
  DescribeVpcsCommand,
  EC2Client,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTestLab, type TestLab } from '../../world/test-lab.ts';

let lab: TestLab;
let ec2: EC2Client;
beforeEach(async () => {
  lab = await openTestLab();
  ec2 = new EC2Client(lab.config());
});
afterEach(async () => {
  ec2.destroy();
  await lab.close();
});

const group = async (name: string) => {
  const Filters = [{ Name: 'group-name', Values: [name] }];
  return (await ec2.send(new DescribeSecurityGroupsCommand({ Filters }))).SecurityGroups?.[0];
};
const create = async (GroupName: string) => {
  const VpcId = (await ec2.send(new DescribeVpcsCommand({}))).Vpcs?.[0]?.VpcId;
  const TagSpecifications = [{ ResourceType: 'security-group' as const, Tags: [{ Key: 'firedrill', Value: 'run-1' }] }];
  return ec2.send(new CreateSecurityGroupCommand({ GroupName, Description: 'fence', VpcId, TagSpecifications }));
};

describe('a new security group', () => {
  it('lets nothing in and everything out, and its name is unique in the VPC', async () => {
    const { GroupId } = await create('fence');
    expect(await group('fence')).toMatchObject({
      GroupId,
      IpPermissions: [],
      IpPermissionsEgress: [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
      Tags: [{ Key: 'firedrill', Value: 'run-1' }],
    });
    await expect(create('fence')).rejects.toMatchObject({ name: 'InvalidGroup.Duplicate' });
  });

  it('gets rules once, and loses them by content or id', async () => {
    const { GroupId } = await create('fence');
    const IpPermissions = [{ IpProtocol: 'tcp', FromPort: 5432, ToPort: 5432, IpRanges: [{ CidrIp: '127.0.0.0/8' }] }];
    const { SecurityGroupRules } = await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
    expect(SecurityGroupRules?.[0]?.SecurityGroupRuleId).toMatch(/^sgr-0/);
    expect((await group('fence'))?.IpPermissions).toMatchObject(IpPermissions);
    await expect(ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions }))).rejects.toMatchObject({
      name: 'InvalidPermission.Duplicate',
      message: 'the specified rule "peer: 127.0.0.0/8, TCP, from port: 5432, to port: 5432, ALLOW" already exists',
    });
    await ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
    await expect(ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId, IpPermissions }))).rejects.toMatchObject({
      name: 'InvalidPermission.NotFound',
    });
    const egress = [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }];
    await ec2.send(new RevokeSecurityGroupEgressCommand({ GroupId, IpPermissions: egress }));
    expect(await group('fence')).toMatchObject({ IpPermissions: [], IpPermissionsEgress: [] });
  });

  it('is deleted unless something stands behind it or refers to it', async () => {
    const { GroupId } = await create('fence');
    const drop = (id: string | undefined) => ec2.send(new DeleteSecurityGroupCommand({ GroupId: id }));
    for (const name of ['orders-db', 'orders-app', 'orders-alb'])
      await expect(drop((await group(name))?.GroupId)).rejects.toMatchObject({ name: 'DependencyViolation' });
    await drop(GroupId);
    await expect(drop(GroupId)).rejects.toMatchObject({ name: 'InvalidGroup.NotFound' });
  });
});

describe('losing its last rule', () => {
  it('closes every interface behind the group to new connections', async () => {
    const orders = await group('orders-db');
    await ec2.send(
      new RevokeSecurityGroupIngressCommand({ GroupId: orders?.GroupId, IpPermissions: orders?.IpPermissions }),
    );
    const { address, standby } = lab.primary;
    expect(lab.machines.state.network.noIngress).toEqual([address, standby?.address].sort());
  });
});

describe('DescribeNetworkInterfaces', () => {
  it('tells instances, databases and balancers in a subnet apart by who made their interface', async () => {
    const { NetworkInterfaces } = await ec2.send(new DescribeNetworkInterfacesCommand({}));
    const counts: Record<string, number> = {};
    for (const { RequesterId = 'instance', Attachment, Description } of NetworkInterfaces ?? []) {
      const owner =
        RequesterId === 'instance'
          ? `instance ${Attachment?.InstanceId?.slice(0, 2)}`
          : `${RequesterId} ${Description?.split('/')[0]}`;
      counts[owner] = (counts[owner] ?? 0) + 1;
    }
    expect(counts).toEqual({ 'instance i-': 6, 'amazon-rds RDSNetworkInterface': 2, 'amazon-elb ELB app': 3 });
  });
});
