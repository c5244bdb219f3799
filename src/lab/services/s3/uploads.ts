/** Multipart uploads: the one that a request means. */
import { AwsError } from '../../wire/handler.ts';
import type { Bucket, Upload } from './state.ts';

/** @throws AwsError NoSuchUpload */
export function uploadAt(bucket: Bucket, key: string | undefined, uploadId: string | undefined): Upload {
  const upload = bucket.uploads[uploadId ?? ''];
  if (upload && upload.key === key) return upload;
  const message =
    'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.';
  throw new AwsError('NoSuchUpload', message, 404);
}
