/** What STS knows: roles that can be assumed (IAM's, kept here because nothing else of IAM is emulated) and sessions that run. */
import { AwsError } from '../../wire/handler.ts';
import { defineSlice, globally, type World } from '../../world.ts';
import { alphanumeric } from '../../world/ids.ts';

export interface Role {
  name: string;
  /** With slashes at both ends. */
  path: string;
  /** `AROA…` */
  id: string;
  /** Accounts whose identities may assume it. */
  trusts: string[];
  /** Must be presented, where there is one. */
  externalId?: string;
  maxSessionSeconds: number;
}

export interface Session {
  accessKeyId: string;
  token: string;
  account: string;
  roleName: string;
  roleId: string;
  sessionName: string;
  /** Epoch milliseconds of the world's wall clock. */
  expiresAt: number;
}

export const rolesOf = defineSlice<Record<string, Role>>('sts.roles', () => ({}));

/** Sessions by access key id. They are found by it alone, so they stand in one place for all accounts. */
const sessionsOf = defineSlice<Record<string, Session>>('sts.sessions', () => ({}));
const everywhere = globally({ account: 'all' });

export interface NewRole {
  account: string;
  name: string;
  /** @default its own account */
  trusts?: readonly string[];
  externalId?: string;
  /** @default 3600, as on AWS */
  maxSessionSeconds?: number;
  /** @default '/' */
  path?: string;
}

/** Puts a role into the world. @returns its ARN */
export function addRole(world: World, role: NewRole): string {
  const { account, name, trusts = [account], externalId, maxSessionSeconds = 3600, path = '/' } = role;
  const id = `AROA${alphanumeric(world, 17)}`;
  rolesOf(world, globally({ account }))[name] = {
    name,
    path,
    id,
    trusts: [...trusts],
    ...(externalId === undefined ? {} : { externalId }),
    maxSessionSeconds,
  };
  return roleArn(account, path, name);
}

export const roleArn = (account: string, path: string, name: string): string =>
  `arn:aws:iam::${account}:role${path}${name}`;

export const sessionAt = (world: World, accessKeyId: string): Session | undefined =>
  sessionsOf(world, everywhere)[accessKeyId];

/** Keeps a session, and forgets those that expired a day ago: until then they are told that they are expired. */
export function keepSession(world: World, session: Session): void {
  const sessions = sessionsOf(world, everywhere);
  const longAgo = world.clock.wall().getTime() - 24 * 3_600_000;
  for (const [key, { expiresAt }] of Object.entries(sessions)) if (expiresAt < longAgo) delete sessions[key];
  sessions[session.accessKeyId] = session;
}

/** Account of credentials that no session gave and that don't say theirs. */
const defaultAccount = '000000000000';

/**
 * The account that credentials belong to: that of the session; else the one that the access key id is, when it is twelve digits;
 * else the lab's only one.
 * @throws AwsError InvalidClientTokenId, ExpiredToken
 */
export function accountOf(world: World, accessKeyId: string, token: string | undefined): string {
  const session = sessionAt(world, accessKeyId);
  if (session) {
    if (session.token !== token) throw invalidToken();
    if (session.expiresAt <= world.clock.wall().getTime()) {
      throw new AwsError('ExpiredToken', 'The security token included in the request is expired', 403);
    }
    return session.account;
  }
  // Temporary keys begin with ASIA.
  if (token !== undefined || accessKeyId.startsWith('ASIA')) throw invalidToken();
  return /^\d{12}$/.test(accessKeyId) ? accessKeyId : defaultAccount;
}

const invalidToken = (): AwsError =>
  new AwsError('InvalidClientTokenId', 'The security token included in the request is invalid.', 403);
