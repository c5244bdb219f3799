/**
 * AssumeRole: the role's account trusts the caller's, the external id is the right one, and the duration is allowed. Session
 * policies are accepted and not enforced: the lab has no authorisation besides.
 */
import type { AssumeRoleCommandInput, AssumeRoleCommandOutput } from '@aws-sdk/client-sts';
import { AwsError, type Handler } from '../../wire/handler.ts';
import { globally, type World } from '../../world.ts';
import { alphanumeric, hex } from '../../world/ids.ts';
import { assumedRoleArn, assumedRoleId, callerOf } from './caller.ts';
import { keepSession, roleArn, rolesOf, type Role, type Session } from './state.ts';

/** Source: IAM user guide, role chaining. */
const mostChainedSeconds = 3600;

export const assumeRole =
  (world: World): Handler<AssumeRoleCommandInput, AssumeRoleCommandOutput> =>
  (input, call) => {
    const { RoleArn = '', RoleSessionName: sessionName = '', DurationSeconds: seconds = 3600 } = input;
    checkShape(RoleArn, sessionName, seconds, input.ExternalId);
    const caller = callerOf(world, call);
    const [, account = '', name = ''] = /^arn:aws:iam::(\d{12}):role\/(?:.*\/)?([^/]+)$/.exec(RoleArn) ?? [];
    const role: Role | undefined = rolesOf(world, globally({ account }))[name];
    if (!role || roleArn(account, role.path, role.name) !== RoleArn || !admits(role, call.account, input.ExternalId)) {
      const message = `User: ${caller.arn} is not authorized to perform: sts:AssumeRole on resource: ${RoleArn}`;
      throw new AwsError('AccessDenied', message, 403);
    }
    if (caller.session && seconds > mostChainedSeconds) {
      throw invalid(
        'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
      );
    }
    if (seconds > role.maxSessionSeconds) {
      throw invalid('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.');
    }

    const session: Session = {
      accessKeyId: `ASIA${alphanumeric(world, 16)}`,
      token: `lab.${hex(world, 64)}`,
      account,
      roleName: role.name,
      roleId: role.id,
      sessionName,
      expiresAt: world.clock.wall().getTime() + seconds * 1000,
    };
    keepSession(world, session);
    return {
      Credentials: {
        AccessKeyId: session.accessKeyId,
        SecretAccessKey: hex(world, 40),
        SessionToken: session.token,
        Expiration: new Date(session.expiresAt),
      },
      AssumedRoleUser: { AssumedRoleId: assumedRoleId(session), Arn: assumedRoleArn(session) },
    };
  };

const admits = (role: Role, account: string, externalId: string | undefined): boolean =>
  role.trusts.includes(account) && (role.externalId === undefined || role.externalId === externalId);

const invalid = (message: string): AwsError => new AwsError('ValidationError', message);

function checkShape(arn: string, sessionName: string, seconds: number, externalId: string | undefined): void {
  const failed = (member: string, value: string | number, constraint: string) =>
    invalid(
      `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: Member must ${constraint}`,
    );
  if (arn.length < 20) throw failed('roleArn', arn, 'have length greater than or equal to 20');
  if (!/^arn:[^:]*:iam::/.test(arn)) throw invalid(`${arn} is invalid`);
  if (!/^[\w+=,.@-]{2,64}$/.test(sessionName)) {
    throw failed('roleSessionName', sessionName, 'satisfy regular expression pattern: [\\w+=,.@-]*');
  }
  if (seconds < 900) throw failed('durationSeconds', seconds, 'have value greater than or equal to 900');
  if (seconds > 43_200) throw failed('durationSeconds', seconds, 'have value less than or equal to 43200');
  if (externalId !== undefined && !/^[\w+=,.@:/-]{2,1224}$/.test(externalId)) {
    throw failed('externalId', externalId, 'satisfy regular expression pattern: [\\w+=,.@:\\/-]*');
  }
}
