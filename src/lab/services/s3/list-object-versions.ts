import type {
  ListObjectVersionsCommandInput,
  ListObjectVersionsCommandOutput,
  ObjectVersionStorageClass,
} from '@aws-sdk/client-s3';
import type { Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import type { Bodies } from './bodies.ts';
import { expire, storageClassOf } from './lifecycle.ts';
import { byKey, pageOf } from './list.ts';
import { bucketAt } from './state.ts';

/** ListObjectVersions: all versions and delete markers, newest first within a key. */
export const listObjectVersions =
  (world: World, bodies: Bodies): Handler<ListObjectVersionsCommandInput, ListObjectVersionsCommandOutput> =>
  async (input, call) => {
    const { Prefix: prefix = '', Delimiter: delimiter = '', MaxKeys: max, KeyMarker = '', VersionIdMarker } = input;
    const bucket = bucketAt(world, call, input.Bucket);
    for (const { id } of expire(world, bucket)) await bodies.remove(id);
    const all = Object.entries(bucket.objects)
      .sort(([a], [b]) => byKey(a, b))
      .flatMap(([key, versions]) => {
        const marked = key === KeyMarker && VersionIdMarker !== undefined;
        const from = marked ? versions.findIndex(({ versionId }) => versionId === VersionIdMarker) + 1 : 0;
        const passed = byKey(key, KeyMarker) <= 0 && KeyMarker !== '' && !marked;
        const under = delimiter !== '' && KeyMarker.endsWith(delimiter) && key.startsWith(KeyMarker);
        if (passed || under) return [];
        const latest = versions[0];
        return versions.slice(from).map((version) => ({ key, item: { key, version, isLatest: version === latest } }));
      });
    const page = pageOf(all, { prefix, delimiter, max });
    const last = page.items.at(-1);
    const described = page.items.map(({ key, version, isLatest }) => ({
      marker: version.deleteMarker === true,
      Key: key,
      VersionId: version.versionId,
      IsLatest: isLatest,
      LastModified: new Date(version.modifiedAt),
      ETag: version.etag,
      Size: version.size,
      StorageClass: storageClassOf(world, bucket, key, version) as ObjectVersionStorageClass,
    }));
    return {
      Name: bucket.name,
      Prefix: prefix,
      Delimiter: input.Delimiter,
      MaxKeys: max ?? 1_000,
      IsTruncated: page.truncated,
      KeyMarker,
      VersionIdMarker,
      NextKeyMarker: page.truncated ? page.last : undefined,
      NextVersionIdMarker: page.truncated && last?.key === page.last ? last.version.versionId : undefined,
      Versions: described.flatMap(({ marker, ...version }) => (marker ? [] : [version])),
      DeleteMarkers: described.flatMap(({ marker, Key, VersionId, IsLatest, LastModified }) =>
        marker ? [{ Key, VersionId, IsLatest, LastModified }] : [],
      ),
      CommonPrefixes: page.commonPrefixes.map((Prefix) => ({ Prefix })),
    };
  };
