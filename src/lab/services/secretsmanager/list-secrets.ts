/** ListSecrets: by page, oldest first, by the beginnings of names and tags. Other filters aren't carried out. */
import type { Filter, ListSecretsCommandInput, ListSecretsCommandOutput } from '@aws-sdk/client-secrets-manager';
import { inBounds, required } from '../../wire/constraints.ts';
import { AwsError, type Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import { described } from './shapes.ts';
import { secretsOf, stagesOf, type Secret } from './state.ts';

export const listSecrets =
  (world: World): Handler<ListSecretsCommandInput, ListSecretsCommandOutput> =>
  ({ Filters = [], IncludePlannedDeletion = false, MaxResults = 100, NextToken, SortOrder = 'asc' }, call) => {
    inBounds('maxResults', MaxResults, 1, 100);
    const admits = Filters.map(filterOf);
    const secrets = Object.values(secretsOf(world, call))
      .filter(({ deletesAt }) => IncludePlannedDeletion || deletesAt === undefined)
      .filter((secret) => admits.every((each) => each(secret)))
      .sort((a, b) => a.createdAt.localeCompare(b.createdAt) || a.name.localeCompare(b.name));
    if (SortOrder === 'desc') secrets.reverse();
    const from = NextToken === undefined ? 0 : secrets.findIndex(({ name }) => name === NextToken);
    if (from < 0) throw new AwsError('InvalidNextTokenException', 'The NextToken value is invalid.');
    return {
      SecretList: secrets
        .slice(from, from + MaxResults)
        .map((secret) => ({ ...described(secret), SecretVersionsToStages: stagesOf(secret) })),
      NextToken: secrets[from + MaxResults]?.name,
    };
  };

const texts: Readonly<Record<string, (secret: Secret) => string[]>> = {
  name: ({ name }) => [name],
  'tag-key': ({ tags }) => Object.keys(tags),
  'tag-value': ({ tags }) => Object.values(tags),
};

/** One of the values must be the beginning of a text; after `!` it must not be that of any. */
function filterOf({ Key, Values = [] }: Filter): (secret: Secret) => boolean {
  const textsOf = texts[required('filters.1.member.key', Key)];
  if (!textsOf) throw new AwsError('NotImplemented', `The lab lists secrets by ${Object.keys(texts).join(', ')}.`, 501);
  return (secret) =>
    Values.some((value) =>
      value.startsWith('!')
        ? textsOf(secret).every((each) => !each.startsWith(value.slice(1)))
        : textsOf(secret).some((each) => each.startsWith(value)),
    );
}
