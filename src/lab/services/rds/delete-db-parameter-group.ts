/** DeleteDBParameterGroup: default groups and groups in use stay. */
import type { DeleteDBParameterGroupCommandInput, DeleteDBParameterGroupCommandOutput } from '@aws-sdk/client-rds';
import { AwsError } from '../../wire/handler.ts';
import type { Handler } from '../../wire/handler.ts';
import { rdsState } from '../../world/rds.ts';
import type { World } from '../../world.ts';
import { requireParameterGroup } from './find.ts';
import { usersOf } from './tagged.ts';

export const deleteDBParameterGroup =
  (world: World): Handler<DeleteDBParameterGroupCommandInput, DeleteDBParameterGroupCommandOutput> =>
  ({ DBParameterGroupName }, call) => {
    const { name } = requireParameterGroup(world, call, DBParameterGroupName);
    if (name.startsWith('default.'))
      throw new AwsError('InvalidDBParameterGroupState', 'Default DBParameterGroup cannot be deleted: ' + name);
    if (usersOf(world, call, name) > 0)
      throw new AwsError(
        'InvalidDBParameterGroupState',
        'One or more database instances are still members of this parameter group ' +
          name +
          ', so the group cannot be deleted',
      );
    delete rdsState(world, call).parameterGroups[name];
    return {};
  };
