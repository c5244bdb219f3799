/** Amazon S3 in the lab: versioned buckets with lifecycle rules, objects, multipart uploads. Source: S3 API reference. */
import type { ServiceEmulation } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import { abortMultipartUpload } from './abort-multipart-upload.ts';
import type { Bodies } from './bodies.ts';
import { completeMultipartUpload } from './complete-multipart-upload.ts';
import { createBucket } from './create-bucket.ts';
import { createMultipartUpload } from './create-multipart-upload.ts';
import { deleteObject } from './delete-object.ts';
import { getBucketLifecycleConfiguration } from './get-bucket-lifecycle-configuration.ts';
import { getBucketVersioning } from './get-bucket-versioning.ts';
import { getObject } from './get-object.ts';
import { headBucket } from './head-bucket.ts';
import { headObject } from './head-object.ts';
import { listBuckets } from './list-buckets.ts';
import { listObjectVersions } from './list-object-versions.ts';
import { listObjectsV2 } from './list-objects-v2.ts';
import { putBucketLifecycleConfiguration } from './put-bucket-lifecycle-configuration.ts';
import { putBucketVersioning } from './put-bucket-versioning.ts';
import { putObject } from './put-object.ts';
import { restoreObject } from './restore-object.ts';
import { uploadPart } from './upload-part.ts';

/** @param bodies where the bytes of objects lie; the world knows them by name */
export const s3 =
  (bodies: Bodies) =>
  (world: World): ServiceEmulation => ({
    client: 's3',
    operations: {
      AbortMultipartUpload: abortMultipartUpload(world, bodies),
      CompleteMultipartUpload: completeMultipartUpload(world, bodies),
      CreateBucket: createBucket(world),
      CreateMultipartUpload: createMultipartUpload(world),
      DeleteObject: deleteObject(world, bodies),
      GetBucketLifecycleConfiguration: getBucketLifecycleConfiguration(world),
      GetBucketVersioning: getBucketVersioning(world),
      GetObject: getObject(world, bodies),
      HeadBucket: headBucket(world),
      HeadObject: headObject(world),
      ListBuckets: listBuckets(world),
      ListObjectVersions: listObjectVersions(world, bodies),
      ListObjectsV2: listObjectsV2(world, bodies),
      PutBucketLifecycleConfiguration: putBucketLifecycleConfiguration(world),
      PutBucketVersioning: putBucketVersioning(world),
      PutObject: putObject(world, bodies),
      RestoreObject: restoreObject(world),
      UploadPart: uploadPart(world, bodies),
    },
  });
