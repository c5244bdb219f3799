import type { AbortMultipartUploadCommandInput, AbortMultipartUploadCommandOutput } from '@aws-sdk/client-s3';
import type { Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import type { Bodies } from './bodies.ts';
import { bucketAt } from './state.ts';
import { uploadAt } from './uploads.ts';

/** AbortMultipartUpload */
export const abortMultipartUpload =
  (world: World, bodies: Bodies): Handler<AbortMultipartUploadCommandInput, AbortMultipartUploadCommandOutput> =>
  async ({ Bucket, Key, UploadId = '' }, call) => {
    const bucket = bucketAt(world, call, Bucket);
    const { parts } = uploadAt(bucket, Key, UploadId);
    delete bucket.uploads[UploadId];
    for (const { id } of Object.values(parts)) await bodies.remove(id);
    return {};
  };
