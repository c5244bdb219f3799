/** A definition's text and places in it. Offsets count UTF-16 units from 0; lines and columns count from 1. */
import type { SourcePosition } from '../domain/drill.ts';

export interface Source {
  /** As it shall appear in messages. */
  file: string;
  text: string;
}

export interface Range {
  source: Source;
  start: number;
  end: number;
}

/** Line and column of a range's start, and how much of its first line it spans. */
export function positionOf({ source, start, end }: Range): SourcePosition & { length: number } {
  const { file, text } = source;
  const from = Math.min(start, text.length);
  const lineStart = text.lastIndexOf('\n', from - 1) + 1;
  const line = countNewlines(text, lineStart) + 1;
  const newline = text.indexOf('\n', from);
  const lineEnd = newline === -1 ? text.length : newline;
  return { file, line, column: from - lineStart + 1, length: Math.max(1, Math.min(end, lineEnd) - from) };
}

function countNewlines(text: string, before: number): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at !== -1 && at < before; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}
