/** `firedrill resume` and `undo`: carry on, or take back, a run whose process is gone or hangs. */
import type { Command } from 'commander';
import { preparing, runUntouched } from './early-interrupts.ts';
import type { Frame } from './frame.ts';

export function register(program: Command, frame: Frame): void {
  const both = [
    {
      name: 'resume',
      does: 'Carry a run on whose process is gone or hangs, from where its log ends.',
      undo: false,
      more: resumeNotes,
    },
    {
      name: 'undo',
      does: 'Take back a run whose process is gone or hangs, or what a finished one could not undo; after a promotion it rolls forward.',
      undo: true,
      more: undoNotes,
    },
  ];
  for (const { name, does, undo, more } of both) {
    program
      .command(name)
      .description(does)
      .argument('<run>', 'id of the run')
      .option('--json', 'print the run record as one JSON document on stdout')
      .addHelpText('after', `\n${more}\n\nExample:\n  firedrill ${name} r20260131-142501-k3x9`)
      .action((runId: string, { json = false }: { json?: boolean }) =>
        preparing(
          frame,
          async (early) => {
            const { carryOn } = await early.unlessStopped(import('./carry-on.ts'));
            await carryOn(frame, runId, { json, undo }, early);
          },
          { untouched: runUntouched(runId) },
        ),
      );
  }
}

const where = `With the environment in which it began: the same credentials, and in a lab
eval "$(firedrill lab env)".`;

const resumeNotes = `${where}
Exit codes: those of run. Of a run that is over: that with which it ended.`;

const undoNotes = `${where}
Of a run that a process drives: firedrill abort <run>.
Exit codes: those of run. Of a run that is over: 0 nothing is left, 5 a person
is still needed, and what for is printed.`;
