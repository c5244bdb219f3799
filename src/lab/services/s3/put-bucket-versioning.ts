import type { PutBucketVersioningCommandInput, PutBucketVersioningCommandOutput } from '@aws-sdk/client-s3';
import { AwsError, type Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import { bucketAt } from './state.ts';

/** PutBucketVersioning. Once on, it can be suspended, never off. */
export const putBucketVersioning =
  (world: World): Handler<PutBucketVersioningCommandInput, PutBucketVersioningCommandOutput> =>
  ({ Bucket, VersioningConfiguration }, call) => {
    const status = VersioningConfiguration?.Status;
    if (status !== 'Enabled' && status !== 'Suspended') {
      throw new AwsError(
        'MalformedXML',
        'The XML you provided was not well-formed or did not validate against our published schema',
      );
    }
    bucketAt(world, call, Bucket).versioning = status;
    return {};
  };
