import type { ListBucketsCommandInput, ListBucketsCommandOutput } from '@aws-sdk/client-s3';
import type { Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import { buckets } from './state.ts';

/** ListBuckets: those of the caller's account, in pages where MaxBuckets is given. */
export const listBuckets =
  (world: World): Handler<ListBucketsCommandInput, ListBucketsCommandOutput> =>
  ({ Prefix = '', BucketRegion, MaxBuckets, ContinuationToken = '' }, call) => {
    const own = Object.values(buckets(world))
      .filter(({ account, region }) => account === call.account && (BucketRegion ?? region) === region)
      .filter(({ name }) => name.startsWith(Prefix) && name > ContinuationToken)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    const page = own.slice(0, MaxBuckets ?? 10_000);
    return {
      Buckets: page.map(({ name, region, createdAt }) => ({
        Name: name,
        BucketRegion: region,
        CreationDate: new Date(createdAt),
      })),
      Owner: { ID: call.account },
      ContinuationToken: page.length < own.length ? page.at(-1)?.name : undefined,
    };
  };
