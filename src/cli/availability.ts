/** `firedrill availability`: the downtime of a design over a year, from given figures or from what drills measured. */
import type { Command } from 'commander';
import type { AvailabilityOptions } from './availability-show.ts';
import { collect } from './arguments.ts';
import type { Frame } from './frame.ts';

export function register(program: Command, frame: Frame): void {
  program
    .command('availability')
    .description('Work out what availability a design reaches, and whether it keeps a target.')
    .option('--failure <TIMESxRTO>', 'failures and the time to recover from each, like 4x70m or 2x20m@50%', collect)
    .option('--measured <TIMESxRUN>', 'failures that recover as run RUN did, like 2xRUN or 2xRUN@50%', collect)
    .option('--update <TIMESxDURATION>', 'updates that take the service down, like 6x4h', collect)
    .option('--drill <TIMESxDURATION>', 'what the drills themselves cost, like 12x5s', collect)
    .option('--target <percent>', 'availability to keep, like 99.9')
    .option('--period <duration>', 'period that the counts are for', '365d')
    .option('--json', 'print one JSON document on stdout')
    .addHelpText(
      'after',
      `
A share after @ is the share of users that are hit. Percentages are cut, never
rounded up.
Exit codes: 0 worked out, 1 the target is missed, 2 the figures can't be used.

Examples:
  firedrill availability --failure 4x70m --update 6x4h --target 99      # one instance, restored from a dump
  firedrill availability --failure 2x60m --update 10x15m --target 99.9  # one region, three zones
  firedrill availability --failure 2x20m --target 99.99                 # two regions
  firedrill availability --measured 2xRUN_ID --drill 12x5s --target 99.99`,
    )
    .action(async (options: AvailabilityOptions) => {
      const { showAvailability } = await import('./availability-show.ts');
      await showAvailability(frame, options);
    });
}
