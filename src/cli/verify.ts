/** `firedrill verify`: makes the figures again from what is stored of a run, and checks the record's hash chain. */
import type { Command } from 'commander';
import type { Frame } from './frame.ts';

export function register(program: Command, frame: Frame): void {
  program
    .command('verify')
    .description(
      'Recompute RTO and RPO from the stored raw samples (of a restore: from the log) and check the record’s hash chain.',
    )
    .argument('<run>', 'id of the run')
    .option('--json', 'print one JSON document on stdout')
    .addHelpText(
      'after',
      '\nExit codes: 0 all of it holds, 1 something is not what it was, 2 no such run,\n3 the run is unfinished.' +
        '\n\nExample:\n  firedrill verify r20260131-142501-k3x9',
    )
    .action(async (runId: string, { json = false }: { json?: boolean }) => {
      const { verifyRun } = await import('./verify-run.ts');
      await verifyRun(frame, runId, json);
    });
}
