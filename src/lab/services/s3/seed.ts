/** Gives objects a past, for estates that have been in operation for long. No call of S3's API does that. */
import type { World } from '../../world.ts';
import { addVersion, buckets, newVersionId, type Bucket, type ObjectVersion } from './state.ts';

const versionsOf = (world: World, bucket: string, key: string): ObjectVersion[] =>
  buckets(world)[bucket]?.objects[key] ?? [];

/** The current version of `key` has been there since `at`, ISO 8601, and the one before it has been noncurrent since. */
export function backdate(world: World, bucket: string, key: string, at: string): void {
  const [current, before] = versionsOf(world, bucket, key);
  if (current === undefined) throw new Error(`there is no s3://${bucket}/${key}`);
  current.modifiedAt = at;
  if (before !== undefined) before.noncurrentSince = at;
}

/** A lifecycle rule deleted the current version of `key` at `at`: it lies behind a delete marker since. */
export function expireAt(world: World, { name, objects }: Bucket, key: string, at: string): void {
  const bucket = buckets(world)[name];
  if (bucket === undefined || objects[key] === undefined) throw new Error(`there is no s3://${name}/${key}`);
  addVersion(bucket, key, {
    versionId: newVersionId(world, bucket),
    modifiedAt: at,
    deleteMarker: true,
    parts: [],
    size: 0,
    etag: '',
    headers: {},
    metadata: {},
    storageClass: 'STANDARD',
  });
}

/** An object of which only is known that it is there: for worlds whose machines only remember, and hold no bytes. */
export function remember(
  world: World,
  name: string,
  key: string,
  { at, size, metadata }: { at: string; size: number; metadata: Readonly<Record<string, string>> },
): void {
  const bucket = buckets(world)[name];
  if (bucket === undefined) throw new Error(`there is no bucket ${name}`);
  addVersion(bucket, key, {
    versionId: newVersionId(world, bucket),
    modifiedAt: at,
    parts: [],
    size,
    etag: '"d41d8cd98f00b204e9800998ecf8427e"',
    headers: { ContentType: 'application/octet-stream' },
    metadata: { ...metadata },
    storageClass: 'STANDARD',
  });
}
