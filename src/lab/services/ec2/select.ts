/**
 * How EC2's describe calls choose: by ids, which must all exist, and by filters, of which every one must match some of its values.
 * `*` and `?` are wildcards in values. Paging follows MaxResults.
 */
import type { Filter } from '@aws-sdk/client-ec2';
import { AwsError } from '../../wire/handler.ts';
import type { Ec2State } from '../../world/ec2.ts';

/** Values that a filter compares with; undefined: no such filter. `tag:…`, `tag-key` and `tag-value` are everyone's. */
export type FilterValues<T> = (item: T, name: string) => readonly (string | undefined)[] | undefined;

export function filtered<T extends { id: string }>(
  state: Ec2State,
  items: readonly T[],
  filters: readonly Filter[] | undefined,
  valuesOf: FilterValues<T>,
): T[] {
  return items.filter((item) =>
    (filters ?? []).every(({ Name = '', Values = [] }) => {
      const found = tagValues(state, item.id, Name) ?? valuesOf(item, Name);
      if (found === undefined) throw new AwsError('InvalidParameterValue', `The filter '${Name}' is invalid`);
      return Values.some((pattern) => found.some((value) => value !== undefined && like(pattern, value)));
    }),
  );
}

function tagValues(state: Ec2State, id: string, name: string): (string | undefined)[] | undefined {
  const tags = state.tags[id] ?? {};
  if (name.startsWith('tag:')) return [tags[name.slice(4)]];
  if (name === 'tag-key') return Object.keys(tags);
  if (name === 'tag-value') return Object.values(tags);
  return undefined;
}

function like(pattern: string, value: string): boolean {
  if (!/[*?]/.test(pattern)) return pattern === value;
  const expression = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${expression}$`).test(value);
}

/**
 * The items with these ids, or all.
 * @throws AwsError `notFound` naming the first that isn't there
 */
export function byIds<T>(
  items: Readonly<Record<string, T>>,
  ids: readonly string[] | undefined,
  notFound: (id: string) => AwsError,
): T[] {
  if (ids === undefined || ids.length === 0) return Object.values(items);
  return ids.map((id) => {
    const item = items[id];
    if (item === undefined) throw notFound(id);
    return item;
  });
}

export function pageOf<T extends { id: string }>(
  all: readonly T[],
  { MaxResults, NextToken }: { MaxResults?: number | undefined; NextToken?: string | undefined },
): { items: T[]; next: string | undefined } {
  const from = NextToken === undefined ? 0 : all.findIndex(({ id }) => id === NextToken);
  if (from < 0) throw new AwsError('InvalidNextToken', 'The token is invalid.');
  if (MaxResults === undefined) return { items: all.slice(from), next: undefined };
  return { items: all.slice(from, from + MaxResults), next: all[from + MaxResults]?.id };
}
