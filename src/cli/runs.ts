/** `firedrill runs` and `runs show`: what has run, newest first; one run in full. */
import type { Command } from 'commander';
import { UsageError } from '../domain/errors.ts';
import { parseCount } from './arguments.ts';
import type { Frame } from './frame.ts';

export function register(program: Command, frame: Frame): void {
  const runs = program
    .command('runs')
    .description('List what has run, newest first.')
    .option('--json', 'print one JSON document on stdout')
    .option('--limit <n>', 'how many at the most', parseCount, 20)
    .addHelpText('after', '\nExample:\n  firedrill runs --limit 5\n  firedrill runs show r20260131-142501-k3x9')
    .allowExcessArguments()
    .action(async ({ json = false, limit }: { json?: boolean; limit: number }, { args }: Command) => {
      if (args.length > 0) throw listsOnly(args);
      const { listRuns } = await import('./runs-list.ts');
      await listRuns(frame, { json, limit });
    });
  runs
    .command('show')
    .description('Show one run in full; of a run that is still on, where it stands.')
    .argument('<run>', 'id of the run')
    .option('--json', 'print the run record as one JSON document on stdout')
    .addHelpText('after', '\nExample:\n  firedrill runs show r20260131-142501-k3x9 --json')
    .action(async (runId: string, _options: unknown, command: Command) => {
      const { showRun } = await import('./runs-list.ts');
      await showRun(frame, runId, Boolean(command.optsWithGlobals()['json']));
    });
}

const listsOnly = (args: readonly string[]): UsageError =>
  new UsageError('runs-lists', '"firedrill runs" lists runs and takes no name', {
    found: args.join(' '),
    remedy: `Show one run with "firedrill runs show ${args[0]}".`,
  });
