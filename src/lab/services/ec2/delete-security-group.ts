/** DeleteSecurityGroup: neither the default one, nor one on an interface or in a rule of another. */
import type { DeleteSecurityGroupCommandInput, DeleteSecurityGroupCommandOutput } from '@aws-sdk/client-ec2';
import { AwsError } from '../../wire/handler.ts';
import type { Handler } from '../../wire/handler.ts';
import { ec2State } from '../../world/ec2.ts';
import { rdsState } from '../../world/rds.ts';
import type { World } from '../../world.ts';
import { refuseDryRun, requireGroup } from './find.ts';

export const deleteSecurityGroup =
  (world: World): Handler<DeleteSecurityGroupCommandInput, DeleteSecurityGroupCommandOutput> =>
  ({ GroupId, DryRun }, call) => {
    const { id, name } = requireGroup(world, call, GroupId);
    if (name === 'default')
      throw new AwsError(
        'CannotDelete',
        'the specified group: "' + id + '" name: "default" cannot be deleted by a user',
      );
    const state = ec2State(world, call);
    const onInterface = Object.values(state.interfaces).some(({ groups }) => groups.includes(id));
    const onDatabase = Object.values(rdsState(world, call).instances).some(({ securityGroups }) =>
      securityGroups.some((each) => each.id === id),
    );
    const inRule = Object.values(state.groups).some(
      (group) => group.id !== id && [...group.ingress, ...group.egress].some(({ groupId }) => groupId === id),
    );
    if (onInterface || onDatabase || inRule)
      throw new AwsError('DependencyViolation', `resource ${id} has a dependent object`);
    refuseDryRun(DryRun);
    delete state.groups[id];
    delete state.tags[id];
    return { Return: true, GroupId: id };
  };
