/** `firedrill rehearse`: lab up, run, report, lab down. */
import { Option } from 'commander';
import type { Command } from 'commander';
import { preparing } from './early-interrupts.ts';
import type { Frame } from './frame.ts';
import type { RehearseOptions } from './rehearsal.ts';

export function register(program: Command, frame: Frame): void {
  program
    .command('rehearse')
    .description('Run a drill in the built-in lab: real processes, real Postgres, real DNS; no AWS account.')
    .argument('<file>', 'drill definition')
    .option('--json', 'print the run record as one JSON document on stdout')
    .option('--ask', 'ask for approvals instead of granting them (answer with "firedrill approve ID")')
    .option('--keep-lab', 'leave the lab up afterwards, to look around in it')
    .option('--values <sets>', 'value sets to lay over lab, like checkout')
    .addOption(
      new Option('--profile <profile>', 'fast: AWS durations / 60, at most 3 s; realistic: AWS durations')
        .choices(['fast', 'realistic'])
        .default('fast'),
    )
    .addHelpText(
      'after',
      `
The drill needs a value set "lab". Every rehearsal has a lab of its own, which
goes down with it: "firedrill lab" is about another one. Ctrl-C aborts and
undoes; once more leaves everything as it is, and it goes with the lab.
Exit codes: 0 pass, 1 fail, 2 unusable input, 3 inconclusive, 4 aborted,
5 undo incomplete.

Example:
  firedrill rehearse drills/regional-failover.yaml
  firedrill rehearse drills/regional-failover.yaml --json | jq .recovery.measured`,
    )
    .action((file: string, options: RehearseOptions) =>
      preparing(frame, async (early) => {
        const { rehearse } = await early.unlessStopped(import('./rehearsal.ts'));
        await rehearse(frame, file, options, early);
      }),
    );
}
