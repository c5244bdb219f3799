import type { DeleteObjectCommandInput, DeleteObjectCommandOutput } from '@aws-sdk/client-s3';
import type { Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import type { Bodies } from './bodies.ts';
import { addVersion, bucketAt, newVersionId, shownVersionId, type Bucket, type ObjectVersion } from './state.ts';

/** DeleteObject: a delete marker where the bucket is versioned, for good where a version is named. Succeeds for absent objects. */
export const deleteObject =
  (world: World, bodies: Bodies): Handler<DeleteObjectCommandInput, DeleteObjectCommandOutput> =>
  async ({ Bucket: name, Key = '', VersionId }, call) => {
    const bucket = bucketAt(world, call, name);
    if (VersionId !== undefined) return removeVersion(bodies, bucket, Key, VersionId);
    if (bucket.versioning === undefined) {
      const [current] = bucket.objects[Key] ?? [];
      return current ? removeVersion(bodies, bucket, Key, current.versionId) : {};
    }
    const marker: ObjectVersion = {
      versionId: newVersionId(world, bucket),
      modifiedAt: world.nowIso(),
      deleteMarker: true,
      parts: [],
      size: 0,
      etag: '',
      headers: {},
      metadata: {},
      storageClass: 'STANDARD',
    };
    for (const { id } of addVersion(bucket, Key, marker)) await bodies.remove(id);
    return { DeleteMarker: true, VersionId: marker.versionId };
  };

async function removeVersion(bodies: Bodies, bucket: Bucket, key: string, versionId: string) {
  const versions = bucket.objects[key] ?? [];
  const removed = versions.find((version) => version.versionId === versionId);
  const kept = versions.filter((version) => version !== removed);
  if (kept.length === 0) delete bucket.objects[key];
  else bucket.objects[key] = kept;
  // What comes to the top is the current version again.
  delete kept[0]?.noncurrentSince;
  for (const { id } of removed?.parts ?? []) await bodies.remove(id);
  return removed ? { DeleteMarker: removed.deleteMarker, VersionId: shownVersionId(bucket, removed) } : {};
}
