import type { GetBucketVersioningCommandInput, GetBucketVersioningCommandOutput } from '@aws-sdk/client-s3';
import type { Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import { bucketAt } from './state.ts';

/** GetBucketVersioning: without a status where it was never set. */
export const getBucketVersioning =
  (world: World): Handler<GetBucketVersioningCommandInput, GetBucketVersioningCommandOutput> =>
  ({ Bucket }, call) => ({ Status: bucketAt(world, call, Bucket).versioning });
