/** From the log of a run to a queue behind a real endpoint, as commands put it together. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { countEvents, openPublisher, openQueue } from '../../src/app/publishing.ts';
import type { QueuePlace } from '../../src/app/publishing.ts';
import type { CloudEvent } from '../../src/publish/story.ts';
import { tail } from '../../src/publish/tail.ts';
import { active, openTestLab } from '../actions/support/lab.ts';
import type { TestLab } from '../actions/support/lab.ts';
import { begin, finishedRun, openTestApp, planFor } from './support/app.ts';
import type { TestApp } from './support/app.ts';

let lab: TestLab;
let test: TestApp;
let queues = 0;

beforeAll(async () => {
  [lab, test] = await Promise.all([openTestLab(() => Promise.resolve()), openTestApp()]);
});
afterAll(() => Promise.all([lab.close(), test.close()]));

async function newQueue(): Promise<QueuePlace> {
  const { QueueUrl } = await lab.aws.in(active).sqs.createQueue({
    QueueName: `events-${(queues += 1)}.fifo`,
    // In the lab's fast time a slow machine takes longer than the default.
    Attributes: { FifoQueue: 'true', VisibilityTimeout: '43200' },
  });
  return { url: QueueUrl!, env: { ...lab.env, AWS_REGION: active.region } };
}

async function received(place: QueuePlace): Promise<CloudEvent[]> {
  const { queue, close } = openQueue(test.app, place);
  const events: CloudEvent[] = [];
  await tail({
    queue,
    signal: new AbortController().signal,
    untilEmpty: true,
    onEvent: (event) => void events.push(event),
    onForeign: () => expect.unreachable(),
    onTrouble: (error) => expect.unreachable(String(error)),
  });
  close();
  return events;
}

describe('step events', () => {
  it('are all on the queue, in order, when the command ends', async () => {
    const place = await newQueue();
    const publisher = await openPublisher(test.app, place);
    await publisher.enrol('r1');
    await finishedRun(test.app, 'r1');
    expect(await publisher.drain(60_000)).toBe(true);
    await publisher.close();
    const events = await received(place);
    const log = await test.app.log.read('r1');
    expect(events.map(({ data }) => [data.seq, data.hash])).toEqual(log.map(({ seq, hash }) => [seq, hash]));
    expect(events[0]!.type).toBe('firedrill.run.started');
    expect(await countEvents(test.app, 'r1')).toEqual({ published: log.length, pending: 0 });
  });

  it('of a command that was killed are sent by the next one', async () => {
    const place = await newQueue();
    const killed = await openPublisher(test.app, {
      ...place,
      env: { ...place.env, AWS_ENDPOINT_URL: 'http://127.0.0.1:9' },
    });
    await killed.enrol('r2');
    await begin(test.app, planFor('r2'));
    await killed.close();
    expect(await countEvents(test.app, 'r2')).toEqual({ published: 0, pending: 1 });
    const next = await openPublisher(test.app, place);
    await expect.poll(() => countEvents(test.app, 'r2')).toEqual({ published: 1, pending: 0 });
    await next.close();
    expect(await received(place)).toHaveLength(1);
  });

  it.each(['events', 'https://queue.example', 'https://sqs.eu-west-1.amazonaws.com/events.fifo'])(
    'go to no queue that can be none: %s',
    async (url) => {
      const opened = openPublisher(test.app, { url, env: { AWS_REGION: active.region } });
      await expect(opened).rejects.toMatchObject({ name: 'UsageError', code: 'queue-url' });
    },
  );

  it('wait for nothing where there is no queue', async () => {
    const publisher = await openPublisher(test.app, undefined);
    await publisher.enrol('r3');
    await finishedRun(test.app, 'r3');
    expect(await publisher.drain(0)).toBe(true);
    await publisher.close();
    expect(await countEvents(test.app, 'r3')).toEqual({ published: 0, pending: 0 });
  });
});
