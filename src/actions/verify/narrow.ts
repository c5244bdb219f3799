/**
 * Which rows differ between two databases: both sort their rows into buckets by primary key, only buckets with different
 * checksums are read, and of these only keys and hashes cross the wire.
 */
import { bucketRowsSql, bucketsSql } from './checksum.ts';
import type { Column, Engine, ReadSession, TextRow } from './engine.ts';
import { firstOf } from './wording.ts';

export interface Narrowing {
  engine: Engine;
  table: string;
  columns: readonly Column[];
  key: readonly Column[];
  restored: ReadSession;
  source: ReadSession;
}

const bucketCount = 256;
/** Buckets that are read row by row, and keys that are told. */
const mostBuckets = 8;
const mostKeys = 5;

/** One phrase: how many rows are missing, extra and altered compared with the source, and the first keys of each. */
export async function narrow(narrowing: Narrowing): Promise<string> {
  const { engine, table, columns, key, restored, source } = narrowing;
  const sql = bucketsSql(engine, table, columns, key, bucketCount);
  const [mine, theirs] = await Promise.all([restored.query(sql), source.query(sql)]);
  const differing = differingBuckets(mine, theirs);
  if (differing.length === 0) return 'the source has the same rows by now as the restored copy';

  const [missing, extra, altered]: string[][] = [[], [], []];
  for (const number of differing.slice(0, mostBuckets)) {
    const rows = bucketRowsSql(engine, table, columns, key, { number, of: bucketCount });
    const [here, there] = await Promise.all([restored.query(rows), source.query(rows)]);
    const found = new Map(here.map(([id, md5]) => [id!, md5]));
    const expected = new Map(there.map(([id, md5]) => [id!, md5]));
    for (const [id, md5] of expected) {
      if (!found.has(id)) missing!.push(id);
      else if (found.get(id) !== md5) altered!.push(id);
    }
    for (const id of found.keys()) if (!expected.has(id)) extra!.push(id);
  }
  const kinds: [string, string[]][] = [
    ['missing', missing!],
    ['extra', extra!],
    ['altered', altered!],
  ];
  const told = kinds.flatMap(([kind, ids]) =>
    ids.length > 0 ? [`${ids.length} ${kind} (key ${firstOf(ids.sort(byNumberOrText), mostKeys)})`] : [],
  );
  const all = differing.length <= mostBuckets;
  const bound = all
    ? 'compared with the source'
    : `in ${mostBuckets} of ${differing.length} differing parts of the key space, compared with the source`;
  return `${bound}: ${told.join(', ')}`;
}

const byNumberOrText = (a: string, b: string): number => {
  const gap = Number(a) - Number(b);
  return Number.isNaN(gap) ? (a < b ? -1 : 1) : gap;
};

/** Numbers of the buckets that are not alike on both sides. */
export function differingBuckets(mine: readonly TextRow[], theirs: readonly TextRow[]): string[] {
  const of = (rows: readonly TextRow[]): Map<string, string | null> => new Map(rows.map(([b, , sums]) => [b!, sums!]));
  const [a, b] = [of(mine), of(theirs)];
  const numbers = new Set([...a.keys(), ...b.keys()]);
  return [...numbers].filter((number) => a.get(number) !== b.get(number)).sort((x, y) => Number(x) - Number(y));
}
