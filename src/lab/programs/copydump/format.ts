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
 * The frames of a dump, as they arrive. Rows come in whatever pieces the network cuts them into, never copied; other frames whole.
 * After the last one the dump is known to be whole.
 * @throws Error that says what is wrong with it
 */
export async function* framesOf(source: AsyncIterable<Uint8Array>): AsyncGenerator<Frame> {
  const hash = createHash('sha256');
  const bytes = new Arriving(source);
  try {
    const begin = await bytes.exactly(magic.length);
    if (!begin.equals(magic)) throw new Error('this is no dump of the order service');
    hash.update(begin);
    for (;;) {
      const head = await bytes.exactly(headBytes);
      const { kind, length } = readHead(head);
      if (kind === 'Z') {
        yield checked({ kind, content: await bytes.exactly(length) }, hash.digest('hex'));
        break;
      }
      hash.update(head);
      for await (const content of kind === 'D' ? bytes.inPieces(length) : [await bytes.exactly(length)]) {
        hash.update(content);
        yield { kind, content };
      }
    }
    if (!(await bytes.areOver())) throw new Error('the dump goes on after its end');
  } finally {
    await bytes.leave();
  }
}

function checked(last: Frame, found: string): Frame {
  if ((jsonOf(last) as Trailer).sha256 === found) return last;
  throw new Error('the dump was damaged: its content does not match the digest at its end');
}

function readHead(head: Buffer): { kind: FrameKind; length: number } {
  const kind = head.toString('latin1', 0, 1) as FrameKind;
  const length = head.readUInt32BE(1);
  if (length > maxFrameBytes || !'HSQTDZ'.includes(kind)) {
    throw new Error('the dump was damaged: there is no frame where one should begin');
  }
  return { kind, length };
}

/** Bytes that are read as they are wanted, not as they come. */
class Arriving {
  private readonly chunks: AsyncIterator<Uint8Array>;
  private rest: Buffer = Buffer.alloc(0);
  private seen = 0;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.chunks = source[Symbol.asyncIterator]();
  }

  /** @throws Error when the end comes before */
  async exactly(length: number): Promise<Buffer> {
    const pieces: Buffer[] = [];
    for await (const piece of this.inPieces(length)) pieces.push(piece);
    return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
  }

  /** As they arrived. @throws Error when the end comes before */
  async *inPieces(length: number): AsyncGenerator<Buffer> {
    for (let left = length; left > 0;) {
      if (await this.areOver())
        throw new Error(`the dump is cut off: it ends after ${this.seen} bytes, before its last frame`);
      const piece = this.rest.subarray(0, left);
      this.rest = this.rest.subarray(piece.length);
      left -= piece.length;
      yield piece;
    }
  }

  async areOver(): Promise<boolean> {
    while (this.rest.length === 0) {
      const { done, value } = await this.chunks.next();
      if (done) return true;
      this.rest = Buffer.from(value.buffer, value.byteOffset, value.length);
      this.seen += value.length;
    }
    return false;
  }

  /** Nothing more is wanted: what they come from may end. */
  async leave(): Promise<void> {
    await this.chunks.return?.();
  }
}
