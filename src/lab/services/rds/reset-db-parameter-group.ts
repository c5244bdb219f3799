/** ResetDBParameterGroup: back to the engine's default, for the parameters that are named or for all, which then wait for a reboot. */
import type { ResetDBParameterGroupCommandInput, ResetDBParameterGroupCommandOutput } from '@aws-sdk/client-rds';
import { AwsError } from '../../wire/handler.ts';
import type { Handler } from '../../wire/handler.ts';
import { settingsOf } from '../../world/parameters.ts';
import type { World } from '../../world.ts';
import { changeable, requireOwnGroup, spread } from './parameter-changes.ts';

export const resetDBParameterGroup =
  (world: World): Handler<ResetDBParameterGroupCommandInput, ResetDBParameterGroupCommandOutput> =>
  ({ DBParameterGroupName, ResetAllParameters = false, Parameters = [] }, call) => {
    const group = requireOwnGroup(world, call, DBParameterGroupName);
    if (ResetAllParameters === Parameters.length > 0)
      throw new AwsError('InvalidParameterCombination', 'Give either the parameters to reset or ResetAllParameters.');
    const named = ResetAllParameters
      ? Object.keys(group.values).map((ParameterName) => ({ ParameterName }))
      : Parameters;
    const settings: Record<string, null> = {};
    const changes = named.map(changeable);
    for (const { spec, immediate } of changes) {
      const value = group.values[spec.name];
      delete group.values[spec.name];
      if (immediate && value !== undefined)
        for (const name of Object.keys(settingsOf({ [spec.name]: value }))) settings[name] = null;
    }
    const waits = changes.some(({ immediate }) => !immediate);
    spread(world, call, group, settings, waits);
    return { DBParameterGroupName: group.name };
  };
