/** How many rows tables have, asked for and referred to: the arithmetic of the rung `rows`, which the negative control uses too. */
import type { TableParams } from './params.ts';
import { insteadOfRows } from './tally.ts';
import type { Found } from './tally.ts';
import { differenceOf, rowsOf } from './wording.ts';

export interface RowsCase {
  table: string;
  /** What the drill says of it; absent: the table is not declared. */
  declared?: TableParams;
  /** What the restored database has under that name; undefined when there is nothing. */
  found: Found;
  /** Rows of the reference, where there is one that knows the table. */
  reference?: {
    rows: number;
    from: string;
    /** Restored rows that it speaks of, where it speaks of some: those up to the recovery point. */
    of?: number;
  };
  /** What the tables are held against, whether it knows this one or not: `the manifest`. */
  against?: string;
}

export interface RowsVerdict {
  holds: boolean;
  said: string;
  provesNothing?: boolean;
}

/** No row never passes, unless the table is declared empty or, undeclared, is empty in the reference too. */
export function judgeRows({
  table,
  declared,
  found: there,
  reference,
  against = 'the reference',
}: RowsCase): RowsVerdict {
  const fails = (said: string): RowsVerdict => ({ holds: false, said: `${table} ${said}` });
  const { minRows, maxRows, empty, rows } = declared ?? {};
  const from = reference && `${reference.from} ${rowsOf(reference.rows)}`;
  if (there === undefined) return fails(`is missing${from ? `: in ${from}` : ''}`);
  if ('instead' in there) return fails(insteadOfRows[there.instead]);
  const { rows: found } = there;
  if (empty === true) {
    if (found === 0) return { holds: true, said: `${table} is empty, as declared` };
    return fails(`has ${rowsOf(found)}, declared empty: ${differenceOf(0, found)}`);
  }
  if (found === 0 && declared === undefined && reference?.rows === 0) {
    return { holds: true, said: `${table}, not declared, is empty, as in ${reference.from}` };
  }
  if (found === 0 && reference?.rows === 0) {
    return fails(`has no row, as in ${reference.from}; one that may be empty must be declared so`);
  }
  if (found === 0) {
    const expected = from ?? (minRows ? `at least ${minRows}` : undefined);
    const asked = expected ? `expected ${expected}: ${differenceOf(reference?.rows ?? minRows!, 0)}` : 'expected some';
    return fails(`has no row, ${asked}; one that may be empty must be declared so`);
  }
  const compared = reference?.of ?? found;
  if (reference && reference.rows > 0 && compared === 2 * reference.rows) {
    return fails(`has ${rowsOf(compared)}, exactly twice ${from}: every row is there twice, as if restored twice`);
  }
  if (reference?.of === 0 && reference.rows === 0) {
    return { ...fails(`has no row on either side, ${reference.from}: nothing was compared`), provesNothing: true };
  }
  if (rows === 'equal') {
    if (!reference) return { ...fails(`can not be compared: ${against} says nothing of it`), provesNothing: true };
    if (compared !== reference.rows) {
      return fails(`has ${rowsOf(compared)}, ${from}: ${differenceOf(reference.rows, compared)}`);
    }
  }
  if (minRows !== undefined && found < minRows) {
    return fails(`has ${rowsOf(found)}, expected at least ${minRows}: ${differenceOf(minRows, found)}`);
  }
  if (maxRows !== undefined && found > maxRows) {
    return fails(`has ${rowsOf(found)}, expected at most ${maxRows}: ${differenceOf(maxRows, found)}`);
  }
  return { holds: true, said: `${table} has ${rowsOf(found)}` };
}
