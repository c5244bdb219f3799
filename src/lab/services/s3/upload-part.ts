import type { UploadPartCommandInput, UploadPartCommandOutput } from '@aws-sdk/client-s3';
import { AwsError, type Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import type { Bodies } from './bodies.ts';
import { bodyOf, checkDigest } from './new-object.ts';
import { bucketAt } from './state.ts';
import { uploadAt } from './uploads.ts';

/** UploadPart: a part that was sent before is replaced. */
export const uploadPart =
  (world: World, bodies: Bodies): Handler<UploadPartCommandInput, UploadPartCommandOutput> =>
  async ({ Bucket, Key, UploadId, PartNumber = 0, Body, ContentMD5 }, call) => {
    const upload = uploadAt(bucketAt(world, call, Bucket), Key, UploadId);
    if (!(PartNumber >= 1 && PartNumber <= 10_000)) {
      throw new AwsError('InvalidArgument', 'Part number must be an integer between 1 and 10000, inclusive');
    }
    const stored = await bodies.put(bodyOf(Body));
    try {
      checkDigest(stored.md5, ContentMD5);
    } catch (error) {
      await bodies.remove(stored.id);
      throw error;
    }
    const before = upload.parts[PartNumber];
    upload.parts[PartNumber] = stored;
    if (before) await bodies.remove(before.id);
    return { ETag: `"${stored.md5}"` };
  };
