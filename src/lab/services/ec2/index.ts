/** EC2: instances, and the parts of VPC that faults touch. */
import type { ServiceEmulation } from '../../wire/handler.ts';
import { registerInstanceTimers } from '../../world/instances.ts';
import type { World } from '../../world.ts';
import { authorizeSecurityGroupRules } from './authorize-security-group-rules.ts';
import { createNetworkAclEntry } from './create-network-acl-entry.ts';
import { createNetworkAcl } from './create-network-acl.ts';
import { createSecurityGroup } from './create-security-group.ts';
import { createTags } from './create-tags.ts';
import { deleteNetworkAcl } from './delete-network-acl.ts';
import { deleteSecurityGroup } from './delete-security-group.ts';
import { deleteTags } from './delete-tags.ts';
import { describeAvailabilityZones } from './describe-availability-zones.ts';
import { describeImages } from './describe-images.ts';
import { describeInstanceAttribute } from './describe-instance-attribute.ts';
import { describeInstanceStatus } from './describe-instance-status.ts';
import { describeInstances } from './describe-instances.ts';
import { describeLaunchTemplateVersions } from './describe-launch-template-versions.ts';
import { describeLaunchTemplates } from './describe-launch-templates.ts';
import { describeManagedPrefixLists } from './describe-managed-prefix-lists.ts';
import { describeNetworkAcls } from './describe-network-acls.ts';
import { describeNetworkInterfaces } from './describe-network-interfaces.ts';
import { describePrefixLists } from './describe-prefix-lists.ts';
import { describeSecurityGroups } from './describe-security-groups.ts';
import { describeSubnets } from './describe-subnets.ts';
import { describeTags } from './describe-tags.ts';
import { describeVpcs } from './describe-vpcs.ts';
import { replaceNetworkAclAssociation } from './replace-network-acl-association.ts';
import { revokeSecurityGroupRules } from './revoke-security-group-rules.ts';
import { runInstances } from './run-instances.ts';
import { startInstances } from './start-instances.ts';
import { stopInstances } from './stop-instances.ts';
import { terminateInstances } from './terminate-instances.ts';

export function ec2(world: World): ServiceEmulation {
  registerInstanceTimers(world);
  return {
    client: 'ec2',
    operations: {
      AuthorizeSecurityGroupEgress: authorizeSecurityGroupRules(world, 'egress'),
      AuthorizeSecurityGroupIngress: authorizeSecurityGroupRules(world, 'ingress'),
      CreateNetworkAcl: createNetworkAcl(world),
      CreateNetworkAclEntry: createNetworkAclEntry(world),
      CreateSecurityGroup: createSecurityGroup(world),
      CreateTags: createTags(world),
      DeleteNetworkAcl: deleteNetworkAcl(world),
      DeleteSecurityGroup: deleteSecurityGroup(world),
      DeleteTags: deleteTags(world),
      DescribeAvailabilityZones: describeAvailabilityZones(world),
      DescribeImages: describeImages(world),
      DescribeInstanceAttribute: describeInstanceAttribute(world),
      DescribeInstanceStatus: describeInstanceStatus(world),
      DescribeInstances: describeInstances(world),
      DescribeLaunchTemplateVersions: describeLaunchTemplateVersions(world),
      DescribeLaunchTemplates: describeLaunchTemplates(world),
      DescribeManagedPrefixLists: describeManagedPrefixLists(world),
      DescribeNetworkAcls: describeNetworkAcls(world),
      DescribeNetworkInterfaces: describeNetworkInterfaces(world),
      DescribePrefixLists: describePrefixLists(world),
      DescribeSecurityGroups: describeSecurityGroups(world),
      DescribeSubnets: describeSubnets(world),
      DescribeTags: describeTags(world),
      DescribeVpcs: describeVpcs(world),
      ReplaceNetworkAclAssociation: replaceNetworkAclAssociation(world),
      RevokeSecurityGroupEgress: revokeSecurityGroupRules(world, 'egress'),
      RevokeSecurityGroupIngress: revokeSecurityGroupRules(world, 'ingress'),
      RunInstances: runInstances(world),
      StartInstances: startInstances(world),
      StopInstances: stopInstances(world),
      TerminateInstances: terminateInstances(world),
    },
  };
}
