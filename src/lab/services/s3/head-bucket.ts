import type { HeadBucketCommandInput, HeadBucketCommandOutput } from '@aws-sdk/client-s3';
import type { Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import { bucketAt } from './state.ts';

/** HeadBucket */
export const headBucket =
  (world: World): Handler<HeadBucketCommandInput, HeadBucketCommandOutput> =>
  ({ Bucket }, call) => ({ BucketRegion: bucketAt(world, call, Bucket).region, AccessPointAlias: false });
