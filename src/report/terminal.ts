/** What a terminal needs of text: colours that can be left out, lines that fit, and nothing that could steer it. */
import { onOneLine } from '../domain/control-characters.ts';

export interface Paint {
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly warn: (text: string) => string;
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
}

const same = (text: string): string => text;
const coded =
  (open: number, close: number) =>
  (text: string): string =>
    `\u001b[${open}m${text}\u001b[${close}m`;

const plainPaint: Paint = { good: same, bad: same, warn: same, bold: same, dim: same };
const colours: Paint = {
  good: coded(32, 39),
  bad: coded(31, 39),
  warn: coded(33, 39),
  bold: coded(1, 22),
  dim: coded(2, 22),
};

/** @param color whether the caller wants colours: it knows about terminals and NO_COLOR */
export const paintFor = (color: boolean): Paint => (color ? colours : plainPaint);

/** Text from outside without control characters: an error message must not move the cursor or ring the bell. */
export const harmless = onOneLine;

/** Lines of at most `width` characters, broken between words; a longer word stands alone, and figures keep their units. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of harmless(text).split(gap)) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

const gap = /(?<!\d) +| +(?!(?:ms|s|min|h|d)\b)/;

/** One paragraph: the first line after `lead`, the others below it. */
export function paragraph(text: string, width: number, lead = ''): string[] {
  const hanging = ' '.repeat(lead.length);
  return wrap(text, Math.max(20, width - lead.length)).map((line, n) => `${n === 0 ? lead : hanging}${line}`);
}

/** Text of at most `width` characters; what was cut is shown by an ellipsis. */
export const cut = (text: string, width: number): string =>
  text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
