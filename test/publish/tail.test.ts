import { describe, expect, it } from 'vitest';
import { messageOf } from '../../src/publish/message.ts';
import { Story } from '../../src/publish/story.ts';
import { tail } from '../../src/publish/tail.ts';
import { FifoQueue } from './fifo-queue.ts';
import { logOf, plan } from './logs.ts';

const messagesOf = (runId: string, count: number) => {
  const story = new Story();
  const claims = Array.from({ length: count - 1 }, (_, n) => ({
    type: 'run.claimed' as const,
    owner: 'a',
    attempt: n,
  }));
  const started = { type: 'run.started' as const, plan, startedBy: 'ada', toolVersion: '1' };
  return logOf(runId, [started, ...claims]).map((entry) => messageOf(story.tell(entry)));
};

const never = new AbortController().signal;

describe('the consumer', () => {
  it('waits for events, hands each on, then deletes it', async () => {
    const queue = new FifoQueue();
    const stop = new AbortController();
    const seen: [number, number][] = [];
    const done = tail({
      queue,
      signal: stop.signal,
      onEvent: ({ data: { seq } }) => {
        seen.push([seq, queue.length]);
        if (seq < 3) setImmediate(() => queue.put(messagesOf('r1', 3)[seq]!));
        else stop.abort();
      },
    });
    queue.put(messagesOf('r1', 1)[0]!);
    await done;
    expect(seen).toEqual([
      [1, 1],
      [2, 1],
      [3, 1],
    ]);
    expect(queue.length).toBe(0);
  });

  it('hands on once what was sent twice after deduplication had forgotten it', async () => {
    const queue = new FifoQueue();
    const [one, two, three] = messagesOf('r1', 3) as [never, never, never];
    for (const message of [one, two, one, two, three, ...messagesOf('r2', 2)]) queue.put(message);
    const seen: string[] = [];
    await tail({ queue, signal: never, untilEmpty: true, onEvent: ({ id }) => void seen.push(id) });
    expect(seen.sort()).toEqual(['r1:1', 'r1:2', 'r1:3', 'r2:1', 'r2:2']);
    expect(queue.length).toBe(0);
  });

  it('leaves an event in the queue that could not be handled', async () => {
    const queue = new FifoQueue();
    queue.put(messagesOf('r1', 1)[0]!);
    const broken = tail({
      queue,
      signal: never,
      onEvent: () => {
        throw new Error('the pipe is closed');
      },
    });
    await expect(broken).rejects.toThrow('the pipe is closed');
    expect(queue.length).toBe(1);
  });

  it('shows the messages of others and leaves them', async () => {
    const queue = new FifoQueue();
    queue.put({ body: 'hello', groupId: 'other', deduplicationId: 'x' });
    queue.put(messagesOf('r1', 1)[0]!);
    const foreign: string[] = [];
    await tail({ queue, signal: never, untilEmpty: true, onEvent: () => {}, onForeign: (body) => foreign.push(body) });
    expect(foreign).toEqual(['hello']);
    expect(queue.length).toBe(1);
  });

  it('goes on after an outage, but gives up at once on a queue that it never reached', async () => {
    const queue = new FifoQueue();
    queue.down = true;
    await expect(tail({ queue, signal: never, onEvent: () => {} })).rejects.toThrow('ServiceUnavailable');
    queue.down = false;
    queue.fates.push(undefined, undefined, 'refused');
    const stop = new AbortController();
    const troubles: unknown[] = [];
    for (const message of messagesOf('r1', 1)) queue.put(message);
    await tail({
      queue,
      signal: stop.signal,
      onTrouble: (error) => {
        troubles.push(error);
        queue.put(messagesOf('r1', 2)[1]!);
      },
      onEvent: ({ data: { seq } }) => {
        if (seq === 2) stop.abort();
      },
    });
    expect(troubles).toHaveLength(1);
  });
});
