import type { GetParameterCommandInput, GetParameterCommandOutput } from '@aws-sdk/client-ssm';
import type { Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import { parameterAt, told } from './state.ts';

/** GetParameter: a SecureString's value only with decryption, else its ciphertext. */
export const getParameter =
  (world: World): Handler<GetParameterCommandInput, GetParameterCommandOutput> =>
  ({ Name, WithDecryption = false }, call) => ({
    Parameter: told(call, parameterAt(world, call, Name), WithDecryption),
  });
