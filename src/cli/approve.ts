/** `firedrill approve` and `abort`: decisions of people on a run that is on. */
import type { Command } from 'commander';
import { preparing, runUntouched } from './early-interrupts.ts';
import type { AbortOptions, ApproveOptions } from './decide.ts';
import type { Frame } from './frame.ts';

export function register(program: Command, frame: Frame): void {
  program
    .command('approve')
    .description('Approve the step that a run waits for.')
    .argument('<run>', 'id of the run')
    .option('--step <id>', 'which approval, when several wait')
    .option('--as <name>', 'in whose name; default: your login')
    .option('--comment <text>', 'why')
    .option('--refuse', 'refuse instead: the run is aborted and undone')
    .option('--json', 'print one JSON document on stdout')
    .addHelpText(
      'after',
      `
"firedrill runs" shows which runs wait for an answer. Where two people must
approve, neither of them may have started the run.
Exit codes: 0 written down, 2 the run waits for no such approval, or is over,
4 Ctrl-C before it was written down.

Example:
  firedrill approve r20260131-142501-k3x9 --comment "traffic is low"
  firedrill approve r20260131-142501-k3x9 --refuse --comment "sale is on"`,
    )
    .action((runId: string, options: ApproveOptions) =>
      preparing(
        frame,
        async (early) => {
          const { approve } = await early.unlessStopped(import('./decide.ts'));
          await approve(frame, runId, options, early);
        },
        { untouched: runUntouched(runId) },
      ),
    );
  program
    .command('abort')
    .description('Abort a run: it undoes; after a promotion it rolls forward, because going back would lose data.')
    .argument('<run>', 'id of the run')
    .option('--reason <text>', 'why')
    .option('--json', 'print one JSON document on stdout')
    .addHelpText(
      'after',
      `
The process that drives the run hears of it and undoes; this command doesn't
wait for that. Of a run whose process is gone: firedrill undo <run>.
Exit codes: 0 asked for, 2 there is no such run, or it is over, 4 Ctrl-C before
it was asked for.

Example:
  firedrill abort r20260131-142501-k3x9 --reason "customers complain"`,
    )
    .action((runId: string, options: AbortOptions) =>
      preparing(
        frame,
        async (early) => {
          const { abort } = await early.unlessStopped(import('./decide.ts'));
          await abort(frame, runId, options, early);
        },
        { untouched: runUntouched(runId) },
      ),
    );
}
