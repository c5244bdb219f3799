/**
 * The checksum of a table's contents, as SQL: computed on the server, in one pass, whatever order the rows come in.
 *
 *   cell    NULL -> `-`; else length in characters, `:`, the value as text
 *   row     MD5 of its cells put together, in the order of the columns that were asked for
 *   table   MD5 of `rows:sum:sum`, the sums over both halves of the rows' MD5s as signed numbers of 64 bits
 *
 * Lengths keep neighbouring cells apart. Sums forget the order of rows, yet not how often one is there. It is a defence
 * against accidents, not against somebody who forges rows.
 */
import type { Column, Engine } from './engine.ts';

export interface TableChecksum {
  rows: number;
  /** 32 hexadecimal digits. */
  value: string;
}

const rowMd5 = (engine: Engine, cells: readonly string[]): string => `md5(${engine.concat(cells)})`;

const cellsOf = (engine: Engine, columns: readonly Column[]): string[] => columns.map((column) => engine.cell(column));

/** Gives `rows`, the number of MD5s (as many, or the server couldn't make one), and the value. */
const summed = (engine: Engine, from: string): string => {
  const sum = (side: 'left' | 'right'): string => `coalesce(sum(${engine.half('h', side)}), 0)`;
  return `select count(*), count(h), md5(concat_ws(':', count(*), ${sum('left')}, ${sum('right')})) from (${from}) r`;
};

export function checksumSql(engine: Engine, table: string, columns: readonly Column[]): string {
  return summed(engine, `select ${rowMd5(engine, cellsOf(engine, columns))} as h from ${engine.table(table)}`);
}

/** The same of a table one row of which had other contents. Nothing is written: the row is altered on its way. */
export function alteredChecksumSql(engine: Engine, table: string, columns: readonly Column[]): string {
  const [first = '', ...others] = cellsOf(engine, columns);
  const altered = `case when firedrill_row = 1 then ${engine.concat(["'altered'", first])} else ${first} end`;
  const numbered = `select t.*, row_number() over () as firedrill_row from (select * from ${engine.table(table)}) t`;
  return summed(engine, `select ${rowMd5(engine, [altered, ...others])} as h from (${numbered}) n`);
}

const keyMd5 = (engine: Engine, key: readonly Column[]): string => rowMd5(engine, cellsOf(engine, key));

/** Checksums by bucket of the primary key: bucket, rows, value. */
export function bucketsSql(
  engine: Engine,
  table: string,
  columns: readonly Column[],
  key: readonly Column[],
  buckets: number,
): string {
  const row = `select ${engine.bucket(keyMd5(engine, key), buckets)} as b, ${rowMd5(engine, cellsOf(engine, columns))} as h`;
  const sum = (side: 'left' | 'right'): string => `sum(${engine.half('h', side)})`;
  return `select b, count(*), concat_ws(':', count(*), ${sum('left')}, ${sum('right')})
    from (${row} from ${engine.table(table)}) r group by b`;
}

/** The rows of one bucket: primary key for people, MD5 of the row. */
export function bucketRowsSql(
  engine: Engine,
  table: string,
  columns: readonly Column[],
  key: readonly Column[],
  bucket: { number: string; of: number },
): string {
  const shown = engine.concat(key.flatMap((column, n) => [...(n === 0 ? [] : ["', '"]), engine.shown(column)]));
  return `select ${shown}, ${rowMd5(engine, cellsOf(engine, columns))} from ${engine.table(table)}
    where ${engine.bucket(keyMd5(engine, key), bucket.of)} = ${Number(bucket.number)}`;
}
