/** Target `s3/objects`: a place for objects, a bucket and prefix. What lies there is looked at by the actions, when they run. */
import { z } from 'zod';
import { text } from '../../../domain/fields.ts';
import { noneIfNotFound } from '../absent.ts';
import { defineTarget } from '../target.ts';
import { bucketName } from '../written.ts';

export const objects = defineTarget({
  spec: {
    type: 's3/objects',
    describes: 'Objects in a bucket under a prefix',
    params: z.strictObject({
      bucket: bucketName('name of the bucket'),
      prefix: text('what their keys begin with; default: all').optional(),
    }),
    facts: { bucket: 'bucket', prefix: 'prefix' },
  },
  reads: ['s3:ListBucket'],
  readsItself: true,
  async find(aws, { bucket, prefix = '' }, place) {
    const found = await noneIfNotFound(async () => [await aws.in(place).s3.headBucket({ Bucket: bucket })]);
    return found.map(() => ({
      id: `${bucket}/${prefix}`,
      arn: `arn:aws:s3:::${bucket}`,
      facts: { bucket, prefix },
    }));
  },
});
