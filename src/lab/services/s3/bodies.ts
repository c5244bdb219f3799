/**
 * Where the bytes of objects lie. Apart from the world, which stays small and serialisable: it knows bodies by name. In memory for
 * sweeps, in files for a lab.
 */
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';

export interface Stored {
  /** Name under which the body is found. */
  id: string;
  /** Bytes. */
  size: number;
  /** Hexadecimal. */
  md5: string;
}

export interface Bodies {
  put(body: Readable): Promise<Stored>;
  /** Bytes `start` to `end`, both included. */
  get(id: string, start: number, end: number): Readable;
  /** Succeeds also when there is none. */
  remove(id: string): Promise<void>;
}

/** Of a body that is read: backups are large, and each piece costs several turns of the event loop. */
const pieceBytes = 512 * 1024;

export function memoryBodies(): Bodies {
  const kept = new Map<string, Buffer>();
  return {
    async put(body) {
      const bytes = await buffer(body);
      const id = randomUUID();
      kept.set(id, bytes);
      return { id, size: bytes.length, md5: createHash('md5').update(bytes).digest('hex') };
    },
    get: (id, start, end) => Readable.from([(kept.get(id) ?? Buffer.alloc(0)).subarray(start, end + 1)]),
    remove(id) {
      kept.delete(id);
      return Promise.resolve();
    },
  };
}

/** @param directory made when it isn't there */
export function fileBodies(directory: string): Bodies {
  return {
    async put(body) {
      await mkdir(directory, { recursive: true });
      const id = randomUUID();
      const hash = createHash('md5');
      let size = 0;
      const measured = async function* (chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          hash.update(chunk);
          size += chunk.length;
          yield chunk;
        }
      };
      try {
        await pipeline(body, measured, createWriteStream(join(directory, id)));
      } catch (error) {
        await rm(join(directory, id), { force: true });
        throw error;
      }
      return { id, size, md5: hash.digest('hex') };
    },
    get: (id, start, end) => createReadStream(join(directory, id), { start, end, highWaterMark: pieceBytes }),
    remove: (id) => rm(join(directory, id), { force: true }),
  };
}
