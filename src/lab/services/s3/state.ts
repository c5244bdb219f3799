/** What S3 keeps: buckets by name, which are unique over all accounts, with every version of every object. */
import { AwsError, type Call } from '../../wire/handler.ts';
import { defineSlice, globally, type World } from '../../world.ts';
import { alphanumeric } from '../../world/ids.ts';
import type { Stored } from './bodies.ts';

export interface ObjectVersion {
  /** `null` while the bucket isn't versioned. */
  versionId: string;
  /** ISO 8601. */
  modifiedAt: string;
  /** ISO 8601, since when it isn't the current version. */
  noncurrentSince?: string;
  deleteMarker?: true;
  /** Where the bytes lie: one body, or one for each part of a multipart upload. */
  parts: Stored[];
  size: number;
  /** With quotes. */
  etag: string;
  /** Response headers that were given with the object, by member name: `ContentType`, `CacheControl` ... */
  headers: Record<string, string>;
  metadata: Record<string, string>;
  storageClass: string;
  /** A copy that was asked for while it was archived: ISO 8601, from when and until when it can be read. */
  restored?: { readyAt: string; until: string };
}

export interface LifecycleRule {
  id: string;
  prefix: string;
  enabled: boolean;
  transitions: { days: number; storageClass: string }[];
  noncurrentTransitions: { days: number; storageClass: string }[];
  expirationDays?: number;
  noncurrentExpirationDays?: number;
}

export interface Upload {
  key: string;
  initiatedAt: string;
  headers: Record<string, string>;
  metadata: Record<string, string>;
  storageClass: string;
  /** By part number. */
  parts: Record<string, Stored>;
}

export interface Bucket {
  name: string;
  account: string;
  region: string;
  createdAt: string;
  versioning?: 'Enabled' | 'Suspended';
  lifecycle: LifecycleRule[];
  /** The configuration as it was given, which is told again as it is. */
  lifecycleText?: string;
  /** By key; the newest version first. */
  objects: Record<string, ObjectVersion[]>;
  uploads: Record<string, Upload>;
}

const bucketsOf = defineSlice<Record<string, Bucket>>('s3', () => ({}));
const everywhere = globally({ account: 'all' });

export const buckets = (world: World): Record<string, Bucket> => bucketsOf(world, everywhere);

export type NewBucket = Pick<Bucket, 'name' | 'account' | 'region' | 'versioning'>;

/** Puts an empty bucket into the world, over one of the same name. */
export function addBucket(world: World, bucket: NewBucket): Bucket {
  const added: Bucket = { ...bucket, createdAt: world.nowIso(), lifecycle: [], objects: {}, uploads: {} };
  buckets(world)[bucket.name] = added;
  return added;
}

/** @throws AwsError NoSuchBucket, AccessDenied for another account's */
export function bucketAt(world: World, call: Call, name: string | undefined): Bucket {
  const bucket = buckets(world)[name ?? ''];
  if (!bucket) {
    throw new AwsError('NoSuchBucket', 'The specified bucket does not exist', 404, { BucketName: name });
  }
  if (bucket.account !== call.account) throw new AwsError('AccessDenied', 'Access Denied', 403);
  return bucket;
}

/**
 * The version that is meant: the named one, or the current.
 * @throws AwsError NoSuchKey, NoSuchVersion, MethodNotAllowed for a delete marker
 */
export function versionAt(bucket: Bucket, key: string | undefined, versionId: string | undefined): ObjectVersion {
  const versions = bucket.objects[key ?? ''] ?? [];
  if (versionId !== undefined) {
    const named = versions.find((version) => version.versionId === versionId);
    if (!named) throw new AwsError('NoSuchVersion', 'The specified version does not exist.', 404);
    if (named.deleteMarker) {
      throw new AwsError('MethodNotAllowed', 'The specified method is not allowed against this resource.', 405);
    }
    return named;
  }
  const [current] = versions;
  if (!current || current.deleteMarker) throw new AwsError('NoSuchKey', 'The specified key does not exist.', 404);
  return current;
}

/**
 * Makes `version` the current one. In a bucket whose versioning is off or suspended it takes the place of the version `null`.
 * @returns bodies that are no longer needed
 */
export function addVersion(bucket: Bucket, key: string, version: ObjectVersion): Stored[] {
  const versions = bucket.objects[key] ?? [];
  const replaced = versions.filter(({ versionId }) => versionId === 'null' && version.versionId === 'null');
  const kept = versions.filter((other) => !replaced.includes(other));
  const [formerly] = kept;
  if (formerly) formerly.noncurrentSince ??= version.modifiedAt;
  bucket.objects[key] = [version, ...kept];
  return replaced.flatMap(({ parts }) => parts);
}

export const newVersionId = (world: World, bucket: Bucket): string =>
  bucket.versioning === 'Enabled' ? alphanumeric(world, 32) : 'null';

/** What answers say of a version: nothing where the bucket was never versioned. */
export const shownVersionId = (bucket: Bucket, { versionId }: ObjectVersion): string | undefined =>
  bucket.versioning === undefined ? undefined : versionId;
