/** `firedrill run`: runs a drill where the standard AWS environment points. */
import type { Command } from 'commander';
import { preparing } from './early-interrupts.ts';
import type { Frame } from './frame.ts';
import type { RunOptions } from './run-drill.ts';

export function register(program: Command, frame: Frame): void {
  program
    .command('run')
    .description('Run a drill where the standard AWS environment points (profile, region, AWS_ENDPOINT_URL ...).')
    .argument('<file>', 'drill definition')
    .option('--values <sets>', 'value sets to use, laid over each other, like prod,checkout')
    .option('--consent <name>', 'the name of the drill: you agree that it hits production (asked for on a terminal)')
    .option('--json', 'print the run record as one JSON document on stdout')
    .addHelpText(
      'after',
      `
What it would touch, before you run it: firedrill plan <file>. Approvals are
waited for: firedrill approve <run>, from another terminal. Ctrl-C aborts and
undoes; once more leaves the run as it is, for "firedrill undo" or "resume".
Exit codes: 0 pass, 1 fail, 2 unusable input, 3 inconclusive, 4 aborted,
5 undo incomplete: what a person must do is printed.

Example:
  AWS_PROFILE=drills firedrill run drills/regional-failover.yaml --values prod

In a lab that stands on its own:
  firedrill lab up && eval "$(firedrill lab env)"
  firedrill run drills/regional-failover.yaml --values lab`,
    )
    .action((file: string, options: RunOptions) =>
      preparing(frame, async (early) => {
        const { runDrill } = await early.unlessStopped(import('./run-drill.ts'));
        await runDrill(frame, file, options, early);
      }),
    );
}
