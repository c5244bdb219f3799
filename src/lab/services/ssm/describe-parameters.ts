/** DescribeParameters: all but the values, by page, by name, type and tier. Other filters aren't carried out. */
import type {
  DescribeParametersCommandInput,
  DescribeParametersCommandOutput,
  ParameterMetadata,
  ParameterStringFilter,
} from '@aws-sdk/client-ssm';
import { inBounds } from '../../wire/constraints.ts';
import { AwsError, type Handler } from '../../wire/handler.ts';
import type { Scope, World } from '../../world.ts';
import { parameterArn, parametersOf, type Parameter } from './state.ts';

export const describeParameters =
  (world: World): Handler<DescribeParametersCommandInput, DescribeParametersCommandOutput> =>
  ({ Filters = [], ParameterFilters = [], MaxResults = 50, NextToken }, call) => {
    inBounds('maxResults', MaxResults, 1, 50);
    if (Filters.length > 0) throw new AwsError('NotImplemented', 'The lab knows ParameterFilters only.', 501);
    const admits = ParameterFilters.map(filterOf);
    const found = Object.values(parametersOf(world, call))
      .filter((parameter) => admits.every((each) => each(parameter)))
      .sort((a, b) => a.name.localeCompare(b.name));
    const from = NextToken === undefined ? 0 : found.findIndex(({ name }) => name === NextToken);
    if (from < 0) throw new AwsError('InvalidNextToken', 'The specified token is not valid.');
    return {
      Parameters: found.slice(from, from + MaxResults).map((parameter) => metadataOf(call, parameter)),
      NextToken: found[from + MaxResults]?.name,
    };
  };

function metadataOf(scope: Scope, { name, type, keyId, tier, versions }: Parameter): ParameterMetadata {
  const latest = versions.at(-1)!;
  return {
    Name: name,
    ARN: parameterArn(scope, name),
    Type: type,
    KeyId: keyId,
    LastModifiedDate: new Date(latest.modifiedAt),
    LastModifiedUser: latest.modifiedBy,
    Description: latest.description,
    AllowedPattern: latest.allowedPattern,
    Version: latest.number,
    Tier: tier,
    Policies: [],
    DataType: 'text',
  };
}

const texts: Readonly<Record<string, (parameter: Parameter) => string>> = {
  Name: ({ name }) => name,
  Type: ({ type }) => type,
  Tier: ({ tier }) => tier,
};

const options: Readonly<Record<string, (text: string, value: string) => boolean>> = {
  Equals: (text, value) => text === value,
  BeginsWith: (text, value) => text.startsWith(value),
  Contains: (text, value) => text.includes(value),
};

/** One of the values must match. */
function filterOf({ Key = '', Option = 'Equals', Values = [] }: ParameterStringFilter) {
  const [textOf, matches] = [texts[Key], options[Option]];
  if (!textOf)
    throw new AwsError('NotImplemented', `The lab finds parameters by ${Object.keys(texts).join(', ')}.`, 501);
  if (!matches) throw new AwsError('InvalidFilterOption', `The filter option ${Option} is not valid for ${Key}.`);
  return (parameter: Parameter): boolean => Values.some((value) => matches(textOf(parameter), value));
}
