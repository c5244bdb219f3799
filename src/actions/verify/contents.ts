/** Comparing contents by checksum: used by the rung `checksums`, and by the negative control, which must fail in it. */
import { FiredrillError } from '../../domain/errors.ts';
import type { TableChecksum } from './checksum.ts';
import { checksumSql } from './checksum.ts';
import type { Column, Engine, ReadSession } from './engine.ts';
import { differenceOf, rowsOf } from './wording.ts';

export interface ContentsCase {
  table: string;
  columns: readonly string[];
  found: TableChecksum;
  expected: TableChecksum;
  /** Where the expectation comes from. */
  from: string;
}

export interface ContentsVerdict {
  holds: boolean;
  said: string;
}

/** Equal contents have equal checksums; a row more, less or altered gives another one. No rows equal no rows, and show nothing. */
export function judgeContents({ table, columns, found, expected, from }: ContentsCase): ContentsVerdict {
  const over = `${table} (${columns.join(', ')})`;
  if (found.rows === 0 && expected.rows === 0) {
    return { holds: false, said: `${over} has no row, here and in ${from}: that is no contents to compare` };
  }
  if (found.value === expected.value) {
    return { holds: true, said: `${over}: ${rowsOf(found.rows)}, as in ${from}, checksum ${found.value}` };
  }
  const rows =
    found.rows === expected.rows
      ? `as many rows (${found.rows})`
      : `${rowsOf(found.rows)} instead of ${expected.rows}, ${differenceOf(expected.rows, found.rows)}`;
  return {
    holds: false,
    said: `${over} differs from ${from}: expected checksum ${expected.value}, found ${found.value}, with ${rows}`,
  };
}

/** @throws FiredrillError `checksum-impossible` when the server can't make a row's text */
export async function checksumOf(
  engine: Engine,
  session: ReadSession,
  table: string,
  columns: readonly Column[],
): Promise<TableChecksum> {
  return parseChecksum(table, await session.query(checksumSql(engine, table, columns)));
}

export function parseChecksum(table: string, [row]: readonly (readonly (string | null)[])[]): TableChecksum {
  const [rows, summed, value] = row!;
  if (rows === summed && value) return { rows: Number(rows), value };
  throw new FiredrillError(
    'checksum-impossible',
    `${table} has rows that are too large for the server to make one text of`,
    {
      expected: `${rows} rows`,
      found: `${summed} of them`,
      remedy: 'Leave the large column out of the checksum, or raise max_allowed_packet on the restored server.',
      provesNothing: true,
    },
  );
}
