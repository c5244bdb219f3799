/** Tables for a terminal: columns that fit, cells that keep their colour. */
import type { Paint } from './terminal.ts';
import { cut, harmless, wrap } from './terminal.ts';

/** Cells with the colour they get after padding. */
export type Cell = string | { text: string; tone: (text: string) => string };

/**
 * Columns as wide as their widest cell; the last one is wrapped below itself when it doesn't fit. Where not even the others
 * fit beside each other, every row becomes its first cell with the rest below it.
 */
export function table(title: string, rows: readonly Cell[][], width: number, paint: Paint): string[] {
  if (rows.length === 0) return [];
  const columns = Math.max(...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, n) =>
    Math.min(32, Math.max(...rows.map((row) => textOf(row[n]).length))),
  );
  const indentOf = (row: readonly Cell[]): number => row.slice(1).reduce((sum, _, n) => sum + widths[n]! + 2, 2);
  const narrow = rows.some((row) => indentOf(row) - 2 > width);
  const lines = rows.flatMap((row) => (narrow ? stacked(row, width) : aligned(row, widths, indentOf(row), width)));
  return [paint.bold(title), ...lines];
}

const textOf = (cell: Cell | undefined): string => harmless(typeof cell === 'object' ? cell.text : (cell ?? ''));
const toned = (cell: Cell, text: string): string => (typeof cell === 'object' ? cell.tone(text) : text);

function aligned(row: readonly Cell[], widths: readonly number[], indent: number, width: number): string[] {
  const before = row.slice(0, -1).map((cell, n) => toned(cell, cut(textOf(cell), widths[n]!).padEnd(widths[n]!)));
  const last = row.at(-1)!;
  const fits = width - indent >= Math.min(24, textOf(last).length);
  const [first = '', ...more] = wrap(textOf(last), fits ? width - indent : width - 6);
  const hanging = ' '.repeat(fits ? indent : 6);
  const head = `  ${[...before, ...(fits ? [toned(last, first)] : [])].join('  ')}`;
  return [head, ...(fits ? more : [first, ...more]).map((line) => `${hanging}${toned(last, line)}`)].map((line) =>
    line.trimEnd(),
  );
}

function stacked([first = '', ...rest]: readonly Cell[], width: number): string[] {
  const below = rest.filter((cell) => textOf(cell) !== '');
  const lines: { text: string; shown: string }[] = [];
  for (const cell of below) {
    const last = lines.at(-1);
    const text = textOf(cell);
    if (last && last.text.length + text.length + 9 <= width) {
      last.text += ` · ${text}`;
      last.shown += ` · ${toned(cell, text)}`;
      continue;
    }
    for (const line of wrap(text, width - 6)) lines.push({ text: line, shown: toned(cell, line) });
  }
  const body = lines.map(({ shown }, n) => `${n === 0 ? '    ' : '      '}${shown}`);
  return [...(textOf(first) === '' ? [] : [`  ${toned(first, textOf(first))}`]), ...body];
}
