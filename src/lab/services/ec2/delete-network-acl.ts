/** DeleteNetworkAcl: neither the default one nor one that a subnet uses. */
import type { DeleteNetworkAclCommandInput, DeleteNetworkAclCommandOutput } from '@aws-sdk/client-ec2';
import { AwsError } from '../../wire/handler.ts';
import type { Handler } from '../../wire/handler.ts';
import { ec2State } from '../../world/ec2.ts';
import type { World } from '../../world.ts';
import { refuseDryRun, requireAcl } from './find.ts';

export const deleteNetworkAcl =
  (world: World): Handler<DeleteNetworkAclCommandInput, DeleteNetworkAclCommandOutput> =>
  ({ NetworkAclId, DryRun }, call) => {
    const acl = requireAcl(world, call, NetworkAclId);
    if (acl.isDefault) throw new AwsError('InvalidParameterValue', `Cannot delete default network ACL ${acl.id}`);
    if (acl.associations.length > 0)
      throw new AwsError('DependencyViolation', `The networkAcl '${acl.id}' has dependencies and cannot be deleted.`);
    refuseDryRun(DryRun);
    const state = ec2State(world, call);
    delete state.acls[acl.id];
    delete state.tags[acl.id];
    return {};
  };
