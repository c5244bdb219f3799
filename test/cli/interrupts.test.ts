/** Signals while a run is on: what each makes of the run, and what a second one does. */
import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import { errorDocument, explain } from '../../src/cli/explain.ts';
import { catchInterrupts } from '../../src/cli/interrupts.ts';
import type { Inbox, InboxMessage } from '../../src/domain/ports.ts';

function caught(post?: Inbox['post'], rehearsal = false) {
  const on = new EventEmitter();
  const posted: InboxMessage[] = [];
  const exits: number[] = [];
  const documents: unknown[] = [];
  let said = '';
  const inbox = {
    post: post ?? ((_run: string, message: InboxMessage) => Promise.resolve(posted.push(message))),
    read: () => Promise.resolve([]),
  };
  const say = (text: string): void => void (said += `${text}\n`);
  const leave = (why: unknown): void => {
    exits.push(explain(why).code);
    documents.push(JSON.parse(errorDocument(why)));
  };
  const interrupts = catchInterrupts({ say, leave }, { inbox }, 'r1', { on, rehearsal });
  return {
    send: (signal: NodeJS.Signals) => on.emit(signal, signal),
    posted,
    exits,
    documents,
    said: () => said,
    on,
    interrupts,
  };
}

it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s aborts the run, which undoes it', (signal) => {
  const { send, posted, exits } = caught();
  send(signal);
  expect(posted).toEqual([{ kind: 'abort', by: expect.any(String), reason: expect.stringContaining(signal) }]);
  expect(exits).toEqual([]);
});

it('a second Ctrl-C leaves the run as it is, and says how to take it back', () => {
  const { send, posted, exits, documents, said } = caught();
  send('SIGINT');
  send('SIGINT');
  expect(posted).toHaveLength(1);
  expect(exits).toEqual([5]);
  expect(said()).toContain('firedrill undo r1');
  const remedy = 'Take the run back with "firedrill undo r1", or finish it with "firedrill resume r1".';
  const message = 'run r1 was left before its end, and is not undone';
  expect(documents).toEqual([{ error: { code: 'run-left', runId: 'r1', message, remedy } }]);
});

it('a second Ctrl-C leaves a rehearsal, of which nothing is left to undo', () => {
  const { send, exits, documents, said } = caught(undefined, true);
  send('SIGINT');
  send('SIGINT');
  expect(exits).toEqual([4]);
  expect(said()).toMatch(/left rehearsal r1[^]*nothing to undo/);
  expect(said()).not.toContain('firedrill undo');
  const remedy = 'Its lab is gone, and with it everything that it did: there is nothing to undo.';
  const message = 'rehearsal r1 was left before its end';
  expect(documents).toEqual([{ error: { code: 'stopped', runId: 'r1', message, remedy } }]);
});

it('a terminal closes once, however often and beside whatever it says so', () => {
  const { send, posted, exits } = caught();
  send('SIGINT');
  send('SIGHUP');
  send('SIGHUP');
  expect(posted).toHaveLength(1);
  expect(exits).toEqual([]);
});

it('an abort that could not be written down can be asked for again', async () => {
  let tries = 0;
  const { send, exits, said } = caught(() => {
    tries += 1;
    return tries === 1 ? Promise.reject(new Error('disk full')) : Promise.resolve(1);
  });
  send('SIGINT');
  await expect.poll(said).toContain('nothing is aborted: Error: disk full');
  send('SIGINT');
  expect({ tries, exits }).toEqual({ tries: 2, exits: [] });
});

it('signals mean what they usually do once the run is over', () => {
  const { on, interrupts } = caught();
  interrupts.stop();
  expect(on.eventNames()).toEqual([]);
});
