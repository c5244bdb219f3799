import type { PutObjectCommandInput, PutObjectCommandOutput } from '@aws-sdk/client-s3';
import { AwsError, type Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import type { Bodies } from './bodies.ts';
import { bodyOf, checkDigest, propertiesOf } from './new-object.ts';
import { addVersion, bucketAt, newVersionId, shownVersionId, type Bucket, type ObjectVersion } from './state.ts';

/** PutObject: whole or not at all; with If-None-Match: * only where nothing is, with If-Match only over that version. */
export const putObject =
  (world: World, bodies: Bodies): Handler<PutObjectCommandInput, PutObjectCommandOutput> =>
  async (input, call) => {
    const { Key = '', ContentMD5 } = input;
    const bucket = bucketAt(world, call, input.Bucket);
    const properties = propertiesOf(input);
    checkConditions(bucket, input);
    const stored = await bodies.put(bodyOf(input.Body));
    try {
      checkDigest(stored.md5, ContentMD5);
      // Another request may have been quicker while the body was under way.
      checkConditions(bucket, input);
    } catch (error) {
      await bodies.remove(stored.id);
      throw error;
    }
    const version: ObjectVersion = {
      ...properties,
      versionId: newVersionId(world, bucket),
      modifiedAt: world.nowIso(),
      parts: [stored],
      size: stored.size,
      etag: `"${stored.md5}"`,
    };
    for (const { id } of addVersion(bucket, Key, version)) await bodies.remove(id);
    return { ETag: version.etag, VersionId: shownVersionId(bucket, version) };
  };

function checkConditions(bucket: Bucket, { Key = '', IfNoneMatch, IfMatch }: PutObjectCommandInput): void {
  const [current] = bucket.objects[Key] ?? [];
  const etag = current?.deleteMarker ? undefined : current?.etag;
  if (IfMatch !== undefined && etag === undefined) {
    throw new AwsError('NoSuchKey', 'The specified key does not exist.', 404);
  }
  const failed = (IfNoneMatch === '*' && etag !== undefined) || (IfMatch !== undefined && etag !== IfMatch);
  if (!failed) return;
  throw new AwsError('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', 412);
}
