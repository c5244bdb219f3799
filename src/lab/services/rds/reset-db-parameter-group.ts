/** ResetDBParameterGroup: back to the engine's default, for the parameters that are named or for all. As ModifyDBParameterGroup otherwise. */
import type { ResetDBParameterGroupCommandInput, ResetDBParameterGroupCommandOutput } from '@aws-sdk/client-rds';
import type { Handler } from '../../wire/handler.ts';
import { parameterNamed } from '../../world/parameters.ts';
import type { World } from '../../world.ts';
import { requireParameterGroup } from './find.ts';
import { modifyDBParameterGroup } from './modify-db-parameter-group.ts';

export const resetDBParameterGroup =
  (world: World): Handler<ResetDBParameterGroupCommandInput, ResetDBParameterGroupCommandOutput> =>
  async ({ DBParameterGroupName, ResetAllParameters, Parameters = [] }, call) => {
    const group = requireParameterGroup(world, call, DBParameterGroupName);
    const all = Object.keys(group.values).map((ParameterName) => ({
      ParameterName,
      ApplyMethod: 'pending-reboot' as const,
    }));
    const reset = ResetAllParameters === true ? all : Parameters;
    const defaults = reset.map((parameter) => ({
      ...parameter,
      ParameterValue: parameterNamed(parameter.ParameterName ?? '')?.value ?? '0',
    }));
    const answer = await modifyDBParameterGroup(world)({ DBParameterGroupName, Parameters: defaults }, call);
    for (const { ParameterName = '' } of reset) delete group.values[ParameterName];
    return answer;
  };
