/** A line of the program's own log as a sentence for people who watch a run. */
import { harmless } from './terminal.ts';

/** @param line one JSON object, as the log writes it; anything else is given as it is */
export function sentenceOf(line: string): string {
  const row = parsed(line);
  if (!row) return harmless(line.trim());
  const { level, msg, error, time: _time, ...rest } = row;
  const said = [typeof msg === 'string' && msg, reasonOf(error)].filter((text) => typeof text === 'string' && text);
  const fields = isTrouble(level) && said.length > 0 ? '' : JSON.stringify(rest);
  const text = [...said, ...(fields === '' || fields === '{}' ? [] : [fields])].join(': ');
  return harmless(`${wordOf(level)}: ${text}`);
}

type Row = Readonly<Record<string, unknown>>;

function parsed(line: string): Row | undefined {
  try {
    const row: unknown = JSON.parse(line);
    return typeof row === 'object' && row !== null && !Array.isArray(row) ? (row as Row) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** An error report, or its message alone. */
function reasonOf(error: unknown): string | undefined {
  if (typeof error === 'string') return error;
  if (typeof error !== 'object' || error === null) return undefined;
  const { message, remedy } = error as Row;
  return [message, remedy].filter((text) => typeof text === 'string').join('. ') || undefined;
}

const isTrouble = (level: unknown): boolean => typeof level === 'number' && level >= 40;

function wordOf(level: unknown): string {
  if (!isTrouble(level)) return 'log';
  return (level as number) >= 50 ? 'error' : 'warning';
}
