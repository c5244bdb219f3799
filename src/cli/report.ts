/** `firedrill report`: one run, or several, in the format that is wanted. */
import { Option } from 'commander';
import type { Command } from 'commander';
import type { Frame } from './frame.ts';
import { formats } from './report-formats.ts';
import type { Format } from './report-formats.ts';

export function register(program: Command, frame: Frame): void {
  program
    .command('report')
    .description('Write the report of one run, or of several.')
    .argument('[runs...]', 'ids of runs; default: the newest')
    .addOption(new Option('--format <format>', 'what to write').choices(formats).default('text'))
    .option('--out <path>', 'file to write; default: stdout')
    .addHelpText('after', '\nExample:\n  firedrill report --format html --out failover.html')
    .action(async (runIds: string[], { format, out }: { format: Format; out?: string }) => {
      const { writeReport } = await import('./report-write.ts');
      await writeReport(frame, runIds, { format, out });
    });
}
