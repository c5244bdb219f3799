/** The state of EC2 in the words of its API. */
import type {
  Instance as InstanceShape,
  InstanceStateChange,
  NetworkAcl as NetworkAclShape,
  NetworkInterface as NetworkInterfaceShape,
  SecurityGroup as SecurityGroupShape,
} from '@aws-sdk/client-ec2';
import { privateName, tagsOf } from '../../world/ec2.ts';
import type {
  Ec2State,
  Instance,
  InstanceState,
  NetworkAcl,
  NetworkInterface,
  SecurityGroup,
} from '../../world/ec2.ts';
import { arn } from '../../world/ids.ts';
import type { Scope } from '../../world.ts';
import { permissionsOf } from './rules.ts';

const codes: Readonly<Record<InstanceState, number>> = {
  pending: 0,
  running: 16,
  'shutting-down': 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
};

export const stateShape = (state: InstanceState) => ({ Code: codes[state], Name: state });

/** Does `change` and says what it changed. */
export function stateChange(instance: Instance, change: () => void): InstanceStateChange {
  const PreviousState = stateShape(instance.state);
  change();
  return { InstanceId: instance.id, PreviousState, CurrentState: stateShape(instance.state) };
}

export function instanceShape(state: Ec2State, { account, region }: Scope, instance: Instance): InstanceShape {
  const subnet = state.subnets[instance.subnetId];
  const gone = instance.state === 'terminated';
  return {
    InstanceId: instance.id,
    ImageId: instance.imageId,
    InstanceType: instance.type as InstanceShape['InstanceType'],
    State: stateShape(instance.state),
    StateReason: instance.stateReason && { Code: instance.stateReason.code, Message: instance.stateReason.message },
    StateTransitionReason: instance.transition,
    LaunchTime: new Date(instance.launchedAt),
    Placement: { AvailabilityZone: subnet?.zone, Tenancy: 'default' },
    Monitoring: { State: 'disabled' },
    Architecture: 'x86_64',
    RootDeviceType: 'ebs',
    AmiLaunchIndex: 0,
    ClientToken: instance.clientToken ?? '',
    Tags: tagsOf(state, instance.id),
    SecurityGroups: gone ? [] : groupRefs(state, instance.groups),
    IamInstanceProfile: profileShape(account, instance),
    MetadataOptions: {
      State: 'applied',
      HttpTokens: instance.imdsTokens ?? 'optional',
      HttpEndpoint: 'enabled',
      HttpPutResponseHopLimit: 1,
    },
    ...(gone
      ? {}
      : {
          SubnetId: instance.subnetId,
          VpcId: subnet?.vpcId,
          PrivateIpAddress: instance.address,
          PrivateDnsName: privateName(region, instance.address),
        }),
  };
}

const profileShape = (account: string, { instanceProfile }: Instance) =>
  instanceProfile === undefined
    ? undefined
    : { Arn: `arn:aws:iam::${account}:instance-profile/${instanceProfile}`, Id: profileId(instanceProfile) };

/** IAM's ids are not the lab's to give; this one only looks like them. */
const profileId = (name: string): string =>
  `AIPA${Buffer.from(name).toString('hex').toUpperCase().padEnd(17, '0').slice(0, 17)}`;

const groupRefs = (state: Ec2State, ids: readonly string[]) =>
  ids.map((GroupId) => ({ GroupId, GroupName: state.groups[GroupId]?.name }));

/** Every ACL ends with a deny of everything, in both directions, that nobody can take away. */
export function aclShape(state: Ec2State, { account }: Scope, acl: NetworkAcl): NetworkAclShape {
  const last = { ruleNumber: 32_767, protocol: '-1', action: 'deny' as const, cidr: '0.0.0.0/0' };
  const entries = [...acl.entries, { ...last, egress: true }, { ...last, egress: false }];
  return {
    NetworkAclId: acl.id,
    VpcId: acl.vpcId,
    IsDefault: acl.isDefault,
    OwnerId: account,
    Associations: acl.associations.map(({ id, subnetId }) => ({
      NetworkAclAssociationId: id,
      NetworkAclId: acl.id,
      SubnetId: subnetId,
    })),
    Entries: entries.map(({ ruleNumber, egress, action, protocol, cidr, ipv6Cidr, fromPort, toPort }) => ({
      RuleNumber: ruleNumber,
      Egress: egress,
      RuleAction: action,
      Protocol: protocol,
      CidrBlock: cidr,
      Ipv6CidrBlock: ipv6Cidr,
      PortRange: fromPort === undefined ? undefined : { From: fromPort, To: toPort },
    })),
    Tags: tagsOf(state, acl.id),
  };
}

export const groupShape = (state: Ec2State, scope: Scope, group: SecurityGroup): SecurityGroupShape => ({
  GroupId: group.id,
  GroupName: group.name,
  Description: group.description,
  VpcId: group.vpcId,
  OwnerId: scope.account,
  SecurityGroupArn: arn('ec2', scope, `security-group/${group.id}`),
  IpPermissions: permissionsOf(scope, group.ingress),
  IpPermissionsEgress: permissionsOf(scope, group.egress),
  Tags: tagsOf(state, group.id),
});

export function interfaceShape(state: Ec2State, scope: Scope, each: NetworkInterface): NetworkInterfaceShape {
  const subnet = state.subnets[each.subnetId];
  const name = privateName(scope.region, each.address);
  return {
    NetworkInterfaceId: each.id,
    SubnetId: each.subnetId,
    VpcId: subnet?.vpcId,
    AvailabilityZone: subnet?.zone,
    Description: each.description,
    InterfaceType: each.type as NetworkInterfaceShape['InterfaceType'],
    OwnerId: scope.account,
    RequesterId: each.requesterId,
    RequesterManaged: each.requesterId !== undefined,
    Status: 'in-use',
    SourceDestCheck: true,
    PrivateIpAddress: each.address,
    PrivateDnsName: name,
    PrivateIpAddresses: [{ Primary: true, PrivateIpAddress: each.address, PrivateDnsName: name }],
    Groups: groupRefs(state, each.groups),
    Attachment: {
      InstanceId: each.instanceId,
      InstanceOwnerId: each.requesterId ?? scope.account,
      Status: 'attached',
      DeviceIndex: each.requesterId === undefined ? 0 : 1,
    },
    TagSet: tagsOf(state, each.id),
  };
}
