import type { ListObjectsV2CommandInput, ListObjectsV2CommandOutput, ObjectStorageClass } from '@aws-sdk/client-s3';
import type { Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import type { Bodies } from './bodies.ts';
import { expire, storageClassOf } from './lifecycle.ts';
import { byKey, pageOf } from './list.ts';
import { bucketAt } from './state.ts';

/** ListObjectsV2: current versions that aren't deleted. */
export const listObjectsV2 =
  (world: World, bodies: Bodies): Handler<ListObjectsV2CommandInput, ListObjectsV2CommandOutput> =>
  async (input, call) => {
    const { Prefix: prefix = '', Delimiter: delimiter = '', MaxKeys: max, ContinuationToken, StartAfter = '' } = input;
    const bucket = bucketAt(world, call, input.Bucket);
    for (const { id } of expire(world, bucket)) await bodies.remove(id);
    const after = ContinuationToken === undefined ? StartAfter : Buffer.from(ContinuationToken, 'base64url').toString();
    const current = Object.entries(bucket.objects)
      .flatMap(([key, [version]]) => (version && !version.deleteMarker ? [{ key, item: { key, version } }] : []))
      .filter(({ key }) => byKey(key, after) > 0 && !(delimiter && after.endsWith(delimiter) && key.startsWith(after)))
      .sort((a, b) => byKey(a.key, b.key));
    const page = pageOf(current, { prefix, delimiter, max });
    return {
      Name: bucket.name,
      Prefix: prefix,
      Delimiter: input.Delimiter,
      MaxKeys: max ?? 1_000,
      KeyCount: page.items.length + page.commonPrefixes.length,
      IsTruncated: page.truncated,
      ContinuationToken,
      NextContinuationToken: page.truncated ? Buffer.from(page.last).toString('base64url') : undefined,
      StartAfter: input.StartAfter,
      Contents: page.items.map(({ key, version }) => ({
        Key: key,
        LastModified: new Date(version.modifiedAt),
        ETag: version.etag,
        Size: version.size,
        StorageClass: storageClassOf(world, bucket, key, version) as ObjectStorageClass,
      })),
      CommonPrefixes: page.commonPrefixes.map((Prefix) => ({ Prefix })),
    };
  };
