/** Errors as a person reads them on the terminal, and the exit code that belongs to them. */
import { FiredrillError, UsageError } from '../domain/errors.ts';

/** Codes of errors that mean: the drill could prove nothing, and nothing was touched. */
const inconclusive = new Set(['target-not-found']);

export function explain(error: unknown): { text: string; code: number } {
  if (!(error instanceof FiredrillError)) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { text: `firedrill broke, which is a defect of it:\n${text}`, code: 1 };
  }
  const lines = [`error: ${error.message}`];
  if (error.expected) lines.push(`  expected  ${error.expected}`);
  if (error.found) lines.push(`  found     ${error.found}`);
  if (error.remedy) lines.push(`  do        ${error.remedy}`);
  lines.push(`  code      ${error.code}`);
  return { text: lines.join('\n'), code: exitCodeOf(error) };
}

function exitCodeOf(error: FiredrillError): number {
  if (inconclusive.has(error.code)) return 3;
  return error instanceof UsageError ? 2 : 1;
}
