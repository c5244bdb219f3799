import { createHash } from 'node:crypto';
import type {
  CompletedPart,
  CompleteMultipartUploadCommandInput,
  CompleteMultipartUploadCommandOutput,
} from '@aws-sdk/client-s3';
import { AwsError, type Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import type { Bodies, Stored } from './bodies.ts';
import { addVersion, bucketAt, newVersionId, shownVersionId, type ObjectVersion, type Upload } from './state.ts';
import { uploadAt } from './uploads.ts';

/** All parts but the last, bytes. */
const leastPart = 5 * 1024 * 1024;

/** CompleteMultipartUpload: the parts named become one object; others are dropped. */
export const completeMultipartUpload =
  (world: World, bodies: Bodies): Handler<CompleteMultipartUploadCommandInput, CompleteMultipartUploadCommandOutput> =>
  async ({ Bucket, Key = '', UploadId = '', MultipartUpload }, call) => {
    const bucket = bucketAt(world, call, Bucket);
    const upload = uploadAt(bucket, Key, UploadId);
    const parts = partsOf(upload, MultipartUpload?.Parts ?? []);
    const digests = Buffer.concat(parts.map(({ md5 }) => Buffer.from(md5, 'hex')));
    const version: ObjectVersion = {
      headers: upload.headers,
      metadata: upload.metadata,
      storageClass: upload.storageClass,
      versionId: newVersionId(world, bucket),
      modifiedAt: world.nowIso(),
      parts,
      size: parts.reduce((sum, { size }) => sum + size, 0),
      etag: `"${createHash('md5').update(digests).digest('hex')}-${parts.length}"`,
    };
    const dropped = Object.values(upload.parts).filter((part) => !parts.includes(part));
    delete bucket.uploads[UploadId];
    dropped.push(...addVersion(bucket, Key, version));
    for (const { id } of dropped) await bodies.remove(id);
    return {
      Bucket: bucket.name,
      Key,
      ETag: version.etag,
      Location: `${call.origin}/${bucket.name}/${Key}`,
      VersionId: shownVersionId(bucket, version),
    };
  };

/** @throws AwsError InvalidPart, InvalidPartOrder, EntityTooSmall */
function partsOf(upload: Upload, named: readonly CompletedPart[]): Stored[] {
  if (named.length === 0) throw new AwsError('InvalidRequest', 'You must specify at least one part');
  const numbers = named.map(({ PartNumber = 0 }) => PartNumber);
  if (numbers.some((number, i) => number <= (numbers[i - 1] ?? 0))) {
    throw new AwsError(
      'InvalidPartOrder',
      'The list of parts was not in ascending order. Parts must be ordered by part number.',
    );
  }
  const parts = named.map(({ PartNumber = 0, ETag = '' }) => {
    const part = upload.parts[PartNumber];
    if (part && ETag.replaceAll('"', '') === part.md5) return part;
    const message =
      'One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part’s entity tag.';
    throw new AwsError('InvalidPart', message);
  });
  if (parts.slice(0, -1).some(({ size }) => size < leastPart)) {
    throw new AwsError('EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size');
  }
  return parts;
}
