/** `firedrill prober`: the detached process that watches a run from the users' side. Started by firedrill itself. */
import type { Command } from 'commander';
import type { Frame } from './frame.ts';

export function register(program: Command, frame: Frame): void {
  program
    .command('prober', { hidden: true })
    .description('Watch a run from outside until it is over (firedrill starts this by itself).')
    .argument('<run>', 'id of the run')
    .addHelpText('after', '\nExample:\n  firedrill prober r20260131-142501-k3x9')
    .action(async (runId: string) => {
      const { runProber } = await import('../app/prober.ts');
      await runProber(frame.env, runId);
    });
}
