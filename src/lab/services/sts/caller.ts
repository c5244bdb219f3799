/** Who calls, as GetCallerIdentity and refusals name them. */
import type { Call } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import { sessionAt, type Session } from './state.ts';

export interface Caller {
  arn: string;
  userId: string;
  /** Present for assumed roles. */
  session?: Session;
}

export const assumedRoleArn = ({ account, roleName, sessionName }: Session): string =>
  `arn:aws:sts::${account}:assumed-role/${roleName}/${sessionName}`;

export const assumedRoleId = ({ roleId, sessionName }: Session): string => `${roleId}:${sessionName}`;

export function callerOf(world: World, { account, accessKeyId }: Call): Caller {
  const session = sessionAt(world, accessKeyId);
  return session
    ? { arn: assumedRoleArn(session), userId: assumedRoleId(session), session }
    : { arn: `arn:aws:iam::${account}:user/lab`, userId: 'AIDALAB00000000000000' };
}
