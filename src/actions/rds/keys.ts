/** Keys of encrypted snapshots and instances: who makes one of the other needs a grant on the key, besides RDS's permissions. */
import type { JsonObject } from '../../domain/json.ts';
import type { Condition, Permission, ResolvedTarget } from '../../domain/plan.ts';
import { permissions, textOf } from '../places.ts';

/** RDS asks for these in the caller's name, in whichever region it works in. */
const viaRds: Condition = { StringLike: { 'kms:ViaService': 'rds.*.amazonaws.com' } };
const forRds: Condition = { ...viaRds, Bool: { 'kms:GrantIsForAWSResource': 'true' } };

/**
 * Source: RDS user guide, "Encrypting Amazon RDS resources"; Service Authorization Reference, AWS KMS.
 *
 * What it takes to make something of facts `encrypted` and `kmsKeyId`.
 * @param place where it is made; the key of a thing that isn't known yet can be any of that place
 */
export function keyPermissions(
  place: Pick<ResolvedTarget, 'location' | 'account' | 'region'>,
  facts: JsonObject,
): Permission[] {
  if (facts['encrypted'] === false) return [];
  const key = textOf(facts['kmsKeyId']);
  const [, alias] = /(?:^|:)(alias\/.+)$/.exec(key) ?? [];
  const named: Condition = alias === undefined ? {} : { 'ForAnyValue:StringEquals': { 'kms:ResourceAliases': alias } };
  return [
    ...permissions(place, ['kms:CreateGrant'], [keyArn(place, key)], { ...forRds, ...named }),
    ...permissions(place, ['kms:DescribeKey'], [keyArn(place, key)], { ...viaRds, ...named }),
  ];
}

/** IAM knows keys by their id. An alias, or nothing, can be any key of the place. */
export function keyArn({ account, region }: Pick<ResolvedTarget, 'account' | 'region'>, key: string): string {
  if (/^arn:[^:]+:kms:[^:]+:\d+:key\//.test(key)) return key;
  const id = /^(mrk-)?[0-9a-f-]{32,36}$/.test(key) ? key : '*';
  return `arn:aws:kms:${region}:${account}:key/${id}`;
}
