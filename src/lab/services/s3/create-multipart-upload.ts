import type { CreateMultipartUploadCommandInput, CreateMultipartUploadCommandOutput } from '@aws-sdk/client-s3';
import type { Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import { alphanumeric } from '../../world/ids.ts';
import { propertiesOf } from './new-object.ts';
import { bucketAt } from './state.ts';

/** CreateMultipartUpload */
export const createMultipartUpload =
  (world: World): Handler<CreateMultipartUploadCommandInput, CreateMultipartUploadCommandOutput> =>
  (input, call) => {
    const { Key = '' } = input;
    const bucket = bucketAt(world, call, input.Bucket);
    const UploadId = alphanumeric(world, 48);
    bucket.uploads[UploadId] = { ...propertiesOf(input), key: Key, initiatedAt: world.nowIso(), parts: {} };
    return { Bucket: bucket.name, Key, UploadId };
  };
