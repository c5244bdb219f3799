/** Request bodies: S3's aws-chunked coding taken off, compressed ones inflated, whole ones collected under a limit. */
import type { IncomingMessage } from 'node:http';
import { pipeline, Transform, type Readable, type TransformCallback } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { AwsError } from './handler.ts';

/** Largest body that is held in memory; streams aren't. */
const maxBytes = 16 * 1024 * 1024;

/** The request's body without its content coding. */
export function decodedBody(request: IncomingMessage): Readable {
  const codings = request.headers['content-encoding'] ?? '';
  const signedChunks = String(request.headers['x-amz-content-sha256'] ?? '').startsWith('STREAMING-');
  if (codings.includes('aws-chunked') || signedChunks) return piped(request, new AwsChunkedDecoder());
  // Of an object, the coding is part of what is stored; only RPC clients compress for the way.
  return codings === 'gzip' && request.method === 'POST' ? piped(request, createGunzip()) : request;
}

/** A failed or aborted request destroys the decoder too, and its reader meets the error there. */
const piped = (source: Readable, into: Transform): Readable => pipeline(source, into, () => undefined);

/** @throws AwsError RequestEntityTooLarge beyond 16 MiB */
export async function collect(body: Readable): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) {
      throw new AwsError('RequestEntityTooLarge', `The request is larger than ${maxBytes} bytes.`, 413);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/**
 * `SIZE[;chunk-signature=...]\r\n DATA \r\n ... 0\r\n trailers \r\n`. Signatures and trailing checksums are dropped.
 */
class AwsChunkedDecoder extends Transform {
  private pending: Buffer = Buffer.alloc(0);
  /** Bytes of the current chunk that are still to come, its final line break included; undefined while a size is awaited. */
  private left: number | undefined;
  private ended = false;

  override _transform(data: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.pending = this.pending.length === 0 ? data : Buffer.concat([this.pending, data]);
    while (!this.ended && this.pending.length > 0 && this.step());
    done();
  }

  override _flush(done: TransformCallback): void {
    done(this.ended ? null : new Error('the aws-chunked body ends before its last chunk'));
  }

  /** Takes the next size, or a piece of the current chunk. False when more must arrive first. */
  private step(): boolean {
    if (this.left === undefined) {
      const end = this.pending.indexOf('\r\n');
      if (end < 0) return false;
      const size = Number.parseInt(this.pending.toString('latin1', 0, end), 16);
      this.pending = this.pending.subarray(end + 2);
      this.ended = !(size > 0);
      this.left = size + 2;
      return true;
    }
    const piece = this.pending.subarray(0, this.left);
    const data = piece.subarray(0, Math.max(0, this.left - 2));
    if (data.length > 0) this.push(data);
    this.pending = this.pending.subarray(piece.length);
    this.left = this.left === piece.length ? undefined : this.left - piece.length;
    return true;
  }
}
