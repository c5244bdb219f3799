/**
 * What Secrets Manager keeps: secrets by name, each with versions that carry staging labels. Values lie in the world as they are;
 * keys are names only.
 */
import { required } from '../../wire/constraints.ts';
import { AwsError, type Call } from '../../wire/handler.ts';
import { defineSlice, type Scope, type World } from '../../world.ts';
import { alphanumeric, arn, uuid } from '../../world/ids.ts';

export interface SecretVersion {
  id: string;
  text?: string;
  /** Base64. */
  bytes?: string;
  /** ISO 8601. */
  createdAt: string;
  /** AWSCURRENT, AWSPREVIOUS, and what callers say; a label is at one version at a time. */
  stages: string[];
}

export interface Secret {
  name: string;
  /** Ends with a hyphen and six characters that the name doesn't have. */
  arn: string;
  description?: string;
  kmsKeyId?: string;
  tags: Record<string, string>;
  /** ISO 8601. */
  createdAt: string;
  changedAt: string;
  /** The day on which it was last read. */
  accessedAt?: string;
  /** End of its recovery window, when it was deleted. */
  deletesAt?: string;
  versions: Record<string, SecretVersion>;
}

const slice = defineSlice<Record<string, Secret>>('secretsmanager', () => ({}));

/** All secrets whose recovery window hasn't ended, by name. */
export function secretsOf(world: World, scope: Scope): Record<string, Secret> {
  const secrets = slice(world, scope);
  const now = world.nowIso();
  for (const { name, deletesAt } of Object.values(secrets)) {
    if (deletesAt !== undefined && deletesAt <= now) delete secrets[name];
  }
  return secrets;
}

export interface NewSecret {
  name: string;
  description?: string | undefined;
  kmsKeyId?: string | undefined;
  tags?: Readonly<Record<string, string>>;
}

/** Puts a secret without a value into the world. */
export function addSecret(world: World, scope: Scope, { name, description, kmsKeyId, tags }: NewSecret): Secret {
  const now = world.nowIso();
  const secret: Secret = {
    name,
    arn: arn('secretsmanager', scope, `secret:${name}-${alphanumeric(world, 6)}`),
    ...(description === undefined ? {} : { description }),
    ...(kmsKeyId === undefined ? {} : { kmsKeyId }),
    tags: { ...tags },
    createdAt: now,
    changedAt: now,
    versions: {},
  };
  secretsOf(world, scope)[name] = secret;
  return secret;
}

/** A value: one of the two. */
export type SecretValue = Pick<SecretVersion, 'text' | 'bytes'>;

export const current = 'AWSCURRENT';
const previous = 'AWSPREVIOUS';

/** Adds a version and gives it the labels; the version that was current becomes the previous one. */
export function addVersion(
  world: World,
  secret: Secret,
  value: SecretValue,
  { id = uuid(world), stages = [current] }: { id?: string | undefined; stages?: readonly string[] } = {},
): SecretVersion {
  const now = world.nowIso();
  const before = versionAt(secret, current);
  for (const stage of stages) unlabel(secret, stage);
  if (before && stages.includes(current)) {
    unlabel(secret, previous);
    before.stages.push(previous);
  }
  const version: SecretVersion = { id, ...value, createdAt: now, stages: [...stages] };
  secret.versions[id] = version;
  secret.changedAt = now;
  return version;
}

function unlabel(secret: Secret, stage: string): void {
  for (const version of Object.values(secret.versions)) {
    version.stages = version.stages.filter((each) => each !== stage);
  }
}

export const versionAt = (secret: Secret, stage: string): SecretVersion | undefined =>
  Object.values(secret.versions).find(({ stages }) => stages.includes(stage));

/** Versions that have a label; others are on their way out and not shown. */
export const stagesOf = (secret: Secret): Record<string, string[]> =>
  Object.fromEntries(
    Object.values(secret.versions)
      .filter(({ stages }) => stages.length > 0)
      .map(({ id, stages }) => [id, [...stages]]),
  );

export const tagsOf = ({ tags }: Secret): { Key: string; Value: string }[] =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

/**
 * The secret that a name, an ARN, or an ARN without its last six characters means; also one that is marked for deletion.
 * @throws AwsError ResourceNotFoundException, AccessDeniedException for another account's: there are no resource policies here
 */
export function secretAt(world: World, call: Call, secretId: string | undefined): Secret {
  const id = required('secretId', secretId);
  const account = /^arn:[^:]*:secretsmanager:[^:]*:(\d{12}):/.exec(id)?.[1];
  if (account !== undefined && account !== call.account) {
    const message = `User: ${call.accessKeyId} is not authorized to perform: secretsmanager:${call.operation} on resource: ${id} because no resource-based policy allows the secretsmanager:${call.operation} action`;
    throw new AwsError('AccessDeniedException', message);
  }
  const found = Object.values(secretsOf(world, call)).find(
    ({ name, arn: full }) => name === id || full === id || full.replace(/-[^-]{6}$/, '') === id,
  );
  if (!found) throw notFound("Secrets Manager can't find the specified secret.");
  return found;
}

export const notFound = (message: string): AwsError => new AwsError('ResourceNotFoundException', message);
export const invalidRequest = (message: string): AwsError => new AwsError('InvalidRequestException', message);
export const invalidParameter = (message: string): AwsError => new AwsError('InvalidParameterException', message);

/** @throws AwsError InvalidRequestException for one that is marked for deletion */
export function refuseDeleted({ deletesAt }: Secret): void {
  if (deletesAt === undefined) return;
  throw invalidRequest("You can't perform this operation on the secret because it was marked for deletion.");
}
