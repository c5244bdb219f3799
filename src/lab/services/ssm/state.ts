/** What Parameter Store keeps: parameters by name, with their versions. Values lie in the world as they are; keys are names only. */
import { createHash } from 'node:crypto';
import { required } from '../../wire/constraints.ts';
import { AwsError, type Call } from '../../wire/handler.ts';
import { defineSlice, type Scope, type World } from '../../world.ts';
import { arn } from '../../world/ids.ts';

export const types = ['String', 'StringList', 'SecureString'] as const;
export type ParameterType = (typeof types)[number];
export type Tier = 'Standard' | 'Advanced';

export interface ParameterVersion {
  number: number;
  value: string;
  description?: string;
  allowedPattern?: string;
  /** ISO 8601. */
  modifiedAt: string;
  /** ARN of who did. */
  modifiedBy: string;
}

export interface Parameter {
  name: string;
  type: ParameterType;
  /** Of a SecureString. */
  keyId?: string;
  tier: Tier;
  tags: Record<string, string>;
  /** Oldest first. */
  versions: ParameterVersion[];
}

export const parametersOf = defineSlice<Record<string, Parameter>>('ssm.parameters', () => ({}));

/** AWS's own key for parameters. */
export const defaultKey = 'alias/aws/ssm';

/** More are forgotten, oldest first. Source: Systems Manager endpoints and quotas. */
const mostVersions = 100;

export type NewVersion = Omit<ParameterVersion, 'number' | 'modifiedAt'>;

/** Puts a further version into a parameter. */
export function addVersion(world: World, parameter: Parameter, version: NewVersion): ParameterVersion {
  const number = (parameter.versions.at(-1)?.number ?? 0) + 1;
  const added: ParameterVersion = { ...version, number, modifiedAt: world.nowIso() };
  parameter.versions = [...parameter.versions, added].slice(-mostVersions);
  return added;
}

export interface NewParameter {
  name: string;
  value: string;
  tags?: Readonly<Record<string, string>>;
}

/** Puts an encrypted parameter into the world, as the account's owner would have made it. */
export function addSecureParameter(world: World, scope: Scope, { name, value, tags = {} }: NewParameter): void {
  const type = 'SecureString';
  const parameter: Parameter = { name, type, keyId: defaultKey, tier: 'Standard', tags: { ...tags }, versions: [] };
  parametersOf(world, scope)[name] = parameter;
  addVersion(world, parameter, { value, modifiedBy: `arn:aws:iam::${scope.account}:root` });
}

export const parameterArn = (scope: Scope, name: string): string =>
  arn('ssm', scope, `parameter${name.startsWith('/') ? '' : '/'}${name}`);

export interface Found {
  parameter: Parameter;
  version: ParameterVersion;
  /** `:3`, as it was asked for. */
  selector?: string;
}

/**
 * The parameter that a name or an ARN means, in its latest version or the one behind a colon.
 * @throws AwsError ParameterNotFound, ParameterVersionNotFound; AccessDeniedException for another account's
 */
export function parameterAt(world: World, call: Call, asked: string | undefined): Found {
  const [, full = '', selector] = /^(arn:.*?:parameter\/.*?|[^:]*)(:[^:]*)?$/.exec(required('name', asked)) ?? [];
  const account = /^arn:[^:]*:ssm:[^:]*:(\d{12}):/.exec(full)?.[1];
  if (account !== undefined && account !== call.account) {
    const message = `User: ${call.accessKeyId} is not authorized to perform: ssm:${call.operation} on resource: ${full}`;
    throw new AwsError('AccessDeniedException', message);
  }
  const parameters = parametersOf(world, call);
  const parameter = parameters[full] ?? Object.values(parameters).find(({ name }) => parameterArn(call, name) === full);
  if (!parameter) throw new AwsError('ParameterNotFound', '');
  if (selector === undefined) return { parameter, version: parameter.versions.at(-1)! };
  const version = parameter.versions.find(({ number }) => `:${number}` === selector);
  if (version) return { parameter, version, selector };
  const message = `Systems Manager could not find version ${selector.slice(1)} of ${parameter.name}. Verify the version and try again.`;
  throw new AwsError('ParameterVersionNotFound', message);
}

/** What stands for a SecureString's value before it is decrypted: nothing that says anything of it. */
const ciphertextOf = (name: string, number: number): string =>
  `AQICAH${createHash('sha512').update(`${name}:${number}`).digest('base64')}`;

/** As GetParameter and GetParameters tell it. */
export const told = (scope: Scope, { parameter, version, selector }: Found, decrypted: boolean) => ({
  Name: parameter.name,
  Type: parameter.type,
  Value: parameter.type === 'SecureString' && !decrypted ? ciphertextOf(parameter.name, version.number) : version.value,
  Version: version.number,
  Selector: selector,
  LastModifiedDate: new Date(version.modifiedAt),
  ARN: parameterArn(scope, parameter.name),
  DataType: 'text',
});

export const validation = (message: string): AwsError => new AwsError('ValidationException', message);
