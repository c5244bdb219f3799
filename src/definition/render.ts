/**
 * Diagnostics for people: place, code and message, then the line of the source with a caret under the mistake. What was
 * written in the place of a secret is masked wherever its line is shown.
 */
import { replaceControls } from '../domain/control-characters.ts';
import type { Diagnostic } from './diagnostic.ts';
import type { Source } from './source.ts';

const paint = { red: 31, yellow: 33, cyan: 36, dim: 2, bold: 1 } as const;

/** Longest part of a line that is shown, characters. */
const widest = 160;

export function renderDiagnostics(
  diagnostics: readonly Diagnostic[],
  sources: readonly Source[],
  { color }: { color: boolean },
): string {
  const dye = (text: string, as: keyof typeof paint): string => (color ? `\u001B[${paint[as]}m${text}\u001B[0m` : text);
  const lines = new Map(sources.map((source) => [source.file, maskedLines(source, diagnostics)]));
  return diagnostics
    .map((diagnostic) => {
      const { file, line, column, length, code, severity } = diagnostic;
      const tint = severity === 'error' ? 'red' : 'yellow';
      const label = severity === 'warning' ? `${code} (warning)` : code;
      const message = visible(messageOf(diagnostic));
      const head = `${dye(`${file}:${line}:${column}`, 'bold')}  ${dye(label, tint)}  ${message}`;
      const written = lines.get(file)?.[line - 1];
      if (written === undefined) return head;
      const { text, from } = excerpt(written, column - 1);
      const gutter = `${' '.repeat(Math.max(0, 5 - String(line).length))}${line} | `;
      // Tabs stay tabs, so that the caret stands under the mistake however wide they are shown.
      const indent = text.slice(0, column - 1 - from).replaceAll(/[^\t]/g, ' ');
      const caret = '^'.repeat(Math.max(1, Math.min(length, text.length - indent.length)));
      const under = `${' '.repeat(gutter.length - 2)}| ${indent}${dye(caret, tint)}`;
      return `${head}\n${dye(gutter, 'dim')}${visible(text)}\n${under}`;
    })
    .join('\n\n');
}

/**
 * What a terminal would obey is shown as a picture of it, or as what has none: escapes, and marks that turn the direction of
 * writing. Every character stays one, so that the caret stays where it belongs.
 */
const visible = (text: string): string =>
  replaceControls(text, (character) => {
    if (character === '\t') return character;
    return character < ' ' ? String.fromCharCode(0x2400 + character.charCodeAt(0)) : '\uFFFD';
  });

/** The message with what was probably meant. */
const messageOf = ({ message, suggestion }: Diagnostic): string =>
  suggestion === undefined ? message : `${message} (did you mean '${suggestion}'?)`;

function excerpt(line: string, column: number): { text: string; from: number } {
  if (line.length <= widest) return { text: line, from: 0 };
  const from = Math.max(0, Math.min(column - widest / 2, line.length - widest));
  return { text: line.slice(from, from + widest), from };
}

function maskedLines({ file, text }: Source, diagnostics: readonly Diagnostic[]): string[] {
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''));
  for (const { code, line, column, length, ...at } of diagnostics) {
    if (code !== 'secret-in-file' || at.file !== file) continue;
    const written = lines[line - 1] ?? '';
    const [before, after] = [written.slice(0, column - 1), written.slice(column - 1 + length)];
    lines[line - 1] = `${before}${'*'.repeat(length)}${after}`;
  }
  return lines;
}
