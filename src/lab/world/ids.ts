/**
 * Identifiers that look like AWS's. They are derived from the world's seed and counter, so the same calls in the same order
 * give the same ids.
 */
import { createHash } from 'node:crypto';
import type { Scope, World } from '../world.ts';

const digest = (world: World): string =>
  createHash('sha256').update(`${world.state.seed}:${world.next()}`).digest('hex');

/** `subnet-0f3a…`: a prefix, `0`, and sixteen hexadecimal digits. */
export const ec2Id = (world: World, prefix: string): string => `${prefix}-0${digest(world).slice(0, 16)}`;

const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Upper-case letters and digits, as in `db-…` resource ids and hosted zone ids. */
export const alphanumeric = (world: World, length: number): string =>
  Array.from({ length }, (_, i) => i)
    .reduce((bytes) => bytes + digest(world), '')
    .slice(0, length * 2)
    .replace(/../g, (pair) => base32[Number.parseInt(pair, 16) % 32] ?? 'A')
    .slice(0, length);

/** Lower-case hexadecimal digits, as in ELB's ARNs. */
export const hex = (world: World, length: number): string => digest(world).slice(0, length);

const asUuid = (hexDigits: string): string =>
  hexDigits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');

/** `c0ffee00-…`, as in Auto Scaling activity ids and request ids. */
export const uuid = (world: World): string => asUuid(digest(world));

/** Digits, as in the DNS name of a load balancer. */
export const digits = (world: World, length: number): string =>
  (BigInt(`0x${digest(world).slice(0, 24)}`) + 10n ** BigInt(length)).toString().slice(0, length);

/** The part of RDS endpoint names that is the same for all instances of an account in a region. */
export const rdsHash = (world: World, { account, region }: Scope): string => {
  const bytes = createHash('sha256').update(`${world.state.seed}:${account}:${region}`).digest('hex');
  return `c${BigInt(`0x${bytes.slice(0, 24)}`)
    .toString(36)
    .slice(0, 11)}`;
};

/** The key that RDS uses in an account's region by itself. */
export const rdsKeyId = (world: World, { account, region }: Scope): string =>
  asUuid(createHash('sha256').update(`${world.state.seed}:${account}:${region}:key`).digest('hex'));

export const arn = (service: string, { account, region }: Scope, resource: string): string =>
  `arn:aws:${service}:${region}:${account}:${resource}`;
