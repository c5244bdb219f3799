/** `firedrill measure`: RTO and RPO from a raw sample file alone, so that others can audit the arithmetic. */
import type { Command } from 'commander';
import type { Frame } from './frame.ts';

export function register(program: Command, frame: Frame): void {
  program
    .command('measure')
    .description(
      'Compute RTO and RPO from a raw sample file (newline-delimited JSON) and nothing else. By the marks of the run, where the ' +
        'file holds them, recovery and failback apart, as its record has them; else from the first sample to the last.',
    )
    .argument('<file>', 'samples, one JSON object a line; "found" is what was read back, "judged" the marks of the run')
    .option('--steady <duration>', 'how long good counts as recovered; default: as the run says, else 5s')
    .option('--json', 'print one JSON document on stdout')
    .addHelpText(
      'after',
      `
Exit codes: 0 measured, 2 the file can't be used.

Example:
  firedrill report r20260131-142501-k3x9 --format samples --out raw.ndjson
  firedrill measure raw.ndjson`,
    )
    .action(async (file: string, { steady, json = false }: { steady?: string; json?: boolean }) => {
      const { measureFile } = await import('./measure-file.ts');
      await measureFile(frame, file, { steady, json });
    });
}
