/** CreateNetworkAcl: a custom ACL denies everything until it has entries. A client token makes it once only. */
import type { CreateNetworkAclCommandInput, CreateNetworkAclCommandOutput } from '@aws-sdk/client-ec2';
import { AwsError } from '../../wire/handler.ts';
import type { Handler } from '../../wire/handler.ts';
import { ec2State } from '../../world/ec2.ts';
import { ec2Id } from '../../world/ids.ts';
import type { World } from '../../world.ts';
import { refuseDryRun, requireVpc } from './find.ts';
import { aclShape } from './shapes.ts';
import { specifiedTags } from './tags.ts';

export const createNetworkAcl =
  (world: World): Handler<CreateNetworkAclCommandInput, CreateNetworkAclCommandOutput> =>
  (input, call) => {
    const state = ec2State(world, call);
    const vpcId = requireVpc(world, call, input.VpcId);
    const tags = specifiedTags(input.TagSpecifications, 'network-acl');
    const { ClientToken: clientToken } = input;
    const made = Object.values(state.acls).find((acl) => clientToken !== undefined && acl.clientToken === clientToken);
    if (made !== undefined) {
      if (made.vpcId !== vpcId)
        throw new AwsError(
          'IdempotentParameterMismatch',
          'The client token was already used with different parameters of the request.',
        );
      return { NetworkAcl: aclShape(state, call, made), ClientToken: clientToken };
    }
    refuseDryRun(input.DryRun);
    const id = ec2Id(world, 'acl');
    const acl = { id, vpcId, isDefault: false, entries: [], associations: [] };
    state.acls[id] = clientToken === undefined ? acl : { ...acl, clientToken };
    state.tags[id] = tags;
    return { NetworkAcl: aclShape(state, call, acl), ClientToken: clientToken };
  };
