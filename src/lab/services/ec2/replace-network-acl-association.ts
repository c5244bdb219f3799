/** ReplaceNetworkAclAssociation: the subnet gets another ACL, and the association another id. The old id is gone. */
import type {
  ReplaceNetworkAclAssociationCommandInput,
  ReplaceNetworkAclAssociationCommandOutput,
} from '@aws-sdk/client-ec2';
import { AwsError } from '../../wire/handler.ts';
import type { Handler } from '../../wire/handler.ts';
import { ec2State } from '../../world/ec2.ts';
import { ec2Id } from '../../world/ids.ts';
import { applyNetwork } from '../../world/network.ts';
import type { World } from '../../world.ts';
import { refuseDryRun, required, requireAcl } from './find.ts';

export const replaceNetworkAclAssociation =
  (world: World): Handler<ReplaceNetworkAclAssociationCommandInput, ReplaceNetworkAclAssociationCommandOutput> =>
  ({ AssociationId, NetworkAclId, DryRun }, call) => {
    const id = required('associationId', AssociationId);
    const { acls } = ec2State(world, call);
    const from = Object.values(acls).find(({ associations }) => associations.some((each) => each.id === id));
    const old = from?.associations.find((each) => each.id === id);
    if (from === undefined || old === undefined)
      throw new AwsError('InvalidAssociationID.NotFound', `The association ID '${id}' does not exist`);
    const to = requireAcl(world, call, NetworkAclId);
    if (to.vpcId !== from.vpcId)
      throw new AwsError('InvalidParameterValue', `${to.id} and ${old.subnetId} belong to different networks.`);
    refuseDryRun(DryRun);
    const NewAssociationId = ec2Id(world, 'aclassoc');
    from.associations = from.associations.filter((each) => each !== old);
    to.associations.push({ id: NewAssociationId, subnetId: old.subnetId });
    applyNetwork(world);
    return { NewAssociationId };
  };
