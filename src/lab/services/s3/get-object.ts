import { Readable } from 'node:stream';
import type { GetObjectCommandInput, GetObjectCommandOutput } from '@aws-sdk/client-s3';
import type { Handler } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import type { Bodies, Stored } from './bodies.ts';
import { checkReadable } from './lifecycle.ts';
import { reading } from './read-object.ts';

/** GetObject: streamed, whole or a range. Archived versions must be restored first. */
export const getObject =
  (world: World, bodies: Bodies): Handler<GetObjectCommandInput, GetObjectCommandOutput> =>
  (input, call) => {
    const { bucket, version, start, end, said } = reading(world, call, input);
    checkReadable(world, bucket, input.Key ?? '', version);
    return { ...said, Body: Readable.from(bytesOf(bodies, version.parts, start, end)) };
  };

/** Bytes `start` to `end` of the parts in their order. */
async function* bytesOf(bodies: Bodies, parts: readonly Stored[], start: number, end: number): AsyncGenerator<Buffer> {
  let offset = 0;
  for (const { id, size } of parts) {
    const first = Math.max(0, start - offset);
    const last = Math.min(size - 1, end - offset);
    if (first <= last) yield* bodies.get(id, first, last) as AsyncIterable<Buffer>;
    offset += size;
  }
}
