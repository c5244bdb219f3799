import type { HeadObjectCommandInput, HeadObjectCommandOutput } from '@aws-sdk/client-s3';
import type { Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import { reading } from './read-object.ts';

/** HeadObject */
export const headObject =
  (world: World): Handler<HeadObjectCommandInput, HeadObjectCommandOutput> =>
  (input, call) =>
    reading(world, call, input).said;
