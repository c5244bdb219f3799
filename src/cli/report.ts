/** `firedrill report`: one run, or several, in the format that is wanted. */
import { Option } from 'commander';
import type { Command } from 'commander';
import { parseCount } from './arguments.ts';
import type { Frame } from './frame.ts';
import { formats } from './report-formats.ts';
import type { Wanted } from './report-formats.ts';

export function register(program: Command, frame: Frame): void {
  program
    .command('report')
    .description('Write the report of one run, or of several.')
    .argument('[runs...]', 'ids of runs; default: the newest that is over')
    .addOption(new Option('--format <format>', 'what to write').choices(formats).default('text'))
    .option('--last <n>', 'the newest runs that are over, this many', parseCount)
    .option('--out <path>', 'file to write; default: stdout')
    .addOption(new Option('--json', 'the same as --format json').conflicts('format'))
    .addHelpText(
      'after',
      '\nExit codes: 0 written, whatever the verdict; 1 no PDF could be made, 2 there is\n' +
        'no such run, or the file can not be written.\n\nExample:\n  firedrill report --format html --out failover.html\n  firedrill report --last 20 --format md',
    )
    .action(async (runIds: string[], { json, ...wanted }: Wanted & { json?: boolean }) => {
      const { writeReport } = await import('./report-write.ts');
      await writeReport(frame, runIds, json ? { ...wanted, format: 'json' } : wanted);
    });
}
