/** What `events tail` does: long-polls, prints, deletes. */
import { createLogger } from '../app/app.ts';
import { openQueue } from '../app/publishing.ts';
import { settingsOf } from '../app/settings.ts';
import { UsageError, reportOf } from '../domain/errors.ts';
import { tail } from '../publish/tail.ts';
import { eventLines } from './event-line.ts';
import type { Frame } from './frame.ts';

export interface TailOptions {
  queue?: string;
  json?: boolean;
  untilEmpty?: boolean;
}

export async function tailEvents(frame: Frame, { queue: asked, json = false, untilEmpty }: TailOptions): Promise<void> {
  const settings = settingsOf(frame.env);
  const url = asked ?? settings.queueUrl;
  if (!url) {
    throw new UsageError('no-queue', 'which queue?', {
      expected: '--queue URL, or FIREDRILL_EVENTS_QUEUE_URL',
      remedy: 'Give the URL of the SQS FIFO queue that runs publish to.',
    });
  }
  const { queue, close } = openQueue({ logger: createLogger(settings) }, { url, env: frame.env });
  const linesOf = eventLines(frame.color);
  const stop = new AbortController();
  const onSignal = (): void => stop.abort();
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  try {
    await tail({
      queue,
      signal: stop.signal,
      untilEmpty,
      // What is not shown to anybody stays in the queue.
      async onEvent(event) {
        frame.out(json ? JSON.stringify(event) : linesOf(event).join('\n'));
        if (!(await frame.written())) throw new Unwritten();
      },
      onForeign: () => frame.err('a message that is no step event stays in the queue'),
      onTrouble: (error) => frame.err(`the queue can't be reached: ${reportOf(error).message}`),
    });
  } catch (error) {
    if (!(error instanceof Unwritten)) throw error;
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    close();
  }
}

/** Ends the consuming; the frame has said what there is to say. */
class Unwritten extends Error {}
