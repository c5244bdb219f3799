/** `firedrill lab`: the built-in rehearsal cloud on its own. */
import { Option } from 'commander';
import type { Command } from 'commander';
import { preparing } from './early-interrupts.ts';
import type { Frame } from './frame.ts';
import type { LabDownOptions, LabUpOptions } from './lab-options.ts';
import { refuseUnknown } from './unknown-command.ts';

export function register(program: Command, frame: Frame): void {
  const lab = program
    .command('lab')
    .description(
      'Work with the built-in rehearsal cloud on its own: AWS-shaped local endpoints, real processes behind them.',
    )
    .addHelpText(
      'after',
      `
A home (FIREDRILL_HOME) has one such lab at a time; another one beside it needs
another home. Rehearsals have a lab of their own and don't touch it.

Example:
  firedrill lab up
  eval "$(firedrill lab env)"
  aws rds describe-db-instances
  firedrill run drills/regional-failover.yaml --values lab
  firedrill lab down`,
    );
  refuseUnknown(lab);
  lab
    .command('up')
    .description('Start the lab; it stays until "lab down".')
    .addOption(
      new Option('--estate <estate>', 'what stands in it')
        .choices(['multi-region', 'single-instance'])
        .default('multi-region'),
    )
    .addOption(new Option('--profile <profile>', 'how long things take').choices(['fast', 'realistic']).default('fast'))
    .option('--json', 'print { awsEndpoint, dns, url, env } as one JSON document on stdout')
    .addHelpText(
      'after',
      `
multi-region: a shop in two regions, with a replica, load balancers, DNS and an
alarm. single-instance: one machine with a database, and its backups.
fast: AWS durations / 60, at most 3 s. realistic: AWS durations.
Exit codes: 0 it is up, 2 one is up already, 3 it did not come up, 4 Ctrl-C.

Example:
  firedrill lab up --profile realistic
  FIREDRILL_HOME=/tmp/lab2 firedrill lab up    # a second one, beside the first`,
    )
    .action((options: LabUpOptions) =>
      preparing(frame, async (early) => {
        const { labUp } = await early.unlessStopped(import('./lab-control.ts'));
        await labUp(frame, options, early);
      }),
    );
  lab
    .command('down')
    .description('End the lab of this FIREDRILL_HOME and everything in it. Refused while a run on it is on.')
    .option('--force', 'end it also under a run that is on; that run then fails')
    .option('--json', 'print one JSON document on stdout')
    .addHelpText(
      'after',
      `
What runs did in the lab is gone with it. A run that was left in the middle
there is ended in its record, as aborted: nothing of it is left to undo.
Exit codes: 0 no lab is up (any more), 1 it doesn't end, 2 a run on it is on.

Example:
  firedrill lab down
  FIREDRILL_HOME=/tmp/lab2 firedrill lab down    # the one of another home`,
    )
    .action(async (options: LabDownOptions) => (await import('./lab-control.ts')).labDown(frame, options));
  lab
    .command('status')
    .description('Say whether the lab of this FIREDRILL_HOME is up, where, and since when.')
    .option('--json', 'print one JSON document on stdout')
    .addHelpText(
      'after',
      `
Exit codes: 0 said, whether one is up or not; "up" of --json tells.

Example:
  firedrill lab status
  firedrill lab status --json | jq -r .awsEndpoint`,
    )
    .action(async ({ json = false }: { json?: boolean }) => (await import('./lab-control.ts')).labStatus(frame, json));
  lab
    .command('env')
    .description('Print shell lines that point any AWS client at the lab.')
    .option('--json', 'print { env, unset } as one JSON document on stdout')
    .addHelpText(
      'after',
      `
Also unsets what would lead past the lab, like AWS_PROFILE.
Exit codes: 0 printed, 2 no lab is up.

Example:
  eval "$(firedrill lab env)"`,
    )
    .action(async ({ json = false }: { json?: boolean }) => (await import('./lab-control.ts')).labEnv(frame, json));
}
