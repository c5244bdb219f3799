/**
 * What lifecycle rules have done by now. Worked out when an object is looked at, from the age of its versions: AWS does it once a
 * day, at midnight UTC. Source: S3 user guide, lifecycle configuration elements.
 */
import { AwsError } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import type { Stored } from './bodies.ts';
import type { Bucket, LifecycleRule, ObjectVersion } from './state.ts';

const dayMs = 86_400_000;

/** Storage classes that must be restored from before they can be read. */
export const archived = ['GLACIER', 'DEEP_ARCHIVE'];

const applying = (bucket: Bucket, key: string): LifecycleRule[] =>
  bucket.lifecycle.filter(({ enabled, prefix }) => enabled && key.startsWith(prefix));

const daysSince = (world: World, iso: string): number => (world.clock.wall().getTime() - Date.parse(iso)) / dayMs;

/** The class in which a version lies now. */
export function storageClassOf(world: World, bucket: Bucket, key: string, version: ObjectVersion): string {
  const rules = applying(bucket, key);
  const since = version.noncurrentSince;
  const [transitions, days] =
    since === undefined
      ? [rules.flatMap((rule) => rule.transitions), daysSince(world, version.modifiedAt)]
      : [rules.flatMap((rule) => rule.noncurrentTransitions), daysSince(world, since)];
  const reached = transitions.filter((transition) => transition.days <= days).sort((a, b) => b.days - a.days);
  return reached[0]?.storageClass ?? version.storageClass;
}

/** A restored copy was asked for and isn't there yet. */
export const isRestoring = (world: World, { restored }: ObjectVersion): boolean =>
  restored !== undefined && world.nowIso() < restored.readyAt;

/** A restored copy is there now. */
export const isRestored = (world: World, { restored }: ObjectVersion): boolean =>
  restored !== undefined && restored.readyAt <= world.nowIso() && world.nowIso() < restored.until;

/** In the words of the `x-amz-restore` header; undefined where nothing was restored, or no longer is. */
export function restoreSaid(world: World, version: ObjectVersion): string | undefined {
  if (isRestoring(world, version)) return 'ongoing-request="true"';
  if (!isRestored(world, version)) return undefined;
  return `ongoing-request="false", expiry-date="${new Date(version.restored?.until ?? 0).toUTCString()}"`;
}

/** @throws AwsError InvalidObjectState where the version must be restored first */
export function checkReadable(world: World, bucket: Bucket, key: string, version: ObjectVersion): void {
  const StorageClass = storageClassOf(world, bucket, key, version);
  if (!archived.includes(StorageClass) || isRestored(world, version)) return;
  const message = "The operation is not valid for the object's storage class";
  throw new AwsError('InvalidObjectState', message, 403, { StorageClass });
}

/**
 * Removes noncurrent versions, and current ones of unversioned buckets, whose time is over.
 * @returns bodies that are no longer needed
 */
export function expire(world: World, bucket: Bucket): Stored[] {
  const over: Stored[] = [];
  for (const [key, versions] of Object.entries(bucket.objects)) {
    const rules = applying(bucket, key);
    const isOver = ({ noncurrentSince, modifiedAt }: ObjectVersion): boolean =>
      rules.some(({ expirationDays = Infinity, noncurrentExpirationDays = Infinity }) =>
        noncurrentSince === undefined
          ? bucket.versioning === undefined && daysSince(world, modifiedAt) >= expirationDays
          : daysSince(world, noncurrentSince) >= noncurrentExpirationDays,
      );
    const gone = versions.filter(isOver);
    if (gone.length === 0) continue;
    over.push(...gone.flatMap(({ parts }) => parts));
    const kept = versions.filter((version) => !gone.includes(version));
    if (kept.length === 0) delete bucket.objects[key];
    else bucket.objects[key] = kept;
  }
  return over;
}
