import type { GetParametersCommandInput, GetParametersCommandOutput } from '@aws-sdk/client-ssm';
import { required, violated } from '../../wire/constraints.ts';
import { AwsError, type Call, type Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import { parameterAt, told, type Found } from './state.ts';

/** GetParameters: up to ten. What isn't there is told apart and is no error. */
export const getParameters =
  (world: World): Handler<GetParametersCommandInput, GetParametersCommandOutput> =>
  ({ Names, WithDecryption = false }, call) => {
    const names = required('names', Names);
    const shown = `[${names.join(', ')}]`;
    if (names.length === 0) throw violated('names', shown, 'have length greater than or equal to 1');
    if (names.length > 10) throw violated('names', shown, 'have length less than or equal to 10');
    const found = names.map((name) => foundOrNone(world, call, name));
    return {
      Parameters: found.flatMap((each) => (each ? [told(call, each, WithDecryption)] : [])),
      InvalidParameters: names.filter((_, i) => found[i] === undefined),
    };
  };

function foundOrNone(world: World, call: Call, name: string): Found | undefined {
  try {
    return parameterAt(world, call, name);
  } catch (error) {
    if (error instanceof AwsError && /^Parameter(Version)?NotFound$/.test(error.code)) return undefined;
    throw error;
  }
}
