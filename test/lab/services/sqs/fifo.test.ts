import { describe, expect, test } from 'vitest';
import { account } from '../support/lab-service.ts';
import { bodies, fifo, queue, receive, remove, seconds, send, sendTo, useSqs } from './sqs-lab.ts';

useSqs();

describe('FIFO', () => {
  test('keeps order within a group, and holds a group back while one of its messages is in flight', async () => {
    const url = await fifo('events');
    for (const body of ['1', '2', '3']) await sendTo(url, 'a', body);
    await sendTo(url, 'b', '1');
    const [a1] = await receive(url, { MaxNumberOfMessages: 1 });
    expect(a1).toMatchObject({ Body: '1', Attributes: { MessageGroupId: 'a' } });
    const [b1, ...none] = await receive(url);
    expect(b1).toMatchObject({ Body: '1', Attributes: { MessageGroupId: 'b' } });
    expect(none).toEqual([]);
    await remove(url, a1?.ReceiptHandle);
    expect(await bodies(url)).toEqual(['2', '3']);
  });

  test('an abandoned message comes again before its successors', async () => {
    const url = await fifo('events');
    for (const body of ['1', '2']) await sendTo(url, 'a', body);
    expect(await bodies(url, { MaxNumberOfMessages: 1 })).toEqual(['1']);
    seconds(30);
    expect(await bodies(url)).toEqual(['1', '2']);
  });

  test('drops what was sent twice within five minutes, even after the first was deleted', async () => {
    const url = await fifo('events');
    const first = await sendTo(url, 'a', 'x', 'run:1');
    const [message] = await receive(url);
    await remove(url, message?.ReceiptHandle);
    seconds(299);
    const again = await sendTo(url, 'a', 'x', 'run:1');
    expect(again).toMatchObject({ MessageId: first.MessageId, SequenceNumber: first.SequenceNumber });
    expect(await receive(url)).toEqual([]);
    seconds(1);
    await sendTo(url, 'a', 'x', 'run:1');
    expect(await bodies(url)).toEqual(['x']);
  });

  test('deduplicates by content where the queue says so, and per group where it says that', async () => {
    const url = await fifo('events', { ContentBasedDeduplication: 'true', DeduplicationScope: 'messageGroup' });
    for (const MessageGroupId of ['a', 'a', 'b']) await send(url, 'same', { MessageGroupId });
    expect(await bodies(url)).toEqual(['same', 'same']);
  });

  test('numbers its messages in order', async () => {
    const url = await fifo('events');
    const sent = [await sendTo(url, 'a', '1'), await sendTo(url, 'b', '2')];
    const [first = '', second = ''] = sent.map(({ SequenceNumber }) => SequenceNumber);
    expect(first).toMatch(/^\d{20}$/);
    expect(second > first).toBe(true);
  });

  test('refuses a receipt whose time has passed', async () => {
    const url = await fifo('events');
    await sendTo(url, 'a', '1');
    const [message] = await receive(url);
    seconds(30);
    await expect(remove(url, message?.ReceiptHandle)).rejects.toMatchObject({
      name: 'InvalidParameterValue',
      message: expect.stringContaining('The receipt handle has expired') as string,
    });
  });

  test.each([
    ['without a group', { MessageDeduplicationId: 'd' }, 'MissingParameter'],
    ['without a deduplication id', { MessageGroupId: 'g' }, 'InvalidParameterValue'],
    [
      'with a delay of its own',
      { MessageGroupId: 'g', MessageDeduplicationId: 'd', DelaySeconds: 1 },
      'InvalidParameterValue',
    ],
  ])('refuses messages %s', async (_what, more, name) => {
    const url = await fifo('events');
    await expect(send(url, 'x', more)).rejects.toMatchObject({ name });
  });
});

describe('dead letters', () => {
  const redrive = (target: string) => ({
    RedrivePolicy: JSON.stringify({
      deadLetterTargetArn: `arn:aws:sqs:eu-central-1:${account}:${target}`,
      maxReceiveCount: '2',
    }),
  });

  test('move after the last allowed reception, and keep their date', async () => {
    const dead = await queue('dead', { MessageRetentionPeriod: '100' });
    const url = await queue('events', redrive('dead'));
    await send(url, 'poison');
    for (const count of ['1', '2']) {
      expect((await receive(url))[0]?.Attributes).toMatchObject({ ApproximateReceiveCount: count });
      seconds(30);
    }
    expect(await receive(url)).toEqual([]);
    const [letter] = await receive(dead);
    expect(letter).toMatchObject({
      Body: 'poison',
      Attributes: {
        DeadLetterQueueSourceArn: `arn:aws:sqs:eu-central-1:${account}:events`,
        SentTimestamp: '1767225600000',
      },
    });
    seconds(40);
    expect(await receive(dead), 'its retention counts from the first queue').toEqual([]);
  });

  test('of a FIFO queue start a new retention, and let their group go on', async () => {
    const dead = await fifo('dead', { MessageRetentionPeriod: '100' });
    const url = await fifo('events', redrive('dead.fifo'));
    for (const body of ['poison', 'next']) await sendTo(url, 'a', body);
    for (let i = 0; i < 2; i += 1) {
      await receive(url, { MaxNumberOfMessages: 1 });
      seconds(30);
    }
    expect(await bodies(url)).toEqual(['next']);
    seconds(60);
    expect(await bodies(dead)).toEqual(['poison']);
  });

  test('go to a queue of the same type that exists', async () => {
    await fifo('dead');
    const refused = { name: 'InvalidParameterValue' };
    await expect(queue('events', redrive('absent'))).rejects.toMatchObject(refused);
    await expect(queue('events', redrive('dead.fifo'))).rejects.toMatchObject({
      ...refused,
      message: expect.stringContaining('must be same type of queue as the source') as string,
    });
    await expect(queue('events', { RedrivePolicy: '{}' })).rejects.toMatchObject({ name: 'InvalidAttributeValue' });
  });
});
