/**
 * ModifyDBParameterGroup. `immediate` is for dynamic parameters and reaches every instance of the group that runs; the rest waits
 * for a reboot. A group that was associated without a reboot since lets only what is changed now through.
 *
 * Source: RDS user guide, "Working with parameter groups".
 */
import type { ModifyDBParameterGroupCommandInput, ModifyDBParameterGroupCommandOutput } from '@aws-sdk/client-rds';
import { AwsError } from '../../wire/handler.ts';
import type { Handler } from '../../wire/handler.ts';
import { allows, settingsOf } from '../../world/parameters.ts';
import type { World } from '../../world.ts';
import { required } from './find.ts';
import { changeable, requireOwnGroup, spread } from './parameter-changes.ts';

export const modifyDBParameterGroup =
  (world: World): Handler<ModifyDBParameterGroupCommandInput, ModifyDBParameterGroupCommandOutput> =>
  ({ DBParameterGroupName, Parameters = [] }, call) => {
    const group = requireOwnGroup(world, call, DBParameterGroupName);
    if (Parameters.length === 0 || Parameters.length > 20)
      throw new AwsError('InvalidParameterValue', 'A maximum of 20 parameters can be modified in a single request.');
    const changes = Parameters.map((parameter) => {
      const { spec, immediate } = changeable(parameter);
      const value = required('ParameterValue', parameter.ParameterValue);
      if (!allows(spec, value))
        throw new AwsError(
          'InvalidParameterValue',
          `Invalid parameter value: ${value} for: ${spec.name} allowed values are: ${spec.allowed}`,
        );
      return { name: spec.name, value, immediate };
    });
    for (const { name, value } of changes) group.values[name] = value;
    const dynamic = changes.filter(({ immediate }) => immediate).map(({ name, value }) => [name, value]);
    const waits = dynamic.length < changes.length;
    spread(world, call, group, settingsOf(Object.fromEntries(dynamic) as Record<string, string>), waits);
    return { DBParameterGroupName: group.name };
  };
