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
    .addHelpText(
      'after',
      `
Below a run that waits for somebody stands why, and the command for it.
Exit codes: 0 listed, whatever their verdicts; 2 the store can't be used.

Example:
  firedrill runs --limit 5
  firedrill runs --json | jq '.[] | select(.exitCode == 5) | .runId'
  firedrill runs show r20260131-142501-k3x9`,
    )
    .allowExcessArguments()
    .action(async ({ json = false, limit }: { json?: boolean; limit: number }, { args }: Command) => {
      if (args.length > 0) throw listsOnly(args);
      const { listRuns } = await import('./runs-list.ts');
      await listRuns(frame, { json, limit });
    });
  runs
    .command('show')
    .description(
      'Tell the story of one run: what happened when, what came of it, what it made, where its report is. Of a run that is still ' +
        'on, also where it stands.',
    )
    .argument('<run>', 'id of the run')
    .option('--json', 'print the run record as one JSON document on stdout; of a run that is still on, how it stands')
    .option('--log', 'print the log instead, every event with its hashes and what stood there before, as JSON')
    .addHelpText(
      'after',
      `
Exit codes: 0 shown, whatever its verdict; 2 there is no such run.

Example:
  firedrill runs show r20260131-142501-k3x9
  firedrill runs show r20260131-142501-k3x9 --json | jq .verdict`,
    )
    .action(async (runId: string, { log }: { log?: boolean }, command: Command) => {
      const { showRun } = await import('./runs-show.ts');
      await showRun(frame, runId, { log, json: Boolean(command.optsWithGlobals()['json']) });
    });
}

const listsOnly = (args: readonly string[]): UsageError =>
  new UsageError('runs-lists', '"firedrill runs" lists runs and takes no name', {
    found: args.join(' '),
    remedy: `Show one run with "firedrill runs show ${args[0]}".`,
  });
