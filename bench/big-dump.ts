/** A dump of any size for the restore bench, in the lab's container, and the same rows bare, as COPY takes them. */
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { FrameWriter } from '../src/lab/programs/copydump/format.ts';
import type { TableStart } from '../src/lab/programs/copydump/format.ts';

export const verifier = { user: 'drill_verifier', password: 'lab-verifier' };

const table: TableStart = { schema: 'public', name: 'orders', columns: ['id', 'item', 'placed_at'] };
export const copyText = 'COPY orders (id, item, placed_at) FROM STDIN';
/** Before any rows. The small table is for the verifier, which tries itself on the smallest. */
export const before = [
  'CREATE TABLE orders (id bigint NOT NULL, item text NOT NULL, placed_at timestamptz NOT NULL)',
  'CREATE TABLE dumps (id bigint NOT NULL)',
];
/** After all of them. */
export const after = [
  'ALTER TABLE orders ADD CONSTRAINT orders_pkey PRIMARY KEY (id)',
  `GRANT SELECT ON orders, dumps TO ${verifier.user}`,
];
export const roles = [`CREATE ROLE ${verifier.user} LOGIN PASSWORD '${verifier.password}'`];

const smallTable: TableStart = { schema: 'public', name: 'dumps', columns: ['id'] };

const rowsInPiece = 1_000;
const item = 'coffee tea cocoa honey sugar '.repeat(8);
const line = (id: number): string => `${id}\t${item}${id}\t2026-11-21 03:00:00+00\n`;

/** @returns how many rows there are */
export async function writeDump(files: { dump: string; rows: string }, bytes: number): Promise<number> {
  const [dump, bare] = await Promise.all([open(files.dump, 'w'), open(files.rows, 'w')]);
  try {
    const writer = new FrameWriter(async (piece) => void (await dump.write(piece)));
    const takenAt = new Date().toISOString();
    await writer.begin({ takenAt, engine: 'postgres', version: '18', database: 'orders', owner: 'postgres' });
    for (const statement of roles) await writer.frame('S', statement);
    for (const statement of before) await writer.frame('Q', statement);
    await writer.frame('T', JSON.stringify(smallTable));
    await writer.frame('D', '1\n');
    await writer.frame('T', JSON.stringify(table));
    const rows = await writeRows(writer, bare, bytes);
    for (const statement of after) await writer.frame('Q', statement);
    await writer.end({ 'public.dumps': 1, 'public.orders': rows });
    return rows;
  } finally {
    await Promise.all([dump.close(), bare.close()]);
  }
}

async function writeRows(writer: FrameWriter, bare: FileHandle, bytes: number): Promise<number> {
  let rows = 0;
  for (let written = 0; written < bytes;) {
    const first = rows;
    const piece = Buffer.from(Array.from({ length: rowsInPiece }, (_, n) => line(first + n)).join(''));
    await writer.frame('D', piece);
    await bare.write(piece);
    rows += rowsInPiece;
    written += piece.length;
  }
  return rows;
}
