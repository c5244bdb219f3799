/** EC2: instances, and the parts of VPC that faults touch. */
import type { ServiceEmulation } from '../../wire/handler.ts';
import { registerInstanceTimers } from '../../world/instances.ts';
import type { World } from '../../world.ts';
import { authorizeSecurityGroupIngress } from './authorize-security-group-ingress.ts';
import { createNetworkAclEntry } from './create-network-acl-entry.ts';
import { createNetworkAcl } from './create-network-acl.ts';
import { createSecurityGroup } from './create-security-group.ts';
import { createTags } from './create-tags.ts';
import { deleteNetworkAcl } from './delete-network-acl.ts';
import { deleteSecurityGroup } from './delete-security-group.ts';
import { deleteTags } from './delete-tags.ts';
import { describeAvailabilityZones } from './describe-availability-zones.ts';
import { describeInstances } from './describe-instances.ts';
import { describeLaunchTemplates } from './describe-launch-templates.ts';
import { describeNetworkAcls } from './describe-network-acls.ts';
import { describeNetworkInterfaces } from './describe-network-interfaces.ts';
import { describeSecurityGroups } from './describe-security-groups.ts';
import { describeSubnets } from './describe-subnets.ts';
import { describeTags } from './describe-tags.ts';
import { describeVpcs } from './describe-vpcs.ts';
import { replaceNetworkAclAssociation } from './replace-network-acl-association.ts';
import { revokeSecurityGroupEgress } from './revoke-security-group-egress.ts';
import { revokeSecurityGroupIngress } from './revoke-security-group-ingress.ts';
import { runInstances } from './run-instances.ts';
import { startInstances } from './start-instances.ts';
import { stopInstances } from './stop-instances.ts';
import { terminateInstances } from './terminate-instances.ts';

export function ec2(world: World): ServiceEmulation {
  registerInstanceTimers(world);
  return {
    client: 'ec2',
    operations: {
      AuthorizeSecurityGroupIngress: authorizeSecurityGroupIngress(world),
      CreateNetworkAclEntry: createNetworkAclEntry(world),
      CreateNetworkAcl: createNetworkAcl(world),
      CreateSecurityGroup: createSecurityGroup(world),
      CreateTags: createTags(world),
      DeleteNetworkAcl: deleteNetworkAcl(world),
      DeleteSecurityGroup: deleteSecurityGroup(world),
      DeleteTags: deleteTags(world),
      DescribeAvailabilityZones: describeAvailabilityZones(world),
      DescribeInstances: describeInstances(world),
      DescribeLaunchTemplates: describeLaunchTemplates(world),
      DescribeNetworkAcls: describeNetworkAcls(world),
      DescribeNetworkInterfaces: describeNetworkInterfaces(world),
      DescribeSecurityGroups: describeSecurityGroups(world),
      DescribeSubnets: describeSubnets(world),
      DescribeTags: describeTags(world),
      DescribeVpcs: describeVpcs(world),
      ReplaceNetworkAclAssociation: replaceNetworkAclAssociation(world),
      RevokeSecurityGroupEgress: revokeSecurityGroupEgress(world),
      RevokeSecurityGroupIngress: revokeSecurityGroupIngress(world),
      RunInstances: runInstances(world),
      StartInstances: startInstances(world),
      StopInstances: stopInstances(world),
      TerminateInstances: terminateInstances(world),
    },
  };
}
