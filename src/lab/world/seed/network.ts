/** Seeds VPCs, subnets and security groups. */
import type { Scope, World } from '../../world.ts';
import { ec2State } from '../ec2.ts';
import type { SecurityRule } from '../ec2.ts';
import { ec2Id } from '../ids.ts';
import { applyNetwork } from '../network.ts';

type Tags = Readonly<Record<string, string>>;

export interface SeededVpc {
  vpcId: string;
  aclId: string;
  /** Its default security group: everything among its members. */
  groupId: string;
}

export function createVpc(world: World, scope: Scope, spec: { tags?: Tags } = {}): SeededVpc {
  const state = ec2State(world, scope);
  const vpcId = ec2Id(world, 'vpc');
  const aclId = ec2Id(world, 'acl');
  const groupId = ec2Id(world, 'sg');
  state.vpcs[vpcId] = { id: vpcId, cidr: `127.${world.state.network}.0.0/16`, isDefault: false };
  state.tags[vpcId] = { ...spec.tags };
  const all = { ruleNumber: 100, action: 'allow', protocol: '-1', cidr: '0.0.0.0/0' } as const;
  state.acls[aclId] = {
    id: aclId,
    vpcId,
    isDefault: true,
    entries: [
      { ...all, egress: true },
      { ...all, egress: false },
    ],
    associations: [],
  };
  state.groups[groupId] = {
    id: groupId,
    name: 'default',
    description: 'default VPC security group',
    vpcId,
    ingress: [{ id: ec2Id(world, 'sgr'), protocol: '-1', groupId }],
    egress: [everywhere(world)],
  };
  return { vpcId, aclId, groupId };
}

const everywhere = (world: World): SecurityRule => ({ id: ec2Id(world, 'sgr'), protocol: '-1', cidr: '0.0.0.0/0' });

/** Takes the next free `127.N.s.0/24` of the lab. @returns the subnet's id */
export function createSubnet(world: World, scope: Scope, spec: { vpcId: string; zone: string; tags?: Tags }): string {
  const state = ec2State(world, scope);
  const number = ec2State
    .scopes(world)
    .reduce((sum, each) => sum + Object.keys(ec2State(world, each).subnets).length, 1);
  const acl = Object.values(state.acls).find(({ vpcId, isDefault }) => vpcId === spec.vpcId && isDefault);
  if (acl === undefined) throw new Error(`there is no VPC ${spec.vpcId} in ${scope.region}`);
  const id = ec2Id(world, 'subnet');
  const prefix = `127.${world.state.network}.${number}`;
  // Hosts .1 to .3 are the provider's on AWS.
  state.subnets[id] = { id, vpcId: spec.vpcId, zone: spec.zone, cidr: `${prefix}.0/24`, prefix, lastHost: 3 };
  state.tags[id] = { ...spec.tags };
  acl.associations.push({ id: ec2Id(world, 'aclassoc'), subnetId: id });
  return id;
}

export interface GroupSpec {
  vpcId: string;
  name: string;
  description?: string;
  /** Who may come in, on which TCP port: a CIDR block or another group. */
  ingress: readonly { port: number; cidr?: string; groupId?: string }[];
  /** Where to: prefix lists, on which TCP port. @default everywhere */
  egress?: readonly { port: number; prefixListId: string }[];
  tags?: Tags;
}

/** @returns the group's id */
export function createSecurityGroup(world: World, scope: Scope, spec: GroupSpec): string {
  const state = ec2State(world, scope);
  const id = ec2Id(world, 'sg');
  state.groups[id] = {
    id,
    name: spec.name,
    description: spec.description ?? spec.name,
    vpcId: spec.vpcId,
    ingress: spec.ingress.map(({ port, cidr, groupId }) => ({
      id: ec2Id(world, 'sgr'),
      protocol: 'tcp',
      fromPort: port,
      toPort: port,
      ...(groupId === undefined ? { cidr: cidr ?? '0.0.0.0/0' } : { groupId }),
    })),
    egress: spec.egress?.map(({ port, prefixListId }) => ({
      id: ec2Id(world, 'sgr'),
      protocol: 'tcp',
      fromPort: port,
      toPort: port,
      prefixListId,
    })) ?? [everywhere(world)],
  };
  state.tags[id] = { ...spec.tags };
  applyNetwork(world);
  return id;
}
