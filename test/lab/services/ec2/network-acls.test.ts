import {
  CreateNetworkAclCommand,
  CreateNetworkAclEntryCommand,
  DeleteNetworkAclCommand,
  DescribeNetworkAclsCommand,
  DescribeSubnetsCommand,
  EC2Client,
  ReplaceNetworkAclAssociationCommand,
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

const acls = async () => (await ec2.send(new DescribeNetworkAclsCommand({}))).NetworkAcls ?? [];
const defaultAcl = async () => (await acls()).find((acl) => acl.IsDefault);
const create = async (ClientToken?: string) => {
  const VpcId = (await defaultAcl())?.VpcId;
  return (await ec2.send(new CreateNetworkAclCommand({ VpcId, ClientToken }))).NetworkAcl;
};
const replace = (AssociationId: string | undefined, NetworkAclId: string | undefined) =>
  ec2.send(new ReplaceNetworkAclAssociationCommand({ AssociationId, NetworkAclId }));
/** A database subnet: its CIDR block, its association. */
const databaseSubnet = async () => {
  const { Subnets } = await ec2.send(new DescribeSubnetsCommand({ Filters: [{ Name: 'tag:tier', Values: ['db'] }] }));
  const subnet = Subnets?.find(({ AvailabilityZone }) => AvailabilityZone === lab.primary.zone);
  const association = (await acls())
    .flatMap((acl) => acl.Associations ?? [])
    .find(({ SubnetId }) => SubnetId === subnet?.SubnetId);
  return { prefix: subnet?.CidrBlock?.replace('.0/24', ''), association };
};

describe('a custom network ACL', () => {
  it('denies everything until it has entries; its final deny is shown and belongs to nobody', async () => {
    const made = await create();
    expect(made?.NetworkAclId).toMatch(/^acl-0[0-9a-f]{16}$/);
    expect(made?.Entries?.map(({ RuleNumber, RuleAction, Egress }) => [RuleNumber, RuleAction, Egress])).toEqual([
      [32_767, 'deny', true],
      [32_767, 'deny', false],
    ]);
  });

  it('is made once for one client token, also when the first answer was lost', async () => {
    const [first, second, other] = [await create('run-1:lose'), await create('run-1:lose'), await create('run-2')];
    expect(second?.NetworkAclId).toBe(first?.NetworkAclId);
    expect(other?.NetworkAclId).not.toBe(first?.NetworkAclId);
    expect(await acls()).toHaveLength(3);
  });

  it('cuts a subnet when it is associated, and the association gets another id each time', async () => {
    const { prefix, association } = await databaseSubnet();
    const made = await create();
    const { NewAssociationId } = await replace(association?.NetworkAclAssociationId, made?.NetworkAclId);
    expect(NewAssociationId).toMatch(/^aclassoc-0[0-9a-f]{16}$/);
    expect(NewAssociationId).not.toBe(association?.NetworkAclAssociationId);
    expect(lab.machines.state.network.cutSubnets).toEqual([prefix]);
    expect(lab.machines.write(lab.primary.resourceId, 1)).toBe(false);

    await expect(replace(association?.NetworkAclAssociationId, made?.NetworkAclId)).rejects.toMatchObject({
      name: 'InvalidAssociationID.NotFound',
    });
    await replace(NewAssociationId, association?.NetworkAclId);
    expect(lab.machines.state.network.cutSubnets).toEqual([]);
    expect(lab.machines.write(lab.primary.resourceId, 2)).toBe(true);
    expect((await databaseSubnet()).association?.NetworkAclAssociationId).not.toBe(NewAssociationId);
  });

  it('lets traffic pass once it allows some in both directions', async () => {
    const { association } = await databaseSubnet();
    const NetworkAclId = (await create())?.NetworkAclId;
    await replace(association?.NetworkAclAssociationId, NetworkAclId);
    const allow = (Egress: boolean) =>
      ec2.send(
        new CreateNetworkAclEntryCommand({
          NetworkAclId,
          RuleNumber: 100,
          Protocol: '-1',
          RuleAction: 'allow',
          Egress,
          CidrBlock: '0.0.0.0/0',
        }),
      );
    await allow(false);
    expect(lab.machines.state.network.cutSubnets).toHaveLength(1);
    await allow(true);
    expect(lab.machines.state.network.cutSubnets).toEqual([]);
    await expect(allow(true)).rejects.toMatchObject({ name: 'NetworkAclEntryAlreadyExists' });
  });

  it('is deleted only when no subnet uses it; the default one never', async () => {
    const { association } = await databaseSubnet();
    const NetworkAclId = (await create())?.NetworkAclId;
    const { NewAssociationId } = await replace(association?.NetworkAclAssociationId, NetworkAclId);
    const drop = (id: string | undefined) => ec2.send(new DeleteNetworkAclCommand({ NetworkAclId: id }));
    await expect(drop(NetworkAclId)).rejects.toMatchObject({
      name: 'DependencyViolation',
      message: `The networkAcl '${NetworkAclId}' has dependencies and cannot be deleted.`,
    });
    await replace(NewAssociationId, association?.NetworkAclId);
    await drop(NetworkAclId);
    await expect(drop(NetworkAclId)).rejects.toMatchObject({
      name: 'InvalidNetworkAclID.NotFound',
      message: `The networkAcl ID '${NetworkAclId}' does not exist`,
    });
    await expect(drop((await defaultAcl())?.NetworkAclId)).rejects.toThrow('Cannot delete default network ACL');
  });

  it('takes the nodes of a balancer in cut subnets out of its name', async () => {
    const { Subnets } = await ec2.send(
      new DescribeSubnetsCommand({
        Filters: [
          { Name: 'tag:tier', Values: ['alb'] },
          { Name: 'availability-zone', Values: ['eu-central-1a'] },
        ],
      }),
    );
    const NetworkAclId = (await create())?.NetworkAclId;
    const association = (await acls())
      .flatMap((acl) => acl.Associations ?? [])
      .find(({ SubnetId }) => SubnetId === Subnets?.[0]?.SubnetId);
    await replace(association?.NetworkAclAssociationId, NetworkAclId);
    await lab.pass(500);
    const answering = lab.home.balancer.nodes.filter((node) => node.answers).map((node) => node.zone);
    expect(answering).toEqual(['eu-central-1b', 'eu-central-1c']);
  });
});

describe('a dry run', () => {
  it('says that the call would have worked, or what is wrong with it, and changes nothing', async () => {
    const VpcId = (await defaultAcl())?.VpcId;
    const dryRun = (vpc: string | undefined) => ec2.send(new CreateNetworkAclCommand({ VpcId: vpc, DryRun: true }));
    await expect(dryRun(VpcId)).rejects.toMatchObject({
      name: 'DryRunOperation',
      message: 'Request would have succeeded, but DryRun flag is set.',
    });
    await expect(dryRun('vpc-00000000000000000')).rejects.toMatchObject({ name: 'InvalidVpcID.NotFound' });
    expect(await acls()).toHaveLength(1);
  });
});
