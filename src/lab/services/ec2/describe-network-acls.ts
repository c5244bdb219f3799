/** DescribeNetworkAcls, with the deny that every ACL ends with. */
import type { DescribeNetworkAclsCommandInput, DescribeNetworkAclsCommandOutput } from '@aws-sdk/client-ec2';
import { AwsError } from '../../wire/handler.ts';
import type { Handler } from '../../wire/handler.ts';
import { ec2State } from '../../world/ec2.ts';
import type { NetworkAcl } from '../../world/ec2.ts';
import type { World } from '../../world.ts';
import { byIds, filtered, pageOf } from './select.ts';
import { aclShape } from './shapes.ts';

export const describeNetworkAcls =
  (world: World): Handler<DescribeNetworkAclsCommandInput, DescribeNetworkAclsCommandOutput> =>
  (input, call) => {
    const state = ec2State(world, call);
    const chosen = byIds(
      state.acls,
      input.NetworkAclIds,
      (id) => new AwsError('InvalidNetworkAclID.NotFound', `The networkAcl ID '${id}' does not exist`),
    );
    const { items, next } = pageOf(filtered(state, chosen, input.Filters, valuesOf), input);
    return { NextToken: next, NetworkAcls: items.map((acl) => aclShape(state, call, acl)) };
  };

function valuesOf(acl: NetworkAcl, filter: string): (string | undefined)[] | undefined {
  switch (filter) {
    case 'network-acl-id':
      return [acl.id];
    case 'vpc-id':
      return [acl.vpcId];
    case 'default':
      return [String(acl.isDefault)];
    case 'association.subnet-id':
      return acl.associations.map(({ subnetId }) => subnetId);
    case 'association.association-id':
      return acl.associations.map(({ id }) => id);
    case 'association.network-acl-id':
      return acl.associations.map(() => acl.id);
    default:
      return undefined;
  }
}
