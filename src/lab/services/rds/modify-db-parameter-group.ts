/**
 * ModifyDBParameterGroup. `immediate` is for dynamic parameters and reaches every instance of the group that runs; the rest waits
 * for a reboot. A group that was associated without a reboot since lets only what is changed now through.
 *
 * Source: RDS user guide, "Working with parameter groups".
 */
import type {
  ModifyDBParameterGroupCommandInput,
  ModifyDBParameterGroupCommandOutput,
  Parameter,
} from '@aws-sdk/client-rds';
import { AwsError } from '../../wire/handler.ts';
import type { Handler } from '../../wire/handler.ts';
import { allows, parameterNamed, settingsOf } from '../../world/parameters.ts';
import { rdsState } from '../../world/rds.ts';
import type { World } from '../../world.ts';
import { required, requireParameterGroup } from './find.ts';

/** How long RDS takes to bring a dynamic parameter to an instance, milliseconds. */
const reloadMs = 10_000;

export const modifyDBParameterGroup =
  (world: World): Handler<ModifyDBParameterGroupCommandInput, ModifyDBParameterGroupCommandOutput> =>
  ({ DBParameterGroupName, Parameters = [] }, call) => {
    const group = requireParameterGroup(world, call, DBParameterGroupName);
    if (group.name.startsWith('default.'))
      throw new AwsError('InvalidDBParameterGroupState', `Cannot modify a default parameter group.`);
    if (Parameters.length === 0 || Parameters.length > 20)
      throw new AwsError('InvalidParameterValue', 'A maximum of 20 parameters can be modified in a single request.');
    const changes = Parameters.map(validated);
    const dynamic: Record<string, string> = {};
    for (const { name, value, immediate } of changes) {
      group.values[name] = value;
      if (immediate) dynamic[name] = value;
    }
    const settings = settingsOf(dynamic);
    const waits = changes.some(({ immediate }) => !immediate);
    for (const db of Object.values(rdsState(world, call).instances)) {
      if (db.parameterGroup.name !== group.name) continue;
      if (Object.keys(settings).length > 0) {
        if (db.parameterGroup.applyStatus === 'in-sync') db.parameterGroup.applyStatus = 'applying';
        const lane = `rds:${db.resourceId}`;
        world.after(world.duration(reloadMs), 'rds.reload', call, { id: db.resourceId, settings }, lane);
      }
      if (waits) db.parameterGroup.applyStatus = 'pending-reboot';
    }
    return { DBParameterGroupName: group.name };
  };

function validated({ ParameterName, ParameterValue, ApplyMethod }: Parameter): {
  name: string;
  value: string;
  immediate: boolean;
} {
  const name = required('ParameterName', ParameterName);
  const value = required('ParameterValue', ParameterValue);
  const spec = parameterNamed(name);
  if (spec === undefined) throw new AwsError('InvalidParameterValue', `Could not find parameter with name: ${name}`);
  if (!spec.modifiable) throw new AwsError('InvalidParameterValue', `The parameter ${name} cannot be modified.`);
  if (!allows(spec, value))
    throw new AwsError(
      'InvalidParameterValue',
      `Invalid parameter value: ${value} for: ${name} allowed values are: ${spec.allowed}`,
    );
  const immediate = ApplyMethod === 'immediate';
  if (immediate && spec.apply === 'static')
    throw new AwsError('InvalidParameterCombination', 'cannot use immediate apply method for static parameter');
  return { name, value, immediate };
}
