/** PutParameter: a new parameter, or a further version of one. Source: API reference and the user guide on tiers. */
import type { PutParameterCommandInput, PutParameterCommandOutput } from '@aws-sdk/client-ssm';
import { required, violated } from '../../wire/constraints.ts';
import { AwsError, type Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import { callerOf } from '../sts/caller.ts';
import { addVersion, defaultKey, parametersOf, types, validation, type Parameter, type Tier } from './state.ts';

const mostCharacters: Readonly<Record<Tier, number>> = { Standard: 4_096, Advanced: 8_192 };

export const putParameter =
  (world: World): Handler<PutParameterCommandInput, PutParameterCommandOutput> =>
  (input, call) => {
    const { Overwrite = false, Description, AllowedPattern, KeyId, Tags = [], Policies, DataType = 'text' } = input;
    const name = required('name', input.Name);
    const value = required('value', input.Value);
    checkName(name);
    if (Policies !== undefined || DataType !== 'text') {
      throw new AwsError('NotImplemented', 'The lab keeps parameters without policies, of the data type text.', 501);
    }
    if (Overwrite && Tags.length > 0) {
      throw validation(
        "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove overwrite flag.",
      );
    }
    const parameters = parametersOf(world, call);
    const existing = parameters[name];
    if (existing && !Overwrite) {
      const message =
        'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.';
      throw new AwsError('ParameterAlreadyExists', message);
    }
    const type = types.find((each) => each === (input.Type ?? existing?.type));
    if (input.Type === undefined && !existing) {
      throw validation('A parameter type is required when you create a parameter.');
    }
    if (!type) throw violated('type', input.Type ?? null, `satisfy enum value set: [${types.join(', ')}]`);
    if (existing && type !== existing.type) {
      const message = `The parameter type of ${name} can't be changed from ${existing.type} to ${type}: create a new, unique parameter.`;
      throw new AwsError('HierarchyTypeMismatchException', message);
    }
    if (KeyId !== undefined && type !== 'SecureString') throw validation('KeyId can only be used with SecureString.');
    if (AllowedPattern !== undefined && !patternOf(AllowedPattern).test(value)) {
      const message = `Parameter value, cannot be validated against allowedPattern: ${AllowedPattern}`;
      throw new AwsError('ParameterPatternMismatchException', message);
    }
    const tier = tierOf(input.Tier, existing?.tier, value.length);

    const parameter: Parameter = existing ?? { name, type, tier, tags: {}, versions: [] };
    parameter.tier = tier;
    if (type === 'SecureString') parameter.keyId = KeyId ?? existing?.keyId ?? defaultKey;
    for (const { Key = '', Value = '' } of Tags) parameter.tags[Key] = Value;
    const { number } = addVersion(world, parameter, {
      value,
      ...(Description === undefined ? {} : { description: Description }),
      ...(AllowedPattern === undefined ? {} : { allowedPattern: AllowedPattern }),
      modifiedBy: callerOf(world, call).arn,
    });
    parameters[name] = parameter;
    return { Version: number, Tier: tier };
  };

function patternOf(pattern: string): RegExp {
  try {
    return new RegExp(`^(?:${pattern})$`);
  } catch {
    throw new AwsError('InvalidAllowedPatternException', `The pattern ${pattern} is no regular expression.`);
  }
}

function checkName(name: string): void {
  if (!/^[\w./-]{1,2048}$/.test(name)) {
    throw validation(
      `Parameter name ${name} is invalid: it may have letters, numbers and .-_, apart by / for a hierarchy.`,
    );
  }
  if (name.includes('/') && !name.startsWith('/')) {
    throw validation('Parameter name must be a fully qualified name.');
  }
  if (/^\/?(aws|ssm)/i.test(name)) {
    throw validation('Parameter name: can\'t be prefixed with "aws" or "ssm" (case-insensitive).');
  }
}

/** A parameter that became advanced stays so. */
function tierOf(asked: PutParameterCommandInput['Tier'], now: Tier | undefined, length: number): Tier {
  const grows = asked === 'Intelligent-Tiering' && length > mostCharacters.Standard;
  const tier = asked === 'Advanced' || now === 'Advanced' || grows ? 'Advanced' : 'Standard';
  if (length <= mostCharacters[tier]) return tier;
  throw validation(`${tier} tier parameters support a maximum parameter value of ${mostCharacters[tier]} characters.`);
}
