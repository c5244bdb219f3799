/** `firedrill events tail`: consumes the event queue. */
import type { Command } from 'commander';
import type { Frame } from './frame.ts';
import { refuseUnknown } from './unknown-command.ts';

export function register(program: Command, frame: Frame): void {
  const events = program
    .command('events')
    .description('Work with the queue of step events.')
    .addHelpText('after', '\nExample:\n  firedrill events tail');
  refuseUnknown(events);
  events
    .command('tail')
    .description('Print step events as they come, and delete each after printing.')
    .option('--queue <url>', 'URL of the SQS queue; default: FIREDRILL_EVENTS_QUEUE_URL')
    .option('--json', 'print whole CloudEvents on stdout, one JSON document a line')
    .option('--until-empty', 'leave when the queue is empty')
    .addHelpText(
      'after',
      `
Runs publish there when FIREDRILL_EVENTS_QUEUE_URL is set. Other consumers of
the queue don't get what is deleted here: to look on, firedrill runs show <run>.
Exit codes: 0 left by Ctrl-C, or the queue was empty; 2 it can't be read.

Example:
  firedrill events tail --queue https://sqs.eu-west-1.amazonaws.com/111122223333/firedrill.fifo
  firedrill events tail --json | jq -c '[.type, .subject, .data.outcome]'`,
    )
    .action(async (options: { queue?: string; json?: boolean; untilEmpty?: boolean }) => {
      const { tailEvents } = await import('./events-tail.ts');
      await tailEvents(frame, options);
    });
}
