/** The selecting fields that several target types share. */
import { z } from 'zod';
import { count, secret, text } from '../../domain/fields.ts';
import type { ResolvedTarget } from '../../domain/plan.ts';
import type { Pattern } from './target.ts';
import { vpcId } from './written.ts';

/**
 * Several resources: by ids, or by tags within bounds. Exactly one of `id`, `ids` and `tags` is given.
 * @param idOf how an id of one is written
 */
export const bySeveral = (what: string, idOf: (description: string) => z.ZodString) => ({
  id: idOf(`id of the one ${what}`).optional(),
  ids: z
    .array(idOf(`id of a ${what}`))
    .min(1, 'needs an id')
    .optional()
    .meta({ description: `ids of the ${what}s` }),
  tags: z
    .record(z.string(), text())
    .optional()
    .meta({ description: `tags that every ${what} has` }),
  vpc: vpcId('only in this VPC').optional(),
  az: text('only in this Availability Zone').optional(),
  max: count('refuse when more are found; needed with tags', { least: 1 }).optional(),
  pick: count('take only this many of those found, in order of their ids', { least: 1 }).optional(),
});

/** A database's login, by reference. The plan keeps it apart from the selection. */
export const login = secret('login for SQL: proves writes and replay positions').optional();

/** EC2 filters for a selection by tags, VPC and zone. */
export function filtersOf(
  select: { tags?: Readonly<Record<string, string>>; vpc?: string; az?: string },
  names: { vpc: string; az: string },
): { Name: string; Values: string[] }[] {
  const filters = Object.entries(select.tags ?? {}).map(([key, value]) => ({ Name: `tag:${key}`, Values: [value] }));
  if (select.vpc !== undefined) filters.push({ Name: names.vpc, Values: [select.vpc] });
  if (select.az !== undefined) filters.push({ Name: names.az, Values: [select.az] });
  return filters;
}

/** The ids of a selection by `id` or `ids`. */
export const idsOf = (select: { id?: string; ids?: readonly string[] }): string[] | undefined =>
  select.id === undefined ? select.ids?.slice() : [select.id];

/**
 * What IAM can say of EC2 resources that are selected by tags: any that has them. `*` and `?` mean the same to both.
 * Source: EC2 API reference, Filter; IAM user guide, string condition operators.
 * @param kind as in their ARNs
 */
export function patternByTags(kind: string, { account, region, select }: ResolvedTarget): Pattern | undefined {
  const { tags } = select;
  if (typeof tags !== 'object' || Array.isArray(tags)) return undefined;
  const wanted = Object.entries(tags).map(([key, value]) => [`aws:ResourceTag/${key}`, unescaped(value)] as const);
  return {
    resources: [`arn:aws:ec2:${region}:${account}:${kind}/*`],
    when: { StringLike: Object.fromEntries(wanted) },
  };
}

/** EC2 takes what stands behind a backslash as it is; IAM writes a literal wildcard as a variable. */
const unescaped = (value: string): string =>
  value.replaceAll(/\\(.)/g, (_, literal: string) => (/[*?]/.test(literal) ? `\${${literal}}` : literal));
