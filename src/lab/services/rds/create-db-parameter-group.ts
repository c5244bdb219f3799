/** CreateDBParameterGroup, in the family of the lab's engine. */
import type { CreateDBParameterGroupCommandInput, CreateDBParameterGroupCommandOutput } from '@aws-sdk/client-rds';
import { AwsError } from '../../wire/handler.ts';
import type { Handler } from '../../wire/handler.ts';
import { rdsState } from '../../world/rds.ts';
import type { World } from '../../world.ts';
import { required, requireName } from './find.ts';
import { parameterGroupShape, tagMap } from './shapes.ts';

export const createDBParameterGroup =
  (world: World): Handler<CreateDBParameterGroupCommandInput, CreateDBParameterGroupCommandOutput> =>
  (input, call) => {
    const name = requireName('DBParameterGroupName', required('DBParameterGroupName', input.DBParameterGroupName), 255);
    const family = required('DBParameterGroupFamily', input.DBParameterGroupFamily);
    const description = required('Description', input.Description);
    if (family !== 'postgres18')
      throw new AwsError(
        'InvalidParameterValue',
        `ParameterGroupFamily ${family} is not a valid parameter group family`,
      );
    const { parameterGroups } = rdsState(world, call);
    if (parameterGroups[name] !== undefined)
      throw new AwsError('DBParameterGroupAlreadyExists', `Parameter group ${name} already exists`);
    const group = { name, family, description, values: {}, tags: tagMap(input.Tags) };
    parameterGroups[name] = group;
    return { DBParameterGroup: parameterGroupShape(call, group) };
  };
