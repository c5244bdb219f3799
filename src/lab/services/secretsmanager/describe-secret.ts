import type { DescribeSecretCommandInput, DescribeSecretCommandOutput } from '@aws-sdk/client-secrets-manager';
import type { Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import { secretAt, stagesOf } from './state.ts';
import { described } from './shapes.ts';

/** DescribeSecret: all but the value. One that is marked for deletion says when. */
export const describeSecret =
  (world: World): Handler<DescribeSecretCommandInput, DescribeSecretCommandOutput> =>
  ({ SecretId }, call) => {
    const secret = secretAt(world, call, SecretId);
    const stages = stagesOf(secret);
    return { ...described(secret), VersionIdsToStages: Object.keys(stages).length === 0 ? undefined : stages };
  };
