/**
 * State of EC2 and VPC, and what other services do with it: addresses, network interfaces, tags. The API's behaviour is in
 * services/ec2.
 */
import { defineSlice } from '../world.ts';
import type { Scope, World } from '../world.ts';
import { ec2Id } from './ids.ts';

export interface Vpc {
  id: string;
  cidr: string;
  isDefault: boolean;
}

export interface Subnet {
  id: string;
  vpcId: string;
  zone: string;
  cidr: string;
  /** `127.N.s`: every address in it starts so. */
  prefix: string;
  /** Host number given out last. */
  lastHost: number;
}

export interface AclEntry {
  ruleNumber: number;
  egress: boolean;
  action: 'allow' | 'deny';
  /** `-1` is every protocol. */
  protocol: string;
  cidr?: string;
  ipv6Cidr?: string;
  fromPort?: number;
  toPort?: number;
}

export interface NetworkAcl {
  id: string;
  vpcId: string;
  isDefault: boolean;
  clientToken?: string;
  /** Without the final deny that every ACL ends with. */
  entries: AclEntry[];
  associations: { id: string; subnetId: string }[];
}

export interface SecurityRule {
  id: string;
  protocol: string;
  fromPort?: number;
  toPort?: number;
  /** Exactly one of these says who. */
  cidr?: string;
  groupId?: string;
  prefixListId?: string;
  description?: string;
}

export interface SecurityGroup {
  id: string;
  name: string;
  description: string;
  vpcId: string;
  ingress: SecurityRule[];
  egress: SecurityRule[];
}

export type InstanceState = 'pending' | 'running' | 'shutting-down' | 'terminated' | 'stopping' | 'stopped';

export interface Instance {
  id: string;
  reservationId: string;
  state: InstanceState;
  /** Why it is as it is: code and sentence. */
  stateReason?: { code: string; message: string };
  /** As in StateTransitionReason. */
  transition: string;
  subnetId: string;
  address: string;
  interfaceId: string;
  groups: string[];
  imageId: string;
  type: string;
  launchedAt: string;
  /** What the image runs. */
  program: string;
  port: number;
  furtherPorts?: number[];
  env: Record<string, string>;
  userData?: string;
  instanceProfile?: string;
  imdsTokens?: 'optional' | 'required';
  clientToken?: string;
  /** Digest of the request that the token came with. */
  clientRequest?: string;
  /** On the time line of timers: since when its machine runs. */
  runningSinceMs?: number;
}

export interface NetworkInterface {
  id: string;
  subnetId: string;
  address: string;
  groups: string[];
  description: string;
  /** `interface` for instances and databases, `network_load_balancer` and so on for others. */
  type: string;
  /** Set for interfaces that another service made: the requester's id, e.g. `amazon-rds`. */
  requesterId?: string;
  instanceId?: string;
}

/** What a machine image has on it. */
export interface Image {
  id: string;
  name: string;
  createdAt: string;
  program: string;
  port: number;
  furtherPorts?: number[];
  env: Record<string, string>;
}

export interface LaunchTemplate {
  id: string;
  name: string;
  createdAt: string;
  imageId: string;
  instanceType: string;
  groups: string[];
  /** Said in its network interface, where its groups stand then, too. */
  subnetId?: string;
  program: string;
  port: number;
  furtherPorts?: number[];
  env: Record<string, string>;
  userData?: string;
  /** Name of the instance profile. */
  instanceProfile?: string;
  /** Put on every instance that is launched from it. */
  tags: Record<string, string>;
}

export interface Ec2State {
  vpcs: Record<string, Vpc>;
  subnets: Record<string, Subnet>;
  acls: Record<string, NetworkAcl>;
  groups: Record<string, SecurityGroup>;
  instances: Record<string, Instance>;
  interfaces: Record<string, NetworkInterface>;
  templates: Record<string, LaunchTemplate>;
  images: Record<string, Image>;
  /** By resource id. */
  tags: Record<string, Record<string, string>>;
}

export const ec2State = defineSlice<Ec2State>('ec2', () => ({
  vpcs: {},
  subnets: {},
  acls: {},
  groups: {},
  instances: {},
  interfaces: {},
  templates: {},
  images: {},
  tags: {},
}));

const firstHost = 4;
const lastHost = 254;

/** The next free address of a subnet, `.4` to `.254`. Those given back come round again only after all others. */
function takeAddress(state: Ec2State, subnet: Subnet): string {
  const taken = new Set(Object.values(state.interfaces).map(({ address }) => address));
  for (let tried = firstHost; tried <= lastHost; tried += 1) {
    subnet.lastHost = subnet.lastHost >= lastHost ? firstHost : subnet.lastHost + 1;
    const address = `${subnet.prefix}.${subnet.lastHost}`;
    if (!taken.has(address)) return address;
  }
  throw new Error(`subnet ${subnet.id} has no free address`);
}

/** Takes an address in `subnetId` and puts an interface on it. */
export function createInterface(
  world: World,
  scope: Scope,
  spec: Pick<NetworkInterface, 'subnetId' | 'groups' | 'description' | 'type' | 'requesterId' | 'instanceId'>,
): NetworkInterface {
  const state = ec2State(world, scope);
  const subnet = state.subnets[spec.subnetId];
  if (subnet === undefined) throw new Error(`there is no subnet ${spec.subnetId} in ${scope.region}`);
  const made: NetworkInterface = { ...spec, id: ec2Id(world, 'eni'), address: takeAddress(state, subnet) };
  state.interfaces[made.id] = made;
  return made;
}

export const deleteInterface = (world: World, scope: Scope, id: string): void => {
  delete ec2State(world, scope).interfaces[id];
};

export const tagsOf = (state: Ec2State, id: string): { Key: string; Value: string }[] =>
  Object.entries(state.tags[id] ?? {}).map(([Key, Value]) => ({ Key, Value }));

/** The zone's AWS id (`euc1-az1`): the same zone has it in every account. */
export function zoneId(region: string, zone: string): string {
  const [area = '', direction = '', number = ''] = region.split('-');
  const letters: Record<string, string> = {
    northeast: 'ne',
    southeast: 'se',
    northwest: 'nw',
    southwest: 'sw',
  };
  const short = `${area}${letters[direction] ?? direction.charAt(0)}${number}`;
  return `${short}-az${zone.charCodeAt(zone.length - 1) - 96}`;
}

export const zonesOf = (region: string): string[] => ['a', 'b', 'c'].map((letter) => `${region}${letter}`);

/** `ip-127-7-1-4.eu-central-1.compute.internal` */
export const privateName = (region: string, address: string): string =>
  `ip-${address.replaceAll('.', '-')}.${region}.compute.internal`;
