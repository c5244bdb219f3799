import type {
  GetBucketLifecycleConfigurationCommandInput,
  GetBucketLifecycleConfigurationCommandOutput,
  LifecycleRule,
} from '@aws-sdk/client-s3';
import { AwsError, type Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import { bucketAt } from './state.ts';

/** GetBucketLifecycleConfiguration */
export const getBucketLifecycleConfiguration =
  (world: World): Handler<GetBucketLifecycleConfigurationCommandInput, GetBucketLifecycleConfigurationCommandOutput> =>
  ({ Bucket }, call) => {
    const { lifecycleText } = bucketAt(world, call, Bucket);
    if (lifecycleText === undefined) {
      throw new AwsError('NoSuchLifecycleConfiguration', 'The lifecycle configuration does not exist', 404);
    }
    return { Rules: JSON.parse(lifecycleText) as LifecycleRule[] };
  };
