import type { GetCallerIdentityCommandInput, GetCallerIdentityCommandOutput } from '@aws-sdk/client-sts';
import type { Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import { callerOf } from './caller.ts';

/** GetCallerIdentity */
export const getCallerIdentity =
  (world: World): Handler<GetCallerIdentityCommandInput, GetCallerIdentityCommandOutput> =>
  (_input, call) => {
    const { arn, userId } = callerOf(world, call);
    return { Account: call.account, Arn: arn, UserId: userId };
  };
