/** `firedrill verify`: makes the figures again from the stored raw samples and checks the record's hash chain. */
import type { Command } from 'commander';
import type { Frame } from './frame.ts';

export function register(program: Command, frame: Frame): void {
  program
    .command('verify')
    .description('Recompute RTO and RPO from the stored raw samples and check the hash chain of the record.')
    .argument('<run>', 'id of the run')
    .option('--json', 'print one JSON document on stdout')
    .addHelpText('after', '\nExample:\n  firedrill verify r20260131-142501-k3x9')
    .action(async (runId: string, { json = false }: { json?: boolean }) => {
      const { verifyRun } = await import('./verify-run.ts');
      await verifyRun(frame, runId, json);
    });
}
