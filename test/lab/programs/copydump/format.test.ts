import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { framesOf, FrameWriter, type FrameKind } from '../../../../src/lab/programs/copydump/format.ts';

const header = {
  takenAt: '2026-11-21T02:00:00.000Z',
  engine: 'postgres',
  version: '18',
  database: 'orders',
  owner: 'orders_admin',
} as const;

type Content = readonly (readonly [kind: FrameKind, content: Buffer])[];

async function written(content: Content): Promise<Buffer> {
  const pieces: Buffer[] = [];
  const writer = new FrameWriter(async (bytes) => void pieces.push(bytes));
  await writer.begin(header);
  for (const [kind, bytes] of content) await writer.frame(kind, bytes);
  await writer.end({ 'public.orders': 2 });
  return Buffer.concat(pieces);
}

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** Rows that follow each other as one frame: where they are cut says nothing. */
async function read(bytes: Buffer, size = 7): Promise<[FrameKind, Buffer][]> {
  const frames: [FrameKind, Buffer][] = [];
  for await (const { kind, content } of framesOf(inPieces(bytes, size))) frames.push([kind, Buffer.from(content)]);
  return joined(frames);
}

function joined(frames: Content): [FrameKind, Buffer][] {
  const together: [FrameKind, Buffer][] = [];
  for (const [kind, content] of frames) {
    const last = together.at(-1);
    if (kind === 'D' && last?.[0] === 'D') last[1] = Buffer.concat([last[1], content]);
    else if (kind !== 'D' || content.length > 0) together.push([kind, content]);
  }
  return together;
}

const frame = fc.tuple(
  fc.constantFrom<FrameKind>('S', 'Q', 'T', 'D'),
  fc.uint8Array({ maxLength: 50 }).map((bytes) => Buffer.from(bytes)),
);

describe('a dump', () => {
  it('is read as it was written, wherever the network cuts it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(frame, { maxLength: 8 }), fc.integer({ min: 1, max: 400 }), async (content, size) => {
        const [first, ...rest] = await read(await written(content), size);
        expect(JSON.parse(first?.[1].toString() ?? '')).toEqual(header);
        expect(rest.slice(0, -1)).toEqual(joined(content));
        expect(rest.at(-1)?.[0]).toBe('Z');
      }),
    );
  });

  it('is never taken for whole when its end is missing, however little that is', async () => {
    const whole = await written([['D', Buffer.from('1\ttea\n2\tcoffee\n')]]);
    for (let length = 0; length < whole.length; length += 1) {
      await expect(read(whole.subarray(0, length), 64), `${length} bytes`).rejects.toThrow(/cut off/);
    }
    await expect(read(whole, 64)).resolves.toHaveLength(3);
  });

  it('is never taken for whole when a byte of it changed', async () => {
    const whole = await written([['D', Buffer.from('1\ttea\n2\tcoffee\n')]]);
    // What the last frame says of rows, the restore compares with what it has.
    const last = whole.lastIndexOf('{"rows"') - 5;
    for (let at = 0; at < last; at += 1) {
      const damaged = Buffer.from(whole);
      damaged[at] = (damaged[at] ?? 0) ^ 0x01;
      await expect(read(damaged, 64), `byte ${at}`).rejects.toThrow();
    }
  });

  it('ends where it ends', async () => {
    const twice = Buffer.concat([await written([]), Buffer.from('Z\0\0\0\0')]);
    await expect(read(twice)).rejects.toThrow(/goes on after its end/);
    await expect(read(Buffer.from('PGDMP and so on, as pg_dump writes it'))).rejects.toThrow(/no dump of the order/);
  });

  it('gives rows as they arrive, and lets go of where they come from when nobody wants more', async () => {
    const whole = await written([['D', Buffer.alloc(1_000, 'x')]]);
    let left = false;
    async function* source(): AsyncGenerator<Buffer> {
      try {
        yield whole.subarray(0, 600);
        throw new Error('nobody asked for more');
      } finally {
        left = true;
      }
    }
    let rows: Buffer | undefined;
    for await (const { kind, content } of framesOf(source())) {
      if (kind !== 'D') continue;
      rows = content;
      break;
    }
    expect(rows?.every((byte) => byte === 'x'.charCodeAt(0))).toBe(true);
    expect(rows?.length).toBeLessThan(600);
    expect(left).toBe(true);
  });
});
