/**
 * The provider's own prefix lists: the addresses of a region's S3 and DynamoDB, under ids that rules of security groups name. Every
 * account sees the same ones.
 */
import { createHash } from 'node:crypto';

export interface PrefixList {
  id: string;
  name: string;
  cidrs: readonly string[];
}

const idOf = (name: string): string => `pl-${createHash('sha256').update(name).digest('hex').slice(0, 8)}`;

export function prefixListsOf({ region }: { region: string }): PrefixList[] {
  const lists = { s3: ['3.5.134.0/23', '52.219.0.0/16'], dynamodb: ['52.119.188.0/22'] };
  return Object.entries(lists).map(([service, cidrs]) => {
    const name = `com.amazonaws.${region}.${service}`;
    return { id: idOf(name), name, cidrs };
  });
}

export function s3PrefixListOf(scope: { region: string }): string {
  const list = prefixListsOf(scope).find(({ name }) => name.endsWith('.s3'));
  return list?.id ?? '';
}
