/**
 * What network ACLs and security groups mean for packets. ACLs stand at the subnet's border and are stateless: a subnet whose
 * ACL lets nothing in or nothing out is cut off, for existing connections too, while traffic inside it goes on. Security groups
 * stand at each interface and track connections: taking every rule away only keeps new ones out.
 *
 * Source: VPC user guide, "Control subnet traffic with network access control lists", "Security group connection tracking".
 */
import type { NetworkTable } from '../machines/machines.ts';
import type { World } from '../world.ts';
import { ec2State } from './ec2.ts';
import type { Ec2State, NetworkAcl } from './ec2.ts';

const anywhere = '0.0.0.0/0';

/** Whether nothing passes in one direction. Partial rules count as passing: only whole subnets are cut here. */
function closed(acl: NetworkAcl, egress: boolean): boolean {
  const entries = acl.entries.filter((entry) => entry.egress === egress && entry.cidr !== undefined);
  for (const entry of entries.sort((a, b) => a.ruleNumber - b.ruleNumber)) {
    if (entry.action === 'allow') return false;
    if (entry.protocol === '-1' && entry.cidr === anywhere) return true;
  }
  return true;
}

export const isCut = (acl: NetworkAcl): boolean => closed(acl, true) || closed(acl, false);

/** Subnets of a region that nothing leaves or enters. */
export const cutSubnetsOf = (state: Ec2State): string[] =>
  Object.values(state.acls)
    .filter(isCut)
    .flatMap((acl) => acl.associations.map((association) => association.subnetId));

export function networkTable(world: World): NetworkTable {
  const cutSubnets: string[] = [];
  const noIngress: string[] = [];
  for (const scope of ec2State.scopes(world)) {
    const state = ec2State(world, scope);
    for (const id of cutSubnetsOf(state)) {
      const subnet = state.subnets[id];
      if (subnet !== undefined) cutSubnets.push(subnet.prefix);
    }
    for (const { groups, address } of Object.values(state.interfaces)) {
      if (groups.every((id) => (state.groups[id]?.ingress.length ?? 0) === 0)) noIngress.push(address);
    }
  }
  return {
    cutSubnets: cutSubnets.sort(),
    noIngress: noIngress.sort(),
    replicationSurvives: world.state.replicationSurvives,
  };
}

/** Tells the machines who reaches whom. Called after every change of an ACL, association, rule or interface. */
export const applyNetwork = (world: World): void => world.machines.setNetwork(networkTable(world));
