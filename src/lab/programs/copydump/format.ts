/**
 * The container of the order service's dumps, `*.copydump`: npm ships no pg_dump, so these are not its format but the service's own.
 * A dump is a row of frames, each of one byte that says what it is, four bytes of length, and its content:
 *
 *   H header, JSON          what was dumped, when, from which version
 *   S SQL                   for the server, before there is a database: roles
 *   Q SQL                   for the database: tables before any rows; constraints, indexes, privileges after all
 *   T table, JSON           whose rows follow
 *   D rows                  as COPY ... TO STDOUT gives them, cut anywhere
 *   Z end, JSON             rows of every table, and SHA-256 of everything before this frame
 *
 * A dump without its last frame was cut off; one whose digest differs was damaged on its way.
 */
import { createHash } from 'node:crypto';

const magic = Buffer.from('ORDERS-COPYDUMP-1\n');
const headBytes = 5;
/** Larger ones are never written: a length beyond it is damage, not a frame. */
const maxFrameBytes = 16 * 1024 * 1024;

export type FrameKind = 'H' | 'S' | 'Q' | 'T' | 'D' | 'Z';

export interface Frame {
  kind: FrameKind;
  content: Buffer;
}

export interface Header {
  /** ISO 8601: the snapshot that was dumped. Everything committed before it is there. */
  takenAt: string;
  engine: 'postgres';
  /** Major version. */
  version: string;
  database: string;
  owner: string;
}

export interface TableStart {
  schema: string;
  name: string;
  columns: string[];
}

export interface Trailer {
  /** By `schema.table`. */
  rows: Record<string, number>;
  /** Hexadecimal. */
  sha256: string;
}

export const jsonOf = ({ content }: Frame): unknown => JSON.parse(content.toString('utf8'));

/** Writes frames, and keeps the digest of what it has written. */
export class FrameWriter {
  private readonly hash = createHash('sha256');
  private readonly write: (bytes: Buffer) => Promise<void>;

  constructor(write: (bytes: Buffer) => Promise<void>) {
    this.write = write;
  }

  async begin(header: Header): Promise<void> {
    await this.add(magic);
    await this.frame('H', JSON.stringify(header));
  }

  async frame(kind: FrameKind, content: string | Buffer): Promise<void> {
    const bytes = Buffer.from(content);
    const head = Buffer.alloc(headBytes);
    head.write(kind, 'latin1');
    head.writeUInt32BE(bytes.length, 1);
    await this.add(Buffer.concat([head, bytes]));
  }

  end(rows: Trailer['rows']): Promise<void> {
    return this.frame('Z', JSON.stringify({ rows, sha256: this.hash.copy().digest('hex') } satisfies Trailer));
  }

  private add(bytes: Buffer): Promise<void> {
    this.hash.update(bytes);
    return this.write(bytes);
  }
}

/**
 * The frames of a dump, as they arrive. After the last one the dump is known to be whole.
 * @throws Error that says what is wrong with it
 */
export async function* framesOf(source: AsyncIterable<Uint8Array>): AsyncGenerator<Frame> {
  const hash = createHash('sha256');
  let held: Buffer = Buffer.alloc(0);
  let seen = 0;
  let begun = false;
  let ended = false;
  for await (const chunk of source) {
    held = held.length === 0 ? Buffer.from(chunk) : Buffer.concat([held, chunk]);
    seen += chunk.length;
    if (!begun) {
      if (held.length < magic.length) continue;
      if (!held.subarray(0, magic.length).equals(magic)) throw new Error('this is no dump of the order service');
      hash.update(magic);
      held = held.subarray(magic.length);
      begun = true;
    }
    for (let length = frameLength(held); length !== undefined && held.length >= length; length = frameLength(held)) {
      if (ended) throw new Error('the dump goes on after its end');
      const bytes = held.subarray(0, length);
      const frame = { kind: bytes.toString('latin1', 0, 1) as FrameKind, content: bytes.subarray(headBytes) };
      held = held.subarray(length);
      ended = frame.kind === 'Z';
      if (ended && (jsonOf(frame) as Trailer).sha256 !== hash.digest('hex')) {
        throw new Error('the dump was damaged: its content does not match the digest at its end');
      }
      if (!ended) hash.update(bytes);
      yield frame;
    }
  }
  if (!ended || held.length > 0)
    throw new Error(`the dump is cut off: it ends after ${seen} bytes, before its last frame`);
}

/** Of the frame that begins here, its head included; undefined until its head is there. */
function frameLength(held: Buffer): number | undefined {
  if (held.length < headBytes) return undefined;
  const content = held.readUInt32BE(1);
  if (content > maxFrameBytes || !'HSQTDZ'.includes(held.toString('latin1', 0, 1))) {
    throw new Error('the dump was damaged: there is no frame where one should begin');
  }
  return headBytes + content;
}
