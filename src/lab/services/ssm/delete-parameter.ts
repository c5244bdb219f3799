import type { DeleteParameterCommandInput, DeleteParameterCommandOutput } from '@aws-sdk/client-ssm';
import type { Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import { parameterAt, parametersOf } from './state.ts';

/** DeleteParameter, with all its versions. */
export const deleteParameter =
  (world: World): Handler<DeleteParameterCommandInput, DeleteParameterCommandOutput> =>
  ({ Name }, call) => {
    const { parameter } = parameterAt(world, call, Name);
    delete parametersOf(world, call)[parameter.name];
    return {};
  };
