/** `firedrill validate FILE...`: every problem of drill definitions, in one pass. Changes nothing. */
import type { Diagnostic } from '../definition/diagnostic.ts';
import { UsageError, reportOf } from '../domain/errors.ts';
import type { ErrorReport } from '../domain/errors.ts';
import { valueSetsOf } from './arguments.ts';
import type { Frame, Register } from './frame.ts';

export const register: Register = (program, frame) => {
  program
    .command('validate')
    .description('Check drill definitions: every problem in one pass. Changes nothing.')
    .argument('<file...>', 'drill or estate files')
    .option('--values <sets>', 'check only with these value sets, laid over each other, like prod,checkout')
    .option('--json', 'print one JSON document on stdout')
    .addHelpText(
      'after',
      `
Looks at the files alone: whether their targets are there, firedrill plan finds
out. Without --values, a drill is checked with each of its value sets.
Exit codes: 0 all can be used (warnings are allowed), 2 one can not.

Example:
  firedrill validate drills/*.yaml
  firedrill validate drills/regional-failover.yaml --values prod --json`,
    )
    .action((files: string[], options: { values?: string; json?: boolean }) => validate(files, options, frame));
};

async function validate(
  files: readonly string[],
  { values, json = false }: { values?: string; json?: boolean },
  frame: Frame,
): Promise<void> {
  const [{ readDefinition }, { loadDefinition }, { renderDiagnostics }, catalogue] = await Promise.all([
    import('../definition/definition.ts'),
    import('../definition/files.ts'),
    import('../definition/render.ts'),
    frame.catalogue(),
  ]);
  const valueSets = valueSetsOf(values);
  const results: Result[] = [];
  for (const file of files) {
    const loaded = await loadDefinition(file).catch(unreadable);
    if ('problem' in loaded) {
      results.push({ file, diagnostics: [], ...loaded });
      continue;
    }
    const { diagnostics } = readDefinition({ ...loaded, catalogue, purpose: 'validate', valueSets });
    const sources = [loaded, ...(loaded.estate ? [loaded.estate] : [])];
    results.push({ file, diagnostics, text: renderDiagnostics(diagnostics, sources, { color: frame.color }) });
  }
  if (results.some(isBad)) frame.setExit(2);
  if (json) {
    const report = results.map((result) => ({
      file: result.file,
      valid: !isBad(result),
      problem: result.problem,
      diagnostics: result.diagnostics,
    }));
    frame.out(JSON.stringify({ valid: !results.some(isBad), files: report }, null, 2));
    return;
  }
  for (const result of results) {
    if (result.text !== undefined && result.text !== '') frame.out(`${result.text}\n`);
  }
  for (const result of results) frame.out(summary(result));
}

interface Result {
  file: string;
  diagnostics: readonly Diagnostic[];
  /** The diagnostics as they are shown. */
  text?: string;
  /** Why the file could not be read at all. */
  problem?: ErrorReport;
}

const isBad = ({ diagnostics, problem }: Result): boolean =>
  problem !== undefined || diagnostics.some(({ severity }) => severity === 'error');

/** A file that can't be read doesn't keep the others from being checked. */
function unreadable(error: unknown): { problem: ErrorReport } {
  if (error instanceof UsageError) return { problem: reportOf(error) };
  throw error;
}

function summary({ file, diagnostics, problem }: Result): string {
  if (problem) return [`${problem.message}.`, problem.remedy ?? ''].join(' ').trimEnd();
  const warnings = diagnostics.filter(({ severity }) => severity === 'warning').length;
  const errors = diagnostics.length - warnings;
  const count = (n: number, word: string): string[] => (n === 0 ? [] : [`${n} ${word}${n === 1 ? '' : 's'}`]);
  const found = [...count(errors, 'error'), ...count(warnings, 'warning')].join(', ');
  return errors > 0 ? `${file}: ${found}` : `${file}: good${found ? `, ${found}` : ''}`;
}
