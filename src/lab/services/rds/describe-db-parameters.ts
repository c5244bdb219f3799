/** DescribeDBParameters: the parameters that the lab knows, with what the group changed (source `user`). */
import type { DescribeDBParametersCommandInput, DescribeDBParametersCommandOutput } from '@aws-sdk/client-rds';
import type { Parameter } from '@aws-sdk/client-rds';
import type { Handler } from '../../wire/handler.ts';
import { parameters } from '../../world/parameters.ts';
import type { ParameterSpec } from '../../world/parameters.ts';
import type { World } from '../../world.ts';
import { requireParameterGroup } from './find.ts';
import { page } from './page.ts';

export const describeDBParameters =
  (world: World): Handler<DescribeDBParametersCommandInput, DescribeDBParametersCommandOutput> =>
  (input, call) => {
    const { values } = requireParameterGroup(world, call, input.DBParameterGroupName);
    const all = parameters
      .map((spec) => shape(spec, values[spec.name]))
      .filter(({ Source }) => input.Source === undefined || input.Source === Source);
    const { items, marker } = page(all, ({ ParameterName = '' }) => ParameterName, input);
    return { Parameters: items, Marker: marker };
  };

const shape = (spec: ParameterSpec, changed: string | undefined): Parameter => ({
  ParameterName: spec.name,
  ParameterValue: changed ?? spec.value,
  Description: spec.description,
  Source: changed !== undefined ? 'user' : spec.value === undefined ? 'engine-default' : 'system',
  ApplyType: spec.apply,
  DataType: spec.type,
  AllowedValues: spec.allowed,
  IsModifiable: spec.modifiable,
  ApplyMethod: 'pending-reboot',
});
