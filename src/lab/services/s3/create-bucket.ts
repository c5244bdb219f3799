import type { CreateBucketCommandInput, CreateBucketCommandOutput } from '@aws-sdk/client-s3';
import { AwsError, type Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import { addBucket, buckets } from './state.ts';

const validName = /^(?!\d+\.\d+\.\d+\.\d+$)[a-z0-9](?:[a-z0-9-]|\.(?=[a-z0-9])){1,61}[a-z0-9]$/;

/** CreateBucket. In us-east-1, creating a bucket that one owns already succeeds, as on AWS. */
export const createBucket =
  (world: World): Handler<CreateBucketCommandInput, CreateBucketCommandOutput> =>
  ({ Bucket: name = '', CreateBucketConfiguration }, call) => {
    if (!validName.test(name)) throw new AwsError('InvalidBucketName', 'The specified bucket is not valid.');
    const asked = CreateBucketConfiguration?.LocationConstraint ?? 'us-east-1';
    if (asked !== call.region) {
      const message = `The ${asked === 'us-east-1' ? 'unspecified' : asked} location constraint is incompatible for the region specific endpoint this request was sent to.`;
      throw new AwsError('IllegalLocationConstraintException', message);
    }
    const existing = buckets(world)[name];
    if (existing && existing.account !== call.account) {
      const message =
        'The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.';
      throw new AwsError('BucketAlreadyExists', message, 409);
    }
    if (existing && call.region !== 'us-east-1') {
      const message = 'Your previous request to create the named bucket succeeded and you already own it.';
      throw new AwsError('BucketAlreadyOwnedByYou', message, 409);
    }
    if (!existing) addBucket(world, { name, account: call.account, region: call.region });
    return { Location: `/${name}` };
  };
