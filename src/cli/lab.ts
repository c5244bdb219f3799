/** `firedrill lab`: the built-in rehearsal cloud on its own. */
import { Option } from 'commander';
import type { Command } from 'commander';
import type { Frame } from './frame.ts';
import type { LabDownOptions, LabUpOptions } from './lab-options.ts';

export function register(program: Command, frame: Frame): void {
  const lab = program
    .command('lab')
    .description(
      'Work with the built-in rehearsal cloud on its own: AWS-shaped local endpoints, real processes behind them.',
    )
    .addHelpText(
      'after',
      '\nExample:\n  firedrill lab up\n  eval "$(firedrill lab env)"\n  aws rds describe-db-instances\n  firedrill lab down',
    );
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
    .addHelpText('after', '\nExample:\n  firedrill lab up --profile realistic')
    .action(async (options: LabUpOptions) => (await import('./lab-control.ts')).labUp(frame, options));
  lab
    .command('down')
    .description('End the lab and everything in it. Refused while a run may stand on it.')
    .option('--force', 'end it under runs, too')
    .option('--json', 'print one JSON document on stdout')
    .addHelpText('after', '\nExample:\n  firedrill lab down')
    .action(async (options: LabDownOptions) => (await import('./lab-control.ts')).labDown(frame, options));
  lab
    .command('status')
    .description('Say whether a lab is up, and where.')
    .option('--json', 'print one JSON document on stdout')
    .addHelpText('after', '\nExample:\n  firedrill lab status --json | jq -r .awsEndpoint')
    .action(async ({ json = false }: { json?: boolean }) => (await import('./lab-control.ts')).labStatus(frame, json));
  lab
    .command('env')
    .description('Print shell lines that point any AWS client at the lab.')
    .option('--json', 'print { env, unset } as one JSON document on stdout')
    .addHelpText('after', '\nExample:\n  eval "$(firedrill lab env)"')
    .action(async ({ json = false }: { json?: boolean }) => (await import('./lab-control.ts')).labEnv(frame, json));
}
