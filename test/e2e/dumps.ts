/**
 * Dumps that went wrong, made of one that is right: taken apart into frames, changed, and put together again with the digest that
 * belongs to them. What a digest can find out is another matter than what a verification must.
 */
import { FrameWriter, framesOf, jsonOf } from '../../src/lab/programs/copydump/format.ts';
import type { Frame, FrameKind, Header, TableStart, Trailer } from '../../src/lab/programs/copydump/format.ts';

export interface Part {
  kind: FrameKind;
  content: string;
}

/** The frames of a dump but its last one, which is made anew. */
export async function partsOf(dump: Buffer): Promise<Part[]> {
  const parts: Part[] = [];
  for await (const frame of framesOf(inOnePiece(dump))) if (frame.kind !== 'Z') parts.push(textOf(frame));
  return parts;
}

// eslint-disable-next-line @typescript-eslint/require-await -- a stream of one piece
async function* inOnePiece(dump: Buffer): AsyncGenerator<Buffer> {
  yield dump;
}

const textOf = ({ kind, content }: Frame): Part => ({ kind, content: content.toString('utf8') });

/** As the tool that takes dumps would have written it: the digest is right, and so are the counts of rows at its end. */
export async function dumpOf(parts: readonly Part[]): Promise<Buffer> {
  const pieces: Buffer[] = [];
  const writer = new FrameWriter((bytes) => Promise.resolve(void pieces.push(bytes)));
  const [header, ...rest] = parts;
  await writer.begin(JSON.parse(header!.content) as Header);
  const rows: Trailer['rows'] = {};
  let table = '';
  for (const { kind, content } of rest) {
    await writer.frame(kind, content);
    if (kind === 'T') rows[(table = nameIn(content))] = 0;
    if (kind === 'D') rows[table]! += content.split('\n').length - 1;
  }
  await writer.end(rows);
  return Buffer.concat(pieces);
}

const nameIn = (start: string): string => {
  const { schema, name } = jsonOf({ kind: 'T', content: Buffer.from(start) }) as TableStart;
  return `${schema}.${name}`;
};

/** The rows of one table, changed. */
export function withRows(parts: readonly Part[], table: string, change: (rows: string) => string): Part[] {
  let current = '';
  return parts.map((part) => {
    if (part.kind === 'T') current = nameIn(part.content);
    return part.kind === 'D' && current === `public.${table}` ? { ...part, content: change(part.content) } : part;
  });
}

/** Without a table, its rows, and every statement that speaks of it. */
export function withoutTable(parts: readonly Part[], table: string): Part[] {
  let current = '';
  return parts.filter(({ kind, content }) => {
    if (kind === 'T') current = nameIn(content);
    if (kind === 'T' || kind === 'D') return current !== `public.${table}`;
    return kind !== 'Q' || !new RegExp(`\\b${table}\\b`).test(content);
  });
}

export const withoutRows = (parts: readonly Part[]): Part[] => parts.filter(({ kind }) => kind !== 'D');

/** Without the statements that match: keys, say, that would refuse what else is changed. */
export const withoutSql = (parts: readonly Part[], pattern: RegExp): Part[] =>
  parts.filter(({ kind, content }) => kind !== 'Q' || !pattern.test(content));

export function withHeader(parts: readonly Part[], change: Partial<Header>): Part[] {
  const [header, ...rest] = parts;
  const changed = { ...(JSON.parse(header!.content) as Header), ...change };
  return [{ kind: 'H', content: JSON.stringify(changed) }, ...rest];
}

/** One bit of it, the other way round. */
export function flipped(dump: Buffer, at: number): Buffer {
  const copy = Buffer.from(dump);
  copy[at]! ^= 0b100;
  return copy;
}
