/** `firedrill plan`: what a drill would touch, in which order, and how it would be taken back. Changes nothing. */
import type { Command } from 'commander';
import type { Frame } from './frame.ts';

export function register(program: Command, frame: Frame): void {
  program
    .command('plan')
    .description('Resolve the targets for real and show every step, its undo and its permissions. Changes nothing.')
    .argument('<file>', 'drill definition')
    .option('--values <sets>', 'value sets to use, laid over each other, like prod,checkout')
    .option('--json', 'print the plan as one JSON document on stdout')
    .addHelpText(
      'after',
      `
Asks AWS with the credentials of the standard environment, and only reads. Which
permissions that and the run itself need: firedrill iam-policy <file>.
Exit codes: 0 it could be run, 2 it would be refused (or the file can't be
used), 3 a target is not there.

Example:
  AWS_PROFILE=drills firedrill plan drills/regional-failover.yaml --values prod`,
    )
    .action(async (file: string, { values, json = false }: { values?: string; json?: boolean }) => {
      const [{ showPlan }, { readDrill }] = await Promise.all([import('./plan-show.ts'), import('./drill-file.ts')]);
      const drill = await readDrill(frame, file, { purpose: 'run', values });
      await showPlan(frame, drill, json);
    });
}
