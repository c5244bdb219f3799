/** Errors as a person reads them on the terminal, as one JSON document for scripts, and the exit code that belongs to them. */
import { FiredrillError, reportOf } from '../domain/errors.ts';

/**
 * Exit codes of errors by which a command ends. Those that aren't here mean that what was asked for can't be done as it is, and
 * that nothing was touched: 2. A run that has begun ends with a verdict, and not with an error.
 */
const exitCodes: Readonly<Record<string, number>> = {
  // The drill could prove nothing.
  'target-not-found': 3,
  'backup-archived': 3,
  'no-backups': 3,
  'snapshot-not-available': 3,
  // AWS had no answer, which says nothing about what was asked for.
  'aws-throttled': 3,
  'aws-unavailable': 3,
  'lab-failed': 3,
  'lab-not-ready': 3,
  'rehearsal-broke': 3,
  lost: 3,
  // A person said stop before there was anything to undo.
  stopped: 4,
  // A run was left in the middle.
  'run-left': 5,
  // What was asked for was tried and failed.
  'samples-broken': 1,
  'log-broken': 1,
  'log-incomplete': 1,
  'pdf-failed': 1,
  'lab-stuck': 1,
};

export function explain(error: unknown): { text: string; code: number } {
  if (!(error instanceof FiredrillError)) return { text: defect(error), code: 1 };
  const lines = [`error: ${error.message.replaceAll('\n', '\n       ')}`];
  if (error.expected) lines.push(`  expected  ${error.expected}`);
  if (error.found) lines.push(`  found     ${error.found}`);
  if (error.remedy) lines.push(`  do        ${error.remedy}`);
  lines.push(`  code      ${error.code}`);
  const { cause } = error;
  const isDefect = exitCodeOf(error) === 5 && cause instanceof Error && !(cause instanceof FiredrillError);
  return { text: [...lines, ...(isDefect ? [defect(cause)] : [])].join('\n'), code: exitCodeOf(error) };
}

const defect = (error: unknown): string =>
  `firedrill broke, which is a defect of it:\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;

/** The document that `--json` prints instead of a result. */
export function errorDocument(error: unknown): string {
  const { expected, found } = error instanceof FiredrillError ? error : {};
  const details = (['runId', 'diagnostics'] as const).flatMap((name) =>
    error instanceof FiredrillError && name in error
      ? [[name, (error as unknown as Record<string, unknown>)[name]]]
      : [],
  );
  return JSON.stringify({ error: { ...reportOf(error), expected, found, ...Object.fromEntries(details) } }, null, 2);
}

/** Of several problems at once, what is wrong with the input goes before what could not be proven. */
function exitCodeOf(error: FiredrillError): number {
  const problems = 'problems' in error ? (error.problems as readonly unknown[]) : [];
  const codes = [error, ...problems].map((each) => (each instanceof FiredrillError ? (exitCodes[each.code] ?? 2) : 1));
  return codes.includes(2) ? 2 : codes[0]!;
}
